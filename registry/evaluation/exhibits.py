"""The cases that a report shows in full: what was asked, and what each side answered.

A run of ten thousand cases stays readable: of each suite the most telling cases are chosen, the rest is counted.
It must never choose by chance, nor leave a suite that stands in the way without its cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.evaluation.overview import Mark
from registry.evaluation.recorded import Answers
from registry.evaluation.records import ArmName, Check, Sample
from registry.evaluation.report import Report, Row, rows
from registry.evaluation.shelf import by_key
from registry.evaluation.verdict import CaseResult, Tally

_MOST = 200
_LEAST_OF_SUITE = 10


@dataclass(frozen=True, slots=True)
class Side:
    """What one arm answered: the text of one sample, and how many of the case's samples passed."""

    text: str
    passed: int
    answers: int
    error: str | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One case with both sides; ``base`` is None where there is none to compare with."""

    mark: Mark
    case: str
    group: str
    required: bool
    path: str
    line: int
    reason: str
    base: Side | None
    head: Side | None
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The cases of one suite that are worth a look: those chosen to be shown in full, and the others."""

    chosen: Sequence[Row]
    others: Sequence[Row]


def choose(report: Report) -> dict[str, Choice]:
    """Which cases of each suite are shown in full: 200 in all, and ten of each suite that has as many."""
    found = {verdict.suite: rows(verdict) for verdict in report.verdicts}
    share = max(_LEAST_OF_SUITE, _MOST // max(1, sum(bool(held) for held in found.values())))
    return {suite: Choice(held[:share], held[share:]) for suite, held in found.items()}


def exhibits(
    report: Report, chosen: Mapping[str, Choice], answers: Answers
) -> dict[str, tuple[Exhibit, ...]]:
    """The chosen cases of each suite; without ``answers`` with the beginnings that the verdict holds."""
    found: dict[str, tuple[Exhibit, ...]] = {}
    for verdict in report.verdicts:
        find = by_key(verdict.cases, lambda result: result.id)
        found[verdict.suite] = tuple(
            _exhibit(row, result, verdict.path, verdict.suite, answers)
            for row in chosen[verdict.suite].chosen
            if (result := find(row.case)) is not None
        )
    return found


def _exhibit(row: Row, result: CaseResult, path: str, suite: str, answers: Answers) -> Exhibit:
    base = _of(suite, result, "base", answers) if result.base is not None else ()
    head = _of(suite, result, "head", answers)
    index = _telling(base if row.mark == "gained" else head)
    return Exhibit(
        mark=row.mark,
        case=result.id,
        group=result.group,
        required=result.required,
        path=path,
        line=result.line,
        reason=result.reason,
        base=_side(result.base, base, index, result.base_answer) if result.base is not None else None,
        head=_side(result.head, head, index, result.answer) if result.head is not None else None,
        inputs=result.inputs,
    )


def _of(suite: str, result: CaseResult, arm: ArmName, answers: Answers) -> tuple[Sample, ...]:
    return answers.get((suite, result.id, arm), ())


def _telling(samples: Sequence[Sample]) -> int:
    """The index of the first sample that did not pass, or of the first."""
    return next((sample.index for sample in samples if sample.status != "pass"), 0)


def _side(tally: Tally, samples: Sequence[Sample], index: int, excerpt: str) -> Side:
    counts = tally.passed, tally.judged + tally.errors
    sample = next((each for each in samples if each.index == index), samples[0] if samples else None)
    if sample is None:
        return Side(excerpt, *counts)
    return Side(sample.completion.text, *counts, sample.completion.error, sample.checks)
