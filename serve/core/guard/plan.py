"""Which rules have anything to look for in a text: two scans for what any of them needs.

Most rules need one of a few words somewhere in the text, and most patterns hold a piece that every match of theirs
holds. All words are looked for at once, then all pieces, and a rule whose own are missing is not asked.
It must never leave out a rule that would have found something, nor one that would have failed.

Source: RE2's sets and filters, https://github.com/google/re2/blob/main/re2/filtered_re2.h.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

import re2

from serve.core.guard.given import Given
from serve.core.guard.normalise import Reading
from serve.core.guard.rule import CompiledRule

_MOST_BYTES = 16 * 2**20
# Looked for beside the rules' own, and always there: where it is not reported, RE2 ran out of memory in silence.
_SENTINEL = "\x00\x01promptyard"


class Plan:
    """The rules of one stage, by what a text must hold for them. Safe to share between threads."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self._rules = tuple(rules)
        self._words = _Words({n: rule.words for n, rule in enumerate(self._rules) if rule.words})
        by_piece = {
            n: rule.patterns for n, rule in enumerate(self._rules) if rule.patterns and not rule.words
        }
        self._pieces = _Pieces(by_piece)
        self._always = [n for n, rule in enumerate(self._rules) if not (rule.words or rule.patterns)]
        self._digits = {n: rule.least_digits for n, rule in enumerate(self._rules) if rule.least_digits}
        self._may_rest = [n for n, rule in enumerate(self._rules) if rule.may_rest]
        self._resting: frozenset[int] = frozenset()

    @property
    def rules(self) -> Sequence[CompiledRule]:
        """All of them that do not rest."""
        if not self._resting:
            return self._rules
        return [rule for n, rule in enumerate(self._rules) if n not in self._resting]

    def awake(self, given: Given) -> Plan:
        """The plan without the rules that rest in a request; nothing is compiled again."""
        resting = frozenset(n for n in self._may_rest if self._rules[n].is_resting(given))
        if not resting:
            return self
        awake = copy(self)
        awake._resting = resting
        return awake

    def due(self, reading: Reading) -> list[CompiledRule]:
        """The rules that have to look at a text, in no order that means anything."""
        words = self._words.due(reading.lowered)
        pieces = self._pieces.due(reading.unescaped)
        due: Sequence[int] = (*self._always, *words, *pieces)
        digits, resting = self._digits, self._resting
        if any(n in digits for n in due):
            most = reading.most_digits
            due = [n for n in due if digits.get(n, 0) <= most]
        return [self._rules[n] for n in due if n not in resting]


class _Words:
    """Numbers by words in lower case."""

    def __init__(self, words: dict[int, tuple[str, ...]]) -> None:
        self._all = words.keys()
        options = re2.Options()
        options.literal, options.log_errors, options.max_mem = True, False, _MOST_BYTES
        self._set = re2.Set.SearchSet(options)
        self._numbers: dict[int, set[int]] = {}
        for number, wanted in words.items():
            for word in wanted:
                self._numbers.setdefault(self._set.Add(word), set()).add(number)
        self._sentinel = self._set.Add(_SENTINEL)
        self._set.Compile()

    def due(self, lowered: str) -> Iterable[int]:
        if not self._all:
            return ()
        found = self._set.Match(_watched(lowered)) or ()
        if self._sentinel not in found:
            return self._all
        return {number for word in found for number in self._numbers.get(word, ())}


class _Pieces:
    """Numbers by patterns, of which a text is searched for the pieces that each needs, not for the patterns."""

    def __init__(self, patterns: dict[int, tuple[str, ...]]) -> None:
        self._all = patterns.keys()
        self._filter = re2.Filter()
        self._numbers: dict[int, int] = {}
        for number, wanted in patterns.items():
            for pattern in wanted:
                self._numbers[self._filter.Add(pattern)] = number
        self._sentinel = self._filter.Add(_SENTINEL)
        self._filter.Compile()

    def due(self, text: str) -> Iterable[int]:
        if not self._all:
            return ()
        found = self._filter.Match(_watched(text), potential=True) or ()
        if self._sentinel not in found:
            return self._all
        return {self._numbers[pattern] for pattern in found if pattern != self._sentinel}


def _watched(text: str) -> bytes:
    return (text + _SENTINEL).encode("utf-8", "replace")
