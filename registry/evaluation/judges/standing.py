"""Whether a judge's word counts: by the labels of people that it was held against, anew in every run.

Nothing is stored, so nothing can grow stale: another model, prompt or number of votes is asked about the labelled
answers before it is believed, and what it said to them is in the cache.
It must never let a judge count that too few people checked, or that agrees with them little more than chance would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.evaluation.agreement import agreement

NEEDED = 30  # labelled answers
DIGITS = 8


@dataclass(frozen=True, slots=True)
class JudgeStanding:
    """A judge against the people.

    Attributes:
        name: model and the first digits of the judge's digest, ``models/judge@1c2d3e4f``.
        votes: how often it is asked each question.
        labels: labelled answers that it gave a verdict on.
        share: of them the share on which it agrees with the people; None without one.
        kappa: the agreement beyond chance; None where there is none to be had.
        why: why its word is advisory, as a clause; empty where it counts.
    """

    name: str
    votes: int
    labels: int
    share: float | None
    kappa: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What judges said that counts for nothing: verdicts, the cases where one does not hold, and those without other checks.

    ``unasked`` are the cases that want nothing but a comparison with base, where there is no base.
    """

    asked: int
    failing: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contest:
    """Head's answers against base's, by case; ``p`` is the two-sided sign test of wins against losses."""

    wins: int
    losses: int
    ties: int
    p: float


def stand(
    model: str,
    digest: str,
    votes: int,
    pairs: Sequence[tuple[bool, bool]],
    *,
    unanswered: int = 0,
    min_kappa: float = 0.6,
    pinned: str | None = None,
) -> JudgeStanding:
    """The standing of a judge.

    Args:
        model: its model's id.
        digest: of weights, judging prompt and votes.
        votes: how often it is asked each question.
        pairs: for each labelled answer what people said and what the judge said, True for pass.
        unanswered: labelled answers that it gave no verdict on.
        min_kappa: the least kappa under which its word counts.
        pinned: the first digits of the digest that people agreed to; None for any.
    """
    found = agreement(pairs)
    kappa = found.kappa
    why = ""
    if pinned is not None and not digest.startswith(pinned):
        why = f"judge is not the one that was pinned ({pinned}, now {digest[:DIGITS]})"
    elif found.n < NEEDED:
        lost = f"; it gave no verdict on {unanswered} more" if unanswered else ""
        why = f"judge not calibrated; {found.n} of {NEEDED} labels{lost}"
    elif kappa is None:
        why = "judge not calibrated; people and judge gave all labelled answers the same label"
    elif kappa < min_kappa:
        why = f"judge agrees too little with people; kappa {kappa:.2f} is below {min_kappa:g}"
    share = found.share if found.n else None
    return JudgeStanding(f"{model}@{digest[:DIGITS]}", votes, found.n, share, kappa, why)
