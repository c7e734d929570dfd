"""What an answer takes in both arms: tokens, money, time, as the ratio of two medians with an interval.

These have limits of their own and are never mixed into quality: a prompt may be as good and cost twice as much.
A ratio is known over cases that both arms answered. Time is known of answers that were asked live and one at a
time; one from the cache or out of a batch says nothing of it.
It must never take what is not known for no increase, nor block on an increase that chance can explain.
"""

from __future__ import annotations

import statistics
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from registry.evaluation.records import Comparability, Policy
from registry.evaluation.statistics import ratio_of_medians
from registry.evaluation.verdict import CaseResult, Resource, Spending, Took

FEWEST = 10  # the same as groups below which no interval is trusted
_HOSTED = "hosted"  # the profile of engines that answer one request at a time
_Measure = Callable[[Took], float | None]
_tokens: _Measure = attrgetter("tokens")
_cost: _Measure = attrgetter("cost")
_seconds: _Measure = attrgetter("seconds")


class Takings:
    """What answers took in both arms, taken in case by case; only what is known of both arms is held."""

    def __init__(self, results: Iterable[CaseResult] = ()) -> None:
        self._columns = tuple((measure, _Column()) for measure in (_tokens, _cost, _seconds))
        for result in results:
            if result.delta is not None:
                self.see(result)

    def see(self, result: CaseResult) -> None:
        """Take in a case that is compared."""
        for measure, column in self._columns:
            base, head = measure(result.base_took), measure(result.took)
            if base is not None and head is not None:
                column.groups.append(result.group)
                column.base.append(base)
                column.head.append(head)

    @property
    def columns(self) -> Sequence[_Column]:
        """Tokens, cost and seconds."""
        return [column for _, column in self._columns]


class _Column:
    def __init__(self) -> None:
        self.groups: list[str] = []
        self.base = array("d")
        self.head = array("d")


def spending(
    taken: Takings,
    policy: Policy,
    comparability: Comparability | None,
    seed: int = 0,
) -> tuple[Spending, ...]:
    """Tokens, cost and latency of head against base, each with its limit where the policy sets one.

    Args:
        taken: by the cases of the suite that are compared.
        policy: holds the limits.
        comparability: of the run: engines that answer in batches have no latency per answer.
        seed: of the bootstrap's draws.
    """
    batched = comparability is None or comparability.profile != _HOSTED
    tokens, cost, seconds = taken.columns
    table: tuple[tuple[Resource, _Column, float | None, str], ...] = (
        ("tokens", tokens, policy.max_token_increase, "tokens were not counted"),
        ("cost", cost, policy.max_cost_increase, "the price of an answer is not known"),
        ("latency", seconds, policy.max_latency_increase, "answers came from the cache"),
    )
    found = []
    for name, column, limit, missing in table:
        if name == "latency" and batched:
            found.append(Spending(name, limit=limit, unknown="answers are computed in batches"))
        else:
            found.append(_compared(name, column, limit, missing, seed))
    return tuple(each for each in found if each.limit is not None or each.unknown is None)


def excess(found: Sequence[Spending]) -> Iterator[str]:
    """A sentence for each increase that is shown to be above its limit."""
    for each in found:
        if each.exceeded:
            yield f"{each.name} {_range(each)}, of {_percent(each.limit)} allowed"


def doubts(found: Sequence[Spending]) -> Iterator[str]:
    """A sentence for each limit that could not be checked, or is passed by no more than chance explains."""
    for each in found:
        if each.limit is not None and each.unknown is not None:
            yield f"the limit on {each.name} was not checked: {each.unknown}"
        elif each.limit is not None and each.limit < (each.change or 0.0) and not each.exceeded:
            yield f"{each.name} {_range(each)}: above {_percent(each.limit)} allowed, but not surely so"


def told(each: Spending) -> str:
    """One line: both medians, the change with its interval, and what is allowed."""
    allowed = "" if each.limit is None else f" of {_percent(each.limit)} allowed"
    if each.base is None or each.head is None:
        return f"not known: {each.unknown}{allowed}"
    form = {"tokens": "{:.0f}", "cost": "{:.6g}", "latency": "{:.3f} s"}[each.name]
    medians = f"median {form.format(each.base)} -> {form.format(each.head)} per answer"
    if each.low is None:
        return f"{medians}{allowed} ({each.unknown})"
    return f"{medians}, {_range(each)}{allowed}"


def _range(each: Spending) -> str:
    return f"{_percent(each.change)} [{_percent(each.low)}, {_percent(each.high)}]"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share * 100:+.1f}%"


def _compared(name: Resource, column: _Column, limit: float | None, missing: str, seed: int) -> Spending:
    groups, base, head = column.groups, column.base, column.head
    if not groups:
        return Spending(name, limit=limit, unknown=missing)
    before, after = statistics.median(base), statistics.median(head)
    if before <= 0:
        return Spending(name, before, after, limit=limit, unknown="base took none")
    if len(set(groups)) < FEWEST:
        why = f"fewer than {FEWEST} groups of cases have it in both arms"
        return Spending(name, before, after, after / before - 1, limit=limit, unknown=why)
    ratio, low, high = ratio_of_medians(base, head, groups, seed)
    return Spending(name, before, after, ratio - 1, low - 1, high - 1, limit)
