"""Who makes a model whose name says so, where a file names no provider.

It must never decide untold: a reader notes that the provider was not named.
"""

from __future__ import annotations

_STARTS = (
    *(("openai", start) for start in ("gpt-", "chatgpt-", "o1", "o3", "o4")),
    ("anthropic", "claude"),
    ("gemini", "gemini"),
)


def maker_of(model: str) -> str:
    """The maker of a model by the beginning of its name, empty where it does not say."""
    return next((maker for maker, start in _STARTS if model.lower().startswith(start)), "")
