"""Text to tokens: the code that a service's guardrails read their models with, under the engines' own name.

It must never differ from what a service runs.
"""

from __future__ import annotations

from serve.guard_ml.tokens import PromptTokenizer, Tokens

__all__ = ["PromptTokenizer", "Tokens"]
