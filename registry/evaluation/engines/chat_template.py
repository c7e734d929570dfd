"""Messages to the text a model was trained on: the code that a service's guardrails ask with, under the engines' own name.

It must never differ from what a service runs.
"""

from __future__ import annotations

from serve.guard_ml.chat_template import (
    ChatTemplate,
    Segment,
    TemplateProblem,
    read_chat_template,
    read_json,
    token_text,
)

__all__ = ["ChatTemplate", "Segment", "TemplateProblem", "read_chat_template", "read_json", "token_text"]
