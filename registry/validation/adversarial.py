"""How long a guardrail rule takes on the longest text that was written to slow it down.

A guard that somebody's text can stop is an outage, or a door left open until the request gives up. RE2 takes
linear time; what a rule does with each match may still cost more than it should.
It must never judge by the clock on the wall: only the processor time of its own thread counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from registry.authoring.sources.guardrail import GuardrailSource, RuleSource
from registry.validation.remembered import by_set
from serve.core.errors import BundleRefused
from serve.core.guard.checks.port import Detector
from serve.core.guard.given import NOTHING, Given
from serve.core.guard.normalise import read
from serve.core.guard.rule import compile_rule

LENGTH = 200_000
LIMIT_S = 5.0
_TELLING = 10
_EVEN = (
    3 * 100 / _TELLING
)  # growth over the part before that still counts as even, clocks being what they are
_HOPELESS_S = 4 * LIMIT_S
_PARTS = (100, 30, _TELLING, 3, 1)  # in small steps, so that a hopeless rule is found out early
_RUN = 1000


@dataclass(frozen=True, slots=True)
class Slow:
    """A rule by its place in the set, the text that it is too slow on, and its processor seconds for all of it."""

    rule: int
    text: str
    seconds: float


@by_set
def slow_rules(source: GuardrailSource) -> tuple[Slow, ...]:
    """The rules of a set that a long hostile text keeps busy; one that cannot be compiled is passed over."""
    found = []
    for index, rule in enumerate(source.rules):
        try:
            canaries = [test.given.canary for test in rule.tests if test.given and test.given.canary]
            known = Given(canary=canaries[0]) if canaries else NOTHING
            detector = compile_rule(rule.resolved(source.defaults), "").detector_for(known)
        except (BundleRefused, ValueError):
            continue
        slow = slowest(rule, detector)
        if slow is not None:
            found.append(Slow(index, *slow))
    return tuple(found)


def slowest(
    rule: RuleSource, detector: Detector, cpu_s: Callable[[], float] = time.thread_time
) -> tuple[str, float] | None:
    """What a rule is too slow on and its processor seconds for 200,000 characters, or None when it never is.

    Parts of the length are tried first. Where a part ten times as long takes about ten times as long, the time
    grows with the length; elsewhere it is taken to grow with its square, as a look from each place at all others would.
    """
    for name, piece in _pieces(rule):
        before = 0.0
        for part in _PARTS:
            text = _repeated(piece, LENGTH // part)
            taken = _taken_s(detector, text, cpu_s)
            if part == 1 and taken > LIMIT_S:  # the first may have paid for something else
                taken = min(taken, _taken_s(detector, text, cpu_s))
            if taken * part > (LIMIT_S if part == 1 else _HOPELESS_S):
                return name, taken * part
            is_even = part == _TELLING and taken <= _EVEN * before
            if taken * part * (1 if is_even else part) <= LIMIT_S:
                break
            before = before or taken
    return None


def _pieces(rule: RuleSource) -> Iterator[tuple[str, str]]:
    """What the texts are made of: long runs, and the rule's own first hit, whole and broken off at its end."""
    words = rule.detect.get("keywords", ())
    keyword = str(words[0]) if isinstance(words, list | tuple) and words else ""
    yield "runs of '1' and 'a@'", f"{keyword}{'1' * _RUN}{keyword}{'a@' * (_RUN // 2)}"
    hit = next((test.text for test in rule.tests if test.expect == "hit"), "")
    if hit:
        yield "its first hit again and again", hit + hit[:-1]


def _repeated(piece: str, length: int) -> str:
    return (piece * (length // max(1, len(piece)) + 1))[:length]


def _taken_s(detector: Detector, text: str, cpu_s: Callable[[], float]) -> float:
    reading = read(text)
    begun = cpu_s()
    for _ in detector.find(reading, 0):
        pass
    return cpu_s() - begun
