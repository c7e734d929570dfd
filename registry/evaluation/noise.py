"""A prompt against itself: how much of what a comparison shows is noise, and what that noise hides.

Both rounds ask the same, so nothing here can be better or worse; a gate that says so cries wolf (an A/A test).
It must never call noise a regression, nor a small sample proof that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from registry.evaluation.statistics import detectable
from registry.evaluation.tally import some
from registry.evaluation.verdict import Comparison, Noise, Verdict

SAMPLES = (1, 3, 5, 10)
_NOBODY = "nothing changed between the rounds, so noise alone did this"


def noisy(verdict: Verdict) -> Verdict:
    """The verdict on a prompt against itself, as one on its noise.

    PASS: the gate would not have blamed it. FAIL: it would have. NO-VERDICT stays.
    """
    comparison = verdict.comparison
    if comparison is None:
        return verdict
    found = measure(comparison, verdict.samples)
    told = replace(verdict, noise=found, notes=(*verdict.notes, *_advice(verdict, found)))
    if verdict.exit_code and verdict.word != "NO-VERDICT":
        why = [f"{reason}: {_NOBODY}" for reason in verdict.reasons]
        return replace(told, word="FAIL", exit_code=1, reasons=tuple(why))
    return replace(told, word="PASS", exit_code=0, reasons=(_sentence(found),))


def measure(comparison: Comparison, samples: int) -> Noise:
    """The noise of a comparison of equals with so many samples per case."""
    effective = comparison.cases / comparison.design_effect
    return Noise(
        cases=comparison.cases,
        flipped=(*comparison.lost, *comparison.gained),
        share=(len(comparison.lost) + len(comparison.gained)) / comparison.cases,
        detectable={k: detectable(comparison.discordant * samples / k, effective) for k in SAMPLES},
    )


def powers(found: Noise) -> str:
    """What could be seen with how many samples per case, in one line."""
    flips = f"{len(found.flipped)}/{_cases(found)} flipped ({found.share:.1%})"
    if len(set(found.detectable.values())) == 1:  # no noise that more samples could average away
        return f"{flips}; detectable: {_points(found.detectable[SAMPLES[0]])}"
    told = [f"K={k} {_points(drop)}" for k, drop in found.detectable.items()]
    return f"{flips}; detectable: {', '.join(told)}"


def _points(drop: float | None) -> str:
    return "no drop" if drop is None else f"a drop of {drop * 100:.1f} pp"


def _cases(found: Noise) -> str:
    return f"{found.cases} case{'' if found.cases == 1 else 's'}"


def _sentence(found: Noise) -> str:
    differed = str(len(found.flipped)) if found.flipped else "none"
    return f"{differed} of {_cases(found)} differed between two rounds, and the gate blamed nobody"


def _advice(verdict: Verdict, found: Noise) -> Iterator[str]:
    margin = verdict.margin
    shown = min((k for k in SAMPLES if (found.detectable[k] or 1.0) <= margin), default=None)
    if not found.flipped:
        yield "no case flipped here: one sample per case is enough"
    else:
        yield f"noise moved {some(found.flipped)}"
    if shown is None:
        best = found.detectable[SAMPLES[-1]]
        least = "no drop" if best is None else f"no drop below {best:.1%}"
        often = f", even at {SAMPLES[-1]} samples each," if found.flipped else ""
        yield f"with {_cases(found)}{often} {least} can be seen: add cases, or allow a margin above {margin:.1%}"
    elif shown > 1:
        yield f"samples: {shown} lets a drop of {margin:.1%} be seen (the margin)"
