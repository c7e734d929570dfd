"""From samples to a verdict: valid, hard gate, flips, suite test, interval, word.

The order and every threshold are those of the evaluation design; why they are so was simulated there.
It must never turn a missing answer into a pass or a fail: without a valid comparison there is no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from registry.evaluation.answered import Answered, answers
from registry.evaluation.counts import Counted, Counts, counted
from registry.evaluation.flips import ALPHA, Rerun, adjusted, recheck
from registry.evaluation.metrics import doubtful, fallen, measured, unmeasured
from registry.evaluation.paired import RELIABLE_GROUPS, compare
from registry.evaluation.records import ArmName, Comparability, Sample, Suite
from registry.evaluation.spending import doubts, excess, spending
from registry.evaluation.statistics import holm
from registry.evaluation.tally import rate_of, some
from registry.evaluation.verdict import Comparison, Verdict, Word

__all__ = ["Rerun", "absolute", "decide", "exit_code", "settle"]
_ARMS: tuple[ArmName, ...] = ("head", "base")
Given = Iterable[Sample] | Answered
_EXIT: Mapping[Word, int] = {"FAIL": 1, "REGRESSION": 1, "NO-VERDICT": 3}


def absolute(suite: Suite, samples: Given, *, comparability: Comparability | None = None) -> Verdict:
    """The verdict on head alone: PASS, FAIL, INCONCLUSIVE or NO-VERDICT.

    Without ``min_pass_rate`` every case must pass. With it, a lower rate fails, and a rate that so few cases
    do not prove (one-sided 95 % Clopper-Pearson) is inconclusive.

    Args:
        suite: whose cases were asked.
        samples: of the head arm, or their rows; those of other suites and arms are passed over.
        comparability: of the run, for the report.
    """
    if not isinstance(samples, Answered):
        samples = answers(suite.id, (sample for sample in samples if sample.arm == "head"))
    return _absolute(suite, counted(suite, None, samples), samples, comparability)


def decide(
    suite: Suite,
    base: Suite | None,
    samples: Given,
    *,
    comparability: Mapping[ArmName, Comparability],
    rerun: Rerun | None = None,
    deterministic: bool = False,
    invalid: Sequence[str] = (),
    seed: int = 0,
) -> Verdict:
    """The verdict on head against base, still to be settled with those of other suites.

    Args:
        suite: the suite as head has it.
        base: the same suite (same id) as base has it, None when base has none: then head is judged alone.
        samples: of both arms, or their rows; those of other suites are passed over.
        comparability: of each arm; when they differ there is no verdict.
        rerun: asks again. A deterministic engine is asked once (first=0, count=1) and must answer byte for
            byte the same; any other gives eight fresh samples per arm (first=suite.samples, count=8).
        deterministic: greedy, fixed batch layout, one device.
        invalid: why the arms cannot be compared, where that is known already.
        seed: of the draws.
    """
    answered = samples if isinstance(samples, Answered) else answers(suite.id, samples)
    found = counted(suite, base, answered)
    counts, here = found.counts, comparability.get("head")
    if base is None or not counts.paired:
        why = "base does not have this suite" if base is None else "base has no case with the same content"
        verdict = _absolute(suite, found, answered, here)
        return replace(verdict, notes=(f"{why}: head was judged alone", *verdict.notes))
    unfit = [*invalid, *_differences(comparability), *_invalid(suite, counts)]
    if unfit:
        return _without(suite, found, answered, unfit, here)
    fallen_most = counts.fallen.candidates()
    again = recheck(suite, fallen_most, answered, rerun=rerun, deterministic=deterministic)
    comparison = compare(counts.differences, found.find, again.flips, seed)
    if comparison is None:
        return _without(suite, found, answered, ["no case could be compared"], here)
    steady = deterministic and again.steady
    verdict = _with_base(_facts(suite, found, answered, here), suite, counts, steady=steady)
    spent = spending(counts.taken, suite.policy, here, seed)
    notes = (*verdict.notes, *again.notes, *doubts(spent))
    return _worded(replace(verdict, comparison=comparison, spending=spent, notes=notes))


def settle(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The same verdicts with p-values adjusted (Holm) across all suites of one pull request.

    Suites whose requests did not change, and those that check renderings, are no test that could give a false
    alarm, so they do not count.
    """
    given = tuple(verdicts)
    compared = [v.comparison for v in given if v.comparison is not None and _is_tested(v)]
    p_drops = iter(holm([comparison.p_drop for comparison in compared]))
    flips = iter(adjusted([flip for comparison in compared for flip in comparison.flips]))
    settled: list[Verdict] = []
    for verdict in given:
        if verdict.comparison is None or not _is_tested(verdict):
            settled.append(verdict)
            continue
        own = tuple(next(flips) for _ in verdict.comparison.flips)
        comparison = replace(verdict.comparison, p_drop_adjusted=next(p_drops), flips=own)
        settled.append(_worded(replace(verdict, comparison=comparison)))
    return tuple(settled)


def _is_tested(verdict: Verdict) -> bool:
    return not verdict.exact and verdict.comparison is not None and not verdict.comparison.identical


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """1 when one regressed, failed or blocks; else 3 when one has no verdict, or there are none; else 0."""
    codes = {verdict.exit_code for verdict in verdicts} or {3}
    return 1 if 1 in codes else max(codes)


def _absolute(
    suite: Suite, found: Counted, answered: Answered, comparability: Comparability | None
) -> Verdict:
    invalid = list(_invalid(suite, found.counts))
    if invalid:
        return _without(suite, found, answered, invalid, comparability)
    verdict = _facts(suite, found, answered, comparability)
    if verdict.head is None:
        return _without(suite, found, answered, ["no case was answered"], comparability)
    floor, head = suite.policy.min_pass_rate, verdict.head
    failing = found.counts.failed
    reasons = [*_required_reason(verdict), *fallen(verdict.metrics)]
    if floor is None and failing:
        reasons.append(f"{failing} failed, and the policy sets no minPassRate")
    elif floor is not None and head.mean < floor:
        reasons.append(f"pass rate {head.mean:.1%} is below minPassRate {floor:.1%}")
    if reasons:
        return _said(verdict, "FAIL", reasons)
    if floor is not None and floor < 1.0 and head.proven < floor:
        cases = "1 case proves" if head.cases == 1 else f"{head.cases} cases prove"
        proves = f"{cases} a pass rate of {head.proven:.1%}, not of {floor:.1%}"
        return _said(verdict, "INCONCLUSIVE", [proves])
    which = "every case that could be judged" if found.counts.erred[0] else "every case"
    proven = f"{which} passes" if floor is None or not failing else f"minPassRate {floor:.1%} is proven"
    return _said(verdict, "PASS", [proven])


def _worded(verdict: Verdict) -> Verdict:
    comparison = verdict.comparison
    if comparison is None:
        return verdict
    reasons = list(_regressions(verdict, comparison))
    if reasons:
        return _said(verdict, "REGRESSION", reasons)
    doubts = [*([_floor_doubt(verdict)] if verdict.floor_in_doubt else []), *doubtful(verdict.metrics)]
    if doubts:
        return _said(verdict, "INCONCLUSIVE", doubts)
    if comparison.identical:
        return _said(verdict, "NON-INFERIOR", ["both arms ask the very same requests"])
    if verdict.exact:
        word: Word = "IMPROVED" if comparison.gained else "NON-INFERIOR"
        return _said(verdict, word, ["no case was lost, and a rendering has no noise"])
    if comparison.p_gain <= ALPHA:
        return _said(verdict, "IMPROVED", [f"suite test for a gain p={comparison.p_gain:.2g}"])
    if comparison.reliable and comparison.low > -verdict.margin:
        bound = f"a drop of {max(-comparison.low, 0):.1%} or more is ruled out (margin {verdict.margin:.1%})"
        return _said(verdict, "NON-INFERIOR", [bound])
    few = (
        f"fewer than {RELIABLE_GROUPS} groups"
        if not comparison.reliable
        else f"the interval reaches {comparison.low:.1%}"
    )
    return _said(
        verdict, "INCONCLUSIVE", [f"{few}, so a drop of {verdict.margin:.1%} is neither shown nor ruled out"]
    )


def _regressions(verdict: Verdict, comparison: Comparison) -> Iterator[str]:
    yield from _required_reason(verdict)
    if verdict.exact:
        lost = [case for case in comparison.lost if case not in verdict.required_failed]
        yield from [f"{some(lost)} lost, and a rendering has no noise"] if lost else []
    confirmed = [flip.case for flip in comparison.flips if flip.p is not None and flip.confirmed]
    if confirmed:
        yield f"{some(confirmed)} confirmed lost by fresh samples"
    if not verdict.exact and comparison.p_drop_adjusted <= ALPHA:
        yield f"suite test p={comparison.p_drop_adjusted:.2g} (alpha {ALPHA})"
    if verdict.below_floor and not verdict.floor_in_doubt:
        yield f"pass rate fell below minPassRate {verdict.min_pass_rate or 0:.1%}"
    yield from fallen(verdict.metrics)


def _required_reason(verdict: Verdict) -> Iterator[str]:
    if verdict.required_failed:
        yield f"required {some(verdict.required_failed)} failed"


def _floor_doubt(verdict: Verdict) -> str:
    rate, high = (verdict.head.mean, verdict.head.high) if verdict.head is not None else (0.0, 0.0)
    floor = verdict.min_pass_rate or 0
    return (
        f"pass rate {rate:.1%} is below minPassRate {floor:.1%}, which noise can explain (up to {high:.1%})"
    )


def _said(verdict: Verdict, word: Word, reasons: Sequence[str]) -> Verdict:
    over = [] if word == "NO-VERDICT" else list(excess(verdict.spending))
    code = 1 if word == "INCONCLUSIVE" and verdict.blocks_inconclusive else _EXIT.get(word, 0)
    return replace(verdict, word=word, exit_code=1 if over else code, reasons=(*reasons, *over))


def _differences(comparability: Mapping[ArmName, Comparability]) -> Iterator[str]:
    head, base = comparability.get("head"), comparability.get("base")
    if head is None or base is None:
        yield "one arm does not say how it was computed"
        return
    for name in ("engine", "profile", "device"):
        if getattr(head, name) != getattr(base, name):
            yield f"{name} differs: base {getattr(base, name)}, head {getattr(head, name)}"
    for name in sorted(head.details.keys() | base.details.keys()):
        before, after = base.details.get(name, "nothing"), head.details.get(name, "nothing")
        if before != after:
            yield f"{name} differs: base {before}, head {after}"


def _invalid(suite: Suite, counts: Counts) -> Iterator[str]:
    for arm in _ARMS:
        if counts.missing[arm]:
            yield f"{arm} did not answer {counts.missing[arm]} in full"
    unknown = unmeasured(suite, measured(suite, counts.scored, paired=False))
    if unknown:
        yield f"no answer has a score for {', '.join(unknown)}, for which minMetrics has a floor"
    budget = suite.policy.error_budget
    erred, required = (head.followed(base) for head, base in (counts.erred, counts.required_erred))
    if erred.count > budget or required:
        shown = required if erred.count <= budget else erred
        yield f"{shown} erred (budget {budget}, required cases excepted){': ' if shown.why else ''}{shown.why}"


def _without(
    suite: Suite,
    found: Counted,
    answered: Answered,
    reasons: Sequence[str],
    comparability: Comparability | None,
) -> Verdict:
    return _said(_facts(suite, found, answered, comparability), "NO-VERDICT", reasons)


def _facts(suite: Suite, found: Counted, answered: Answered, comparability: Comparability | None) -> Verdict:
    """All that is known before anything is concluded; rates over head alone."""
    counts = found.counts
    return Verdict(
        suite=suite.id,
        path=suite.path,
        prompt=suite.prompt,
        word="NO-VERDICT",
        exit_code=3,
        samples=suite.samples,
        head=rate_of(counts.heads),
        cases=found.cases,
        required_failed=tuple(counts.required_failed),
        already_broken=tuple(counts.already_broken),
        exact=suite.mode == "render",
        margin=suite.policy.margin,
        min_pass_rate=suite.policy.min_pass_rate,
        blocks_inconclusive=suite.policy.on_inconclusive == "block",
        tokens_head=answered.mean_tokens("head"),
        tokens_base=answered.mean_tokens("base"),
        cached=answered.cached,
        comparability=comparability,
        metrics=measured(suite, counts.scored, paired=False),
    )


def _with_base(verdict: Verdict, suite: Suite, counts: Counts, *, steady: bool) -> Verdict:
    """The facts with rates of both arms over the cases that are compared."""
    head, base = rate_of(counts.paired_heads), rate_of(counts.paired_bases)
    floor, whole = suite.policy.min_pass_rate, verdict.head
    fell = floor is not None and whole is not None and base is not None and whole.mean < floor <= base.mean
    metrics = measured(suite, counts.scored, paired=True, steady=verdict.exact or steady)
    doubt = fell and not verdict.exact and not steady and whole is not None and whole.high >= (floor or 0)
    return replace(verdict, head=head, base=base, below_floor=fell, floor_in_doubt=doubt, metrics=metrics)
