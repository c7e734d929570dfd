"""How long a match of an RE2 pattern can become, read off the pattern itself.

A stream is held back by that much and no more, so the figure has to be right for every pattern.
It must never guess low: what it does not know counts as unbounded.

Source: RE2 syntax, https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

from functools import lru_cache

import re2

_QUANTIFIER = re2.compile(r"^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
_GROUP_HEAD = re2.compile(r"^\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:))?")
_FLAGS = re2.compile(r"^\(\?[a-zA-Z-]+\)")
_CLASS = re2.compile(r"^\[\^?\]?(?:\\(?s:.)|\[:\^?[a-z]+:\]|[^\]\\])*\]")
_ESCAPE = re2.compile(r"^\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[0-9a-fA-F]+\}|[0-9a-fA-F]{2})|[0-7]{1,3}|(?s:.))")
_UNBOUNDED = float("inf")


@lru_cache(maxsize=2048)  # a set is compiled once for each prompt that names it
def longest(pattern: str) -> int | None:
    """Code points of the longest possible match of a valid RE2 pattern; None when there is no bound."""
    width = _Parser(pattern).alternatives()
    return None if width == _UNBOUNDED else int(width)


class _Parser:
    """Recursive descent over a pattern that RE2 has already accepted."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern

    def alternatives(self) -> float:
        widths = [self.sequence()]
        while self.rest.startswith("|"):
            self.rest = self.rest[1:]
            widths.append(self.sequence())
        return max(widths)

    def sequence(self) -> float:
        total = 0.0
        while self.rest and self.rest[0] not in "|)":
            width = self.atom()
            times = self.times()
            total += width * times if width else 0
        return total

    def atom(self) -> float:
        if self.taken(_FLAGS):
            return 0
        if self.rest[0] == "(":
            return self.group()
        if self.rest.startswith("\\Q"):
            return self.quoted()
        if self.rest[0] == "[" and self.taken(_CLASS):
            return 1
        if self.rest[0] == "\\":
            return self.escape()
        character, self.rest = self.rest[0], self.rest[1:]
        return 0 if character in "^$" else 1

    def group(self) -> float:
        self.taken(_GROUP_HEAD)
        width = self.alternatives()
        self.rest = self.rest[1:]
        return width

    def quoted(self) -> float:
        text, _, self.rest = self.rest[2:].partition("\\E")
        return len(text)

    def escape(self) -> float:
        escaped = self.taken(_ESCAPE)
        if escaped == "\\C":
            return _UNBOUNDED
        return 0 if escaped in ("\\b", "\\B", "\\A", "\\z") else 1

    def times(self) -> float:
        """The most repetitions that the quantifiers at this place allow."""
        most = 1.0
        while token := self.taken(_QUANTIFIER):
            most *= _most(token)
        return most

    def taken(self, pattern: re2._Regexp) -> str:
        match = pattern.search(self.rest)
        if match is None:
            return ""
        token: str = match.group()
        self.rest = self.rest[len(token) :]
        return token


def _most(quantifier: str) -> float:
    if quantifier[0] in "*+":
        return _UNBOUNDED
    if quantifier[0] == "?":
        return 1
    low, comma, high = quantifier.rstrip("?").strip("{}").partition(",")
    return float(high or (_UNBOUNDED if comma else low))
