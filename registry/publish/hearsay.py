"""Words that nobody signed, made fit to be shown and kept.

Services, servers and whoever may write to a store say them; they end up on a terminal, and in signed reasons.
It must never let through what could steer a terminal, nor anything at any length.
"""

from __future__ import annotations


def plain(text: str, most: int = 100) -> str:
    """A text without control characters, cut to ``most`` characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:most])
