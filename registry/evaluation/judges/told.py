"""What a verdict says of its judges: how far they may be believed, what they advise, who won against base.

It must never change what was concluded: advice is told beside the verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from registry.evaluation.expectations.judged import PAIRWISE
from registry.evaluation.judges.judge import Judge
from registry.evaluation.judges.standing import Advice, Contest
from registry.evaluation.records import Check, Sample
from registry.evaluation.statistics import mcnemar
from registry.evaluation.verdict import Verdict


def told(verdict: Verdict, samples: Iterable[Sample], judges: Sequence[Judge]) -> Verdict:
    """The verdict with what there is to say of its judges.

    Args:
        verdict: on a suite.
        samples: of that suite, in both arms.
        judges: whom the suite asked.
    """
    heads = [sample for sample in samples if sample.arm == "head" and _advisory(sample)]
    standings = tuple(judge.standing for judge in judges if judge.standing is not None)
    return replace(verdict, judges=standings, advice=_advice(heads), contest=_contest(heads))


@dataclass(slots=True)
class _Seen:
    asked: int = 0
    failed: bool = False
    alone: bool = True
    unasked: bool = True


def _advice(samples: Sequence[Sample]) -> Advice | None:
    seen: defaultdict[str, _Seen] = defaultdict(_Seen)
    for sample in samples:
        case = seen[sample.case]
        for check in _advisory(sample):
            if _bare(check) != PAIRWISE and check.status in ("pass", "fail"):
                case.asked += 1
                case.failed |= check.status == "fail"
        case.alone &= all(check.advisory or check.status == "skip" for check in sample.checks)
        case.unasked &= all(check.status == "skip" for check in sample.checks)
    asked = sum(case.asked for case in seen.values())
    unasked = tuple(name for name, case in seen.items() if case.unasked)
    if not asked and not unasked:
        return None
    failing = tuple(name for name, case in seen.items() if case.failed)
    alone = tuple(name for name, case in seen.items() if case.alone and not case.unasked)
    return Advice(asked, failing, alone, unasked)


def _contest(samples: Sequence[Sample]) -> Contest | None:
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for sample in samples:
        for check in _advisory(sample):
            if _bare(check) == PAIRWISE and check.status in ("pass", "fail"):
                negated = check.type != PAIRWISE
                scores[sample.case].append(1 - check.score if negated else check.score)
    means = [sum(each) / len(each) for each in scores.values()]
    wins, losses = sum(mean > 0.5 for mean in means), sum(mean < 0.5 for mean in means)
    p = min(1.0, 2 * min(mcnemar(wins, losses), mcnemar(losses, wins))) if wins + losses else 1.0
    return Contest(wins, losses, len(means) - wins - losses, p) if means else None


def _advisory(sample: Sample) -> list[Check]:
    return [check for check in _flat(sample.checks) if check.advisory and not check.parts]


def _flat(checks: Iterable[Check]) -> Iterator[Check]:
    for check in checks:
        yield check
        yield from _flat(check.parts)


def _bare(check: Check) -> str:
    return check.type.removeprefix("not-")
