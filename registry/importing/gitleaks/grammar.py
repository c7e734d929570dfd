"""An RE2 pattern taken apart into what it is made of, as far as making up a match needs it.

It must never be asked whether a pattern is valid: RE2 has said so before.

Source: RE2 syntax, https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

import re2

_ANY = "." + string.ascii_letters + string.digits + "-_"
_CLASSES = {"d": string.digits, "w": string.ascii_letters + string.digits + "_", "s": " \t\n"}
_PRINTED = string.ascii_letters + string.digits + string.punctuation + " \t\n"
_POSIX = {
    "alnum": _CLASSES["w"][:-1],
    "alpha": string.ascii_letters,
    "digit": string.digits,
    "space": " \t\n",
}
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a"}
_QUANTIFIER = re2.compile(r"^(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
_HEAD = re2.compile(r"^\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:))?")
_FLAGS = re2.compile(r"^\(\?[a-zA-Z-]+\)")
_POSIX_CLASS = re2.compile(r"^\[:[a-z]+:\]")
_CODE = re2.compile(r"^(?:\{[0-9a-fA-F]+\}|[0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Sign:
    """One character out of several."""

    pool: str


@dataclass(frozen=True, slots=True)
class Line:
    """One part after the other."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """A part again and again; ``most`` is None where there is no bound.

    ``start`` is where the part begins in the pattern, ``at`` and ``end`` where its quantifier does and ends.
    """

    part: Part
    least: int
    most: int | None
    start: int
    at: int
    end: int


Part = Sign | Line | Choice | Times


def taken_apart(pattern: str) -> Part:
    """The parts of a valid pattern. What stands for a place, such as a word's edge, is an empty line."""
    return _Reader(pattern).choice()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0

    def choice(self) -> Part:
        lines = [self.line()]
        while self.ahead("|"):
            self.place += 1
            lines.append(self.line())
        return lines[0] if len(lines) == 1 else Choice(tuple(lines))

    def line(self) -> Part:
        parts: list[Part] = []
        while self.place < len(self.pattern) and self.pattern[self.place] not in "|)":
            start = self.place
            part = self.atom()
            while (token := self.token(_QUANTIFIER)) is not None:
                least, most = _counts(token)
                part = Times(part, least, most, start, self.place - len(token), self.place)
            parts.append(part)
        return Line(tuple(parts))

    def atom(self) -> Part:
        if self.token(_FLAGS) is not None:
            return Line(())
        sign = self.pattern[self.place]
        if sign == "(":
            self.token(_HEAD)
            inner = self.choice()
            self.place += 1
            return inner
        self.place += 1
        if sign == "[":
            return Sign(self.set())
        if sign == "\\":
            pool = self.escaped()
            return Sign(pool) if pool else Line(())
        return Line(()) if sign in "^$" else Sign(_ANY if sign == "." else sign)

    def set(self) -> str:
        negated = self.ahead("^")
        self.place += negated
        held: list[str] = []
        first = self.place
        while self.pattern[self.place] != "]" or self.place == first:
            low = self.member()
            if len(low) == 1 and self.ahead("-") and self.pattern[self.place + 1] != "]":
                self.place += 1
                low = "".join(map(chr, range(ord(low), ord(self.member()) + 1)))
            held.append(low)
        self.place += 1
        pool = "".join(held)
        return "".join(sign for sign in _PRINTED if sign not in pool) if negated else pool

    def member(self) -> str:
        named = self.token(_POSIX_CLASS)
        if named is not None:
            return _POSIX.get(named[2:-2], _ANY)
        sign = self.pattern[self.place]
        self.place += 1
        return self.escaped() if sign == "\\" else sign

    def escaped(self) -> str:
        sign = self.pattern[self.place]
        self.place += 1
        if sign == "x":
            code = self.token(_CODE) or "20"
            return chr(int(code.strip("{}"), 16))
        if sign in "bBAzQE":
            return ""
        if sign.lower() in _CLASSES:
            pool = _CLASSES[sign.lower()]
            return pool if sign.islower() else "".join(other for other in _PRINTED if other not in pool)
        return _NAMED.get(sign, sign)

    def token(self, pattern: re2._Regexp) -> str | None:
        match = pattern.search(self.pattern[self.place :])
        if match is None:
            return None
        token: str = match.group()
        self.place += len(token)
        return token

    def ahead(self, sign: str) -> bool:
        return self.pattern.startswith(sign, self.place)


def _counts(quantifier: str) -> tuple[int, int | None]:
    sign = quantifier[0]
    if sign in "*+?":
        return int(sign == "+"), 1 if sign == "?" else None
    low, comma, high = quantifier.rstrip("?").strip("{}").partition(",")
    return int(low), int(high) if high else None if comma else int(low)
