"""From samples to one result per case, and from results to rates.

A case is the unit of everything that follows: its samples are counted here and never again taken for cases.
It must never leave a case out: one without an answer has an empty tally, which the gate will see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from registry.evaluation.records import ArmName, Case, Sample, Suite
from registry.evaluation.statistics import clopper_pearson_low, wilson
from registry.evaluation.verdict import CaseResult, Rate, Standing, Tally
from serve.core.codec import to_json
from serve.core.digest import digest

Answers = Mapping[tuple[ArmName, str], Sequence[Sample]]
_EXCERPT = 500


def answers(suite: str, samples: Iterable[Sample]) -> Answers:
    """The samples of one suite by arm and case, in the order of their index; of doubles the last counts."""
    latest = {(sample.arm, sample.case, sample.index): sample for sample in samples if sample.suite == suite}
    found: defaultdict[tuple[ArmName, str], list[Sample]] = defaultdict(list)
    for key in sorted(latest):
        found[key[:2]].append(latest[key])
    return found


def results(suite: Suite, base: Suite | None, answered: Answers) -> tuple[CaseResult, ...]:
    """One result per case of head in the suite's order, then those that only base has."""
    before = {case.id: case for case in base.cases} if base is not None else {}
    here = {case.id for case in suite.cases}
    gone = [
        CaseResult(case.id, case.group, "removed", case.required)
        for case in before.values()
        if case.id not in here
    ]
    return (*(_result(case, before.get(case.id), answered) for case in suite.cases), *gone)


def same_content(head: Case, base: Case) -> bool:
    """True when two cases ask and expect the same, wherever they stand in their files."""
    if head is base:
        return True
    return digest(to_json(replace(head, line=1))) == digest(to_json(replace(base, line=1)))


def _result(case: Case, before: Case | None, answered: Answers) -> CaseResult:
    standing: Standing = "new" if before is None else "paired" if same_content(case, before) else "changed"
    head = answered.get(("head", case.id), ())
    base = answered.get(("base", case.id), ()) if standing == "paired" else ()
    bad = next((sample for sample in head if sample.status != "pass"), None)
    seconds = [sample.completion.seconds for sample in head if sample.completion.seconds is not None]
    return CaseResult(
        id=case.id,
        group=case.group,
        standing=standing,
        required=case.required,
        head=_tally(head),
        base=_tally(base) if standing == "paired" else None,
        reason=_base_trouble(base) if bad is None else _reason(bad),
        answer="" if bad is None else bad.completion.text[:_EXCERPT],
        base_answer=base[0].completion.text[:_EXCERPT] if base and bad is not None else "",
        line=case.line,
        seconds=sum(seconds) if seconds else None,
    )


def _tally(samples: Sequence[Sample]) -> Tally:
    statuses = [sample.status for sample in samples]
    return Tally(statuses.count("pass"), statuses.count("fail"), statuses.count("error"))


def _reason(sample: Sample) -> str:
    if sample.completion.error is not None:
        return sample.completion.error
    bad = [
        f"{check.type} {check.reason}".strip() for check in sample.checks if check.status in ("fail", "error")
    ]
    return "; ".join(bad)


def _base_trouble(samples: Sequence[Sample]) -> str:
    error = next((sample for sample in samples if sample.status == "error"), None)
    return "" if error is None else f"in base: {_reason(error)}"


def rate(tallies: Iterable[Tally]) -> Rate | None:
    """The pass rate over the cases that were judged, None when none was."""
    judged = [tally for tally in tallies if tally.judged]
    if not judged:
        return None
    passed = sum(tally.mean for tally in judged)
    low, high = wilson(passed, len(judged))
    proven = clopper_pearson_low(sum(tally.holds for tally in judged), len(judged))
    return Rate(len(judged), passed / len(judged), low, high, proven)


def mean_tokens(samples: Iterable[Sample]) -> float | None:
    """Mean tokens of an answer, prompt and completion together; None when nothing was counted."""
    counts = [
        s.completion.prompt_tokens + s.completion.completion_tokens for s in samples if s.status != "error"
    ]
    return sum(counts) / len(counts) if counts and any(counts) else None
