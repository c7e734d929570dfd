"""The tests that every guardrail rule carries, run on the very engine that serves.

Each text is looked at whole, in pieces, and, where it must be hit, disguised.
It must never change a rule to make a test pass, except that a shadow rule is proved as if it acted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random

from registry.authoring.sources.guardrail import GuardrailSource, RuleSource, RuleTest
from registry.validation.remembered import by_set
from serve.core.errors import BundleRefused
from serve.core.guard.engine import Guard, compile_guard
from serve.core.guard.given import NOTHING, Given
from serve.core.guard.verdict import Verdict
from serve.core.model import GuardrailSet, Rule, Stage

_PIECES = (1, 3, 7, 40)
_LONGEST_PIECE = 25
_DISGUISED_KINDS = frozenset({"pattern", "literals", "url", "canary"})
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True, slots=True)
class Failure:
    """One test that does not hold. ``test`` is None when the rule itself cannot be used."""

    rule: int
    test: int | None
    problem: str


@by_set
def prove(source: GuardrailSource) -> tuple[Failure, ...]:
    """All tests of a set that do not hold, by the place of rule and test in the file; none when all hold."""
    failures: list[Failure] = []
    for number, rule in enumerate(source.rules):
        try:
            resolved = replace(rule.resolved(source.defaults), mode="enforce")
            guard = compile_guard([GuardrailSet("proof", (resolved,))])
        except BundleRefused as refusal:
            failures.append(Failure(number, None, refusal.what))
            continue
        failures += _prove_rule(number, rule, resolved, guard)
    return tuple(failures)


def _prove_rule(number: int, source: RuleSource, rule: Rule, guard: Guard) -> Iterator[Failure]:
    stage = rule.stages[0]
    for place, test in enumerate(source.tests):
        text, given = test.text * test.times, given_of(test)
        verdict = guard.check(text, stage, given)
        problems = [*said(test, verdict), *_streamed(text, verdict, guard, stage, given)]
        if not problems and test.expect == "hit" and rule.kind in _DISGUISED_KINDS:
            problems += _disguised(text, guard, stage, given)
        yield from (Failure(number, place, problem) for problem in problems)


def given_of(test: RuleTest) -> Given:
    """What a test says of the request around its text."""
    told = test.given
    return NOTHING if told is None else Given(None, told.segment, told.canary, told.tries)


def said(test: RuleTest, verdict: Verdict) -> Iterator[str]:
    """What is wrong with a verdict, by what a test expects; nothing when it is that."""
    if verdict.errors:
        yield "the rule failed"
    elif bool(verdict.hits) != (test.expect == "hit"):
        yield f"expected {test.expect}, got {'hit' if verdict.hits else 'pass'}"
    else:
        spans = tuple((hit.start, hit.end) for hit in verdict.hits)
        if test.spans and tuple(tuple(span) for span in test.spans) != spans:
            yield f"matched at {list(map(list, spans))}"
        if test.out is not None and test.out != verdict.text:
            yield "the text that comes out differs"


def _streamed(text: str, whole: Verdict, guard: Guard, stage: Stage, given: Given) -> Iterator[str]:
    ways: dict[str, Iterator[int]] = {f"pieces of {size}": cycle((size,)) for size in _PIECES}
    chance = Random(len(text))  # noqa: S311  # the same pieces at every run
    ways["pieces of many sizes"] = iter(lambda: chance.randint(1, _LONGEST_PIECE), 0)
    for name, sizes in ways.items():
        stream = guard.stream(stage, given)
        shown = "".join(stream.feed(piece) for piece in _cut(text, sizes))
        tail, verdict = stream.finish()
        if verdict != whole or (not whole.refused and shown + tail != whole.text):
            yield f"in {name} the result differs"


def _cut(text: str, sizes: Iterator[int]) -> Iterator[str]:
    place = 0
    while place < len(text):
        size = next(sizes)
        yield text[place : place + size]
        place += size


def _disguised(text: str, guard: Guard, stage: Stage, given: Given) -> Iterator[str]:
    disguises = {
        "zero-width characters": "\u200b".join(text),
        "full-width characters": text.translate(_FULL_WIDTH),
    }
    for name, disguised in disguises.items():
        if not guard.check(disguised, stage, given).hits:
            yield f"with {name} it is no longer hit"
