"""One answer against one case: every check, the pass rule, the score.

A case passes when every check passes; with a ``threshold`` the weighted mean decides, as in promptfoo, except
that a ``required`` check can never be averaged away.
It must never pass an answer that nothing was asked of, nor one that never came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.evaluation.expectations.outcome import Subject
from registry.evaluation.expectations.structure import wants_own_schema
from registry.evaluation.expectations.table import NEGATION, SET, TABLE
from registry.evaluation.records import Case, Check, Completion, Expectation, Status
from serve.core.model import Json

_ROUNDING = 1e-9  # a mean of thirds may fall short of its threshold by a last bit


def judge(
    case: Case, completion: Completion, *, output_schema: Mapping[str, Json] | None = None
) -> tuple[Status, float, tuple[Check, ...]]:
    """Status, score and checks of one answer; the score is the weighted mean of the checks, from 0 to 1.

    Raises:
        MissingExtra: where a check needs a part of the distribution that is not installed.
    """
    if completion.error is not None:
        return "error", 0.0, ()
    subject = Subject(completion, output_schema)
    checks = tuple(_check(expectation, subject) for expectation in case.expect)
    status, score = _combine(checks, case.threshold)
    return status, score, checks


def check(
    expectation: Expectation, completion: Completion, *, output_schema: Mapping[str, Json] | None = None
) -> Check:
    """The verdict on one expectation; raises MissingExtra as ``judge`` does."""
    return _check(expectation, Subject(completion, output_schema))


def _check(expectation: Expectation, subject: Subject) -> Check:
    if expectation.type == SET:
        return _check_set(expectation, subject)
    name = f"{NEGATION if expectation.negated else ''}{expectation.type}"
    if subject.output_schema is None and wants_own_schema(expectation):
        return _made(expectation, name, "error", 0.0, "the prompt has no output schema")
    outcome = TABLE[expectation.type].examine(expectation, subject)
    passed = outcome.decided and outcome.holds != expectation.negated
    return _made(
        expectation, name, "pass" if passed else "fail", float(passed), "" if passed else outcome.fact
    )


def _check_set(expectation: Expectation, subject: Subject) -> Check:
    checks = tuple(_check(item, subject) for item in expectation.value)
    status, score = _combine(checks, expectation.threshold)
    bad = [f"{item.type} {item.reason}" for item in checks if item.status != "pass"]
    reason = "" if status == "pass" else f"{len(bad)} of {len(checks)} do not hold: {'; '.join(bad)}"
    return _made(expectation, SET, status, score, reason)


def _made(expectation: Expectation, name: str, status: Status, score: float, reason: str) -> Check:
    return Check(name, status, score, reason, expectation.weight, expectation.required)


def _combine(checks: Sequence[Check], threshold: float | None) -> tuple[Status, float]:
    if not checks:
        return "error", 0.0
    score = sum(item.score * item.weight for item in checks) / sum(item.weight for item in checks)
    if any(item.status == "error" for item in checks):
        return "error", score
    bad = [item for item in checks if item.status == "fail"]
    if threshold is None or any(item.required for item in bad):
        return ("fail" if bad else "pass"), score
    return ("pass" if score >= threshold - _ROUNDING else "fail"), score
