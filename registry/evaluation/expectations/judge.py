"""One answer against one case: every check, the pass rule, the score.

A case passes when every check passes; with a ``threshold`` the weighted mean decides, as in promptfoo, except
that a ``required`` check can never be averaged away. An advisory verdict is told and counts for nothing; an
advisory check without a verdict is an error like any other.
It must never pass an answer that nothing was asked of, nor one that never came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from registry.evaluation.expectations.judged import is_judged, questions
from registry.evaluation.expectations.outcome import Outcome, Subject, Surroundings
from registry.evaluation.expectations.structure import wants_own_schema
from registry.evaluation.expectations.table import NEGATION, SET, TABLE
from registry.evaluation.expectations.transform import NotTransformed, transformed
from registry.evaluation.judges.question import Question
from registry.evaluation.records import Case, Check, CheckStatus, Completion, Expectation, Status
from serve.core.model import Json

_ROUNDING = 1e-9  # a mean of thirds may fall short of its threshold by a last bit
_NOTHING_ASKED = "nothing could be asked of this answer"


def judge(
    case: Case,
    completion: Completion,
    *,
    output_schema: Mapping[str, Json] | None = None,
    around: Surroundings = Surroundings(),
) -> tuple[Status, float, tuple[Check, ...]]:
    """Status, score and checks of one answer; the score is the weighted mean of the checks, from 0 to 1.

    Raises:
        MissingExtra: where a check needs a part of the distribution that is not installed.
    """
    if completion.error is not None:
        return "error", 0.0, ()
    subject = Subject(completion, completion.text, output_schema, case.inputs, around)
    checks = tuple(_check(expectation, subject) for expectation in case.expect)
    if _is_advisory(checks):
        score = _combine(checks, case.threshold)[1] if any(each.status != "skip" for each in checks) else 1.0
        return "pass", score, checks
    status, score = _combine(_counted(checks), case.threshold)
    return ("error" if status == "skip" else status), score, checks


def questions_of(
    expectations: Sequence[Expectation],
    completion: Completion,
    *,
    inputs: Mapping[str, Json],
    around: Surroundings = Surroundings(),
) -> Iterator[tuple[Expectation, Question]]:
    """What judges must be asked of one answer before it can be judged, each question with its expectation."""
    subject = Subject(completion, completion.text, None, inputs, around)
    yield from (pair for expectation in expectations for pair in _questions(expectation, subject))


def _questions(expectation: Expectation, subject: Subject) -> Iterator[tuple[Expectation, Question]]:
    try:
        subject = _changed(expectation, subject)
    except NotTransformed:
        return
    if expectation.type == SET:
        yield from (pair for inner in expectation.value for pair in _questions(inner, subject))
    elif is_judged(expectation):
        yield from ((expectation, question) for question in questions(expectation, subject))


def check(
    expectation: Expectation,
    completion: Completion,
    *,
    output_schema: Mapping[str, Json] | None = None,
    inputs: Mapping[str, Json] | None = None,
    around: Surroundings = Surroundings(),
) -> Check:
    """The verdict on one expectation; raises MissingExtra as ``judge`` does."""
    return _check(expectation, Subject(completion, completion.text, output_schema, inputs or {}, around))


def _check(expectation: Expectation, subject: Subject) -> Check:
    try:
        subject = _changed(expectation, subject)
    except NotTransformed as problem:
        return _made(expectation, "fail", 0.0, str(problem))
    if expectation.type == SET:
        return _check_set(expectation, subject)
    if subject.output_schema is None and wants_own_schema(expectation):
        return _made(expectation, "error", 0.0, "the prompt has no output schema")
    outcome = TABLE[expectation.type].examine(expectation, subject)
    status = outcome.forced or ("pass" if outcome.holds != expectation.negated else "fail")
    score = _score(outcome, expectation.negated)
    made = _made(expectation, status, score, "" if status == "pass" else outcome.fact)
    return _as_advice(made) if outcome.advisory else made


def _changed(expectation: Expectation, subject: Subject) -> Subject:
    """The subject with the text that the expectation looks at; raises NotTransformed."""
    if not expectation.transform:
        return subject
    return replace(subject, text=transformed(subject.text, expectation.transform))


def _as_advice(check: Check) -> Check:
    return replace(check, advisory=True, reason=f"(advisory) {check.reason}" if check.reason else "")


def _score(outcome: Outcome, negated: bool) -> float:
    if outcome.forced is not None:
        return 0.0
    share = float(outcome.holds) if outcome.score is None else min(max(outcome.score, 0.0), 1.0)
    return 1.0 - share if negated else share


def _check_set(expectation: Expectation, subject: Subject) -> Check:
    checks = tuple(_check(item, subject) for item in expectation.value)
    advisory = _is_advisory(checks)
    counted = checks if advisory else _counted(checks)
    status, score = _combine(counted, expectation.threshold)
    bad = [f"{item.type} {item.reason}" for item in counted if item.status not in ("pass", "skip")]
    if status == "skip":
        return _made(expectation, status, score, _NOTHING_ASKED)
    reason = "" if status == "pass" else f"{len(bad)} of {len(counted)} do not hold: {'; '.join(bad)}"
    parts = tuple(item for item in checks if item.metric is not None or item.parts or item.advisory)
    made = replace(_made(expectation, status, score, reason), parts=parts)
    return _as_advice(made) if advisory else made


def _made(expectation: Expectation, status: CheckStatus, score: float, reason: str) -> Check:
    name = f"{NEGATION if expectation.negated else ''}{expectation.type}"
    return Check(name, status, score, reason, expectation.weight, expectation.required, expectation.metric)


def _counted(checks: Sequence[Check]) -> tuple[Check, ...]:
    """All but the advice; where nothing else is left, what was skipped."""
    return tuple(check for check in checks if not check.advisory or check.status == "error")


def _is_advisory(checks: Sequence[Check]) -> bool:
    """True where there is advice and nothing that counts."""
    counts = any(check.status != "skip" for check in _counted(checks))
    return not counts and any(check.advisory for check in checks)


def _combine(checks: Sequence[Check], threshold: float | None) -> tuple[CheckStatus, float]:
    asked = [item for item in checks if item.status != "skip"]
    if not asked:
        return ("skip" if checks else "error"), 0.0
    score = sum(item.score * item.weight for item in asked) / sum(item.weight for item in asked)
    if any(item.status == "error" for item in asked):
        return "error", score
    bad = [item for item in asked if item.status == "fail"]
    if threshold is None or any(item.required for item in bad):
        return ("fail" if bad else "pass"), score
    return ("pass" if score >= threshold - _ROUNDING else "fail"), score
