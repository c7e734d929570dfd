"""One rendered prompt to each provider's real request body.

- ``table``             the one table of providers: which body, which parameters, which schemas
- ``openai``            chat completions, for OpenAI and for servers that speak its language
- ``openai_responses``  OpenAI's responses
- ``anthropic``         Anthropic's messages
- ``gemini``            Gemini's generateContent
- ``bedrock``           Amazon Bedrock's Converse
- ``structured``        what structured output can enforce of a JSON Schema
- ``media``             images and files by URL
- ``call``              what every body is made of, and what several providers demand alike

It must never drop what it cannot say: an unsupported parameter, part or order is an error.
"""

from serve.core.payloads.bedrock import wire
from serve.core.payloads.call import Call
from serve.core.payloads.table import (
    BODIES,
    CTRANSLATE2_PARAMETERS,
    NATIVE,
    PARAMETERS,
    SCHEMA_RULES,
    USER_FIRST,
)

__all__ = [
    "BODIES",
    "CTRANSLATE2_PARAMETERS",
    "NATIVE",
    "PARAMETERS",
    "SCHEMA_RULES",
    "USER_FIRST",
    "Call",
    "wire",
]
