"""The tests of rules that ask a model, run on the model itself where it is at hand.

Each text is looked at whole and in pieces. What was found is remembered by the rule, its tests and the pinned weights.
It must never pass over a rule in silence: where its model is missing, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry.authoring.pinning import pinned, trouble
from registry.authoring.sources.guardrail import RuleSource
from registry.validation.proof import given_of, said
from registry.validation.subject import Subject
from serve.core.codec import to_json
from serve.core.digest import digest
from serve.core.errors import BundleRefused
from serve.core.guard.checks.asked import NO_MODELS
from serve.core.guard.checks.table import ASKING
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import GuardrailSet, Rule, Streaming

_PIECE = 7
_MOST = 1024
_KNOWN: dict[str, tuple[tuple[int, str], ...]] = {}


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule by its place in the set, and what its tests say.

    Attributes:
        rule: its place in the file.
        failures: the place of each test that does not hold, and why.
        missing: why its tests were not run, and what to do; None where they were.
    """

    rule: int
    failures: tuple[tuple[int, str], ...] = ()
    missing: tuple[str, str] | None = None


def tried(subject: Subject, set_id: str) -> Iterator[Tried]:
    """Each rule of a set that asks a model and can be pinned."""
    source = subject.catalog.guardrails[set_id]
    for number, written in enumerate(source.rules):
        if written.kind not in ASKING:
            continue
        try:
            rule = written.resolved(source.defaults)
        except BundleRefused:
            continue  # GRD001 tells
        if trouble(rule, subject.catalog.models) is None:
            yield _tried(subject, number, written, pinned(rule, subject.catalog.models))


def _tried(subject: Subject, number: int, written: RuleSource, rule: Rule) -> Tried:
    key = digest([to_json(rule), to_json(list(written.tests))])
    if key not in _KNOWN:
        acting = replace(rule, mode="enforce", stream=Streaming("buffer"))
        try:
            guard = compile_guard([GuardrailSet("proof", (acting,))], subject.models or NO_MODELS)
        except BundleRefused as refused:
            return Tried(number, missing=(refused.what, refused.next_step))
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        _KNOWN[key] = tuple(_failures(guard, written, rule))
    return Tried(number, _KNOWN[key])


def _failures(guard: Guard, written: RuleSource, rule: Rule) -> Iterator[tuple[int, str]]:
    stage = rule.stages[0]
    for place, test in enumerate(written.tests):
        text, given = test.text * test.times, given_of(test)
        verdict = guard.check(text, stage, given)
        yield from ((place, problem) for problem in said(test, verdict))
        stream = guard.stream(stage, given)
        shown = "".join(stream.feed(text[n : n + _PIECE]) for n in range(0, len(text), _PIECE))
        tail, streamed = stream.finish()
        if streamed != verdict or not (verdict.refused or shown + tail == verdict.text):
            yield place, f"in pieces of {_PIECE} the result differs"
