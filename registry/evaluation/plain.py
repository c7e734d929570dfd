"""A verdict in sentences for someone who does not know statistics, honest about what chance may have done.

A p-value is told as what it is: how often chance alone would show as much. An interval is told as a range.
It must never say more than the verdict's values do, nor that nothing changed where nothing was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from registry.evaluation.gate import exit_code
from registry.evaluation.overview import overview
from registry.evaluation.report import Report
from registry.evaluation.verdict import Comparison, Verdict, Word

_MOST_NAMES = 3
_SHORT: dict[Word, str] = {
    "PASS": "passes",
    "FAIL": "fails",
    "REGRESSION": "got worse",
    "NON-INFERIOR": "is not worse",
    "IMPROVED": "got better",
    "INCONCLUSIVE": "cannot be told from this run",
    "NO-VERDICT": "has no verdict",
}


def headline(report: Report) -> str:
    """The whole run in one sentence."""
    if len(report.verdicts) == 1:
        (verdict,) = report.verdicts
        return f"{verdict.suite} {_SHORT[verdict.word]}."
    bad = [verdict for verdict in report.verdicts if verdict.exit_code]
    if bad:
        told = "; ".join(f"{verdict.suite} {_SHORT[verdict.word]}" for verdict in bad[:_MOST_NAMES])
        more = f" and {len(bad) - _MOST_NAMES} more" if len(bad) > _MOST_NAMES else ""
        stand = "suites stands" if len(bad) == 1 else "suites stand"
        return f"{len(bad)} of {len(report.verdicts)} {stand} in the way: {told}{more}."
    if not report.verdicts:
        return "Nothing was run."
    stopped = report.exit_code != exit_code(report.verdicts)
    if stopped:
        return "The run stopped before all was asked: its cap on cost was reached."
    return f"Nothing stands in the way: {_counted(report.verdicts)}."


def sentences(verdict: Verdict) -> tuple[str, ...]:
    """What a verdict says, the most important first."""
    return tuple(_sentences(verdict))


def _sentences(verdict: Verdict) -> Iterator[str]:
    if verdict.word == "NO-VERDICT":
        yield f"There is no verdict: {'; '.join(verdict.reasons)}."
        return
    if verdict.comparison is None:
        yield from _alone(verdict)
    else:
        yield from _moved(verdict.comparison)
        yield from _required(verdict)
        if not verdict.exact:
            yield from _surely(verdict, verdict.comparison)
    seen = overview(verdict)
    if seen.errors:
        yield f"{seen.errors:,} of {seen.answers:,} answers could not be judged; they count neither way."
    if verdict.exit_code:  # a metric or a cost may be why, of which nothing was said above
        yield f"In the gate's words: {'; '.join(verdict.reasons)}."


def _alone(verdict: Verdict) -> Iterator[str]:
    """Head without a base: what passes, against what the policy asks."""
    yield from _required(verdict)
    head = verdict.head
    if head is None:
        return
    if head.mean == 1.0:
        yield f"All {_cases(head.cases)}{' that could be judged' if overview(verdict).errors else ''} pass."
    else:
        yield f"{overview(verdict).failing} of {_cases(head.cases)} fail; {_percent(head.mean)} pass on average."
    floor = verdict.min_pass_rate
    if floor is not None:
        yield (
            f"The suite asks for {_percent(floor)}; these cases prove at least {_percent(head.proven)}"
            " with 95 % confidence."
        )


def _moved(comparison: Comparison) -> Iterator[str]:
    lost, gained, cases = len(comparison.lost), len(comparison.gained), comparison.cases
    if comparison.identical:
        yield f"Nothing that the model reads changed: both sides ask the same in all {_cases(cases)}."
    elif not lost and not gained:
        yield f"No case of {cases} came out differently."
    else:
        parts = [f"{lost} of {_cases(cases)} worse"] if lost else []
        parts += [f"{gained}{'' if lost else f' of {_cases(cases)}'} better"] if gained else []
        yield f"The change makes {' and '.join(parts)}."


def _required(verdict: Verdict) -> Iterator[str]:
    if verdict.required_failed:
        which = (
            "A case that must pass fails"
            if len(verdict.required_failed) == 1
            else "Cases that must pass fail"
        )
        yield f"{which}: {_named(verdict.required_failed)}."
    if verdict.already_broken:
        yield f"Failing before the change already: {_named(verdict.already_broken)}."


def _surely(verdict: Verdict, comparison: Comparison) -> Iterator[str]:
    """How sure that is, in words that hold for what was computed."""
    if comparison.identical:
        return
    yield from _confirmed(comparison)
    if comparison.lost or comparison.gained:
        between = f"between {_points(comparison.low)} and {_points(comparison.high)} points"
        hedge = f"; with 95 % confidence the true change lies {between}" if comparison.reliable else ""
        yield f"The pass rate {_went(comparison.delta)}{hedge}."
        drop, gain = comparison.p_drop_adjusted, comparison.p_gain
        if comparison.delta < 0:
            yield f"Were the change harmless, chance alone would show such a drop in {_in_runs(drop)}."
        elif comparison.delta > 0:
            yield f"Did the change do nothing, chance alone would show such a gain in {_in_runs(gain)}."
    if verdict.word == "NON-INFERIOR":
        yield f"A drop of more than {_size(max(-comparison.low, 0.0))} is ruled out with 97.5 % confidence."
    if verdict.word == "INCONCLUSIVE":
        yield _undecided(verdict, comparison)


def _undecided(verdict: Verdict, comparison: Comparison) -> str:
    few = (
        f"{comparison.groups} independent groups of cases are too few"
        if not comparison.reliable
        else f"a drop of {_size(-comparison.low)} is still possible"
    )
    power = (
        f" A drop smaller than {_size(comparison.detectable)} would most likely have gone unseen."
        if comparison.detectable is not None
        else ""
    )
    allowed = f"a drop of {_size(verdict.margin)}"
    return f"This run can neither show nor rule out {allowed}, the most that is let pass: {few}.{power}"


def _confirmed(comparison: Comparison) -> Iterator[str]:
    sampled = [flip.case for flip in comparison.flips if flip.p_adjusted is not None and flip.confirmed]
    noise = sum(flip.p_adjusted is not None and not flip.confirmed for flip in comparison.flips)
    again = [flip.case for flip in comparison.flips if flip.p_adjusted is None and flip.confirmed]
    if sampled:
        yield f"Asked eight more times on each side, these stayed worse: {_named(sampled)}."
    if noise:
        what = "one case that looked worse was" if noise == 1 else f"{noise} cases that looked worse were"
        yield f"Asked again, {what} no worse than before, as far as can be told."
    if again:
        yield "Asked once more, the model gave the very same answers: these are no accidents."


def _counted(verdicts: Sequence[Verdict]) -> str:
    counts: dict[Word, int] = {}
    for verdict in verdicts:
        counts[verdict.word] = counts.get(verdict.word, 0) + 1
    return ", ".join(
        f"{count} {'suite' if count == 1 else 'suites'} {_several(word, count)}"
        for word, count in counts.items()
    )


def _several(word: Word, count: int) -> str:
    many: dict[Word, str] = {"PASS": "pass", "NON-INFERIOR": "are not worse", "NO-VERDICT": "have no verdict"}
    return many.get(word, _SHORT[word]) if count > 1 else _SHORT[word]


def _in_runs(p: float) -> str:
    """A p-value as a frequency."""
    if p < 0.001:
        return "fewer than 1 of 1,000 runs"
    count, of = (round(p * 1000), "1,000") if p < 0.01 else (round(p * 100), "100")
    return f"about {count} of {of} runs"


def _went(change: float) -> str:
    if round(change, 4) == 0:
        return "is the same on both sides"
    return f"{'rose' if change > 0 else 'fell'} by {_size(abs(change))}"


def _points(change: float) -> str:
    return f"{change * 100:+.1f}".replace("-", "−")


def _size(share: float) -> str:
    return f"{share * 100:.1f} points"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".replace(".0 %", " %")


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count:,} cases"


def _named(names: Iterable[str]) -> str:
    held = list(names)
    more = f" and {len(held) - _MOST_NAMES} more" if len(held) > _MOST_NAMES else ""
    return ", ".join(held[:_MOST_NAMES]) + more
