"""What an answer takes in both arms: tokens, money, time, as the ratio of two medians with an interval.

These have limits of their own and are never mixed into quality: a prompt may be as good and cost twice as much.
A ratio is known over cases that both arms answered. Time is known of answers that were asked live and one at a
time; one from the cache or out of a batch says nothing of it.
It must never take what is not known for no increase, nor block on an increase that chance can explain.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from registry.evaluation.records import Comparability, Policy
from registry.evaluation.statistics import ratio_of_medians
from registry.evaluation.verdict import CaseResult, Resource, Spending, Took

FEWEST = 10  # the same as groups below which no interval is trusted
_HOSTED = "hosted"  # the profile of engines that answer one request at a time
_Measure = Callable[[Took], float | None]


def spending(
    results: Iterable[CaseResult],
    policy: Policy,
    comparability: Comparability | None,
    seed: int = 0,
) -> tuple[Spending, ...]:
    """Tokens, cost and latency of head against base, each with its limit where the policy sets one.

    Args:
        results: of the suite; cases that are compared count.
        policy: holds the limits.
        comparability: of the run: engines that answer in batches have no latency per answer.
        seed: of the bootstrap's draws.
    """
    rows = [(it.group, it.base_took, it.took) for it in results if it.delta is not None]
    batched = comparability is None or comparability.profile != _HOSTED
    table: tuple[tuple[Resource, _Measure, float | None, str], ...] = (
        ("tokens", attrgetter("tokens"), policy.max_token_increase, "tokens were not counted"),
        ("cost", attrgetter("cost"), policy.max_cost_increase, "the price of an answer is not known"),
        ("latency", attrgetter("seconds"), policy.max_latency_increase, "answers came from the cache"),
    )
    found = []
    for name, measure, limit, missing in table:
        if name == "latency" and batched:
            found.append(Spending(name, limit=limit, unknown="answers are computed in batches"))
        else:
            found.append(_compared(name, _known(rows, measure), limit, missing, seed))
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


def _known(rows: Sequence[tuple[str, Took, Took]], measure: _Measure) -> list[tuple[str, float, float]]:
    measured = ((group, measure(base), measure(head)) for group, base, head in rows)
    return [(group, base, head) for group, base, head in measured if base is not None and head is not None]


def _compared(
    name: Resource,
    rows: Sequence[tuple[str, float, float]],
    limit: float | None,
    missing: str,
    seed: int,
) -> Spending:
    if not rows:
        return Spending(name, limit=limit, unknown=missing)
    groups = [group for group, _, _ in rows]
    base, head = [value for _, value, _ in rows], [value for _, _, value in rows]
    before, after = statistics.median(base), statistics.median(head)
    if before <= 0:
        return Spending(name, before, after, limit=limit, unknown="base took none")
    if len(set(groups)) < FEWEST:
        why = f"fewer than {FEWEST} groups of cases have it in both arms"
        return Spending(name, before, after, after / before - 1, limit=limit, unknown=why)
    ratio, low, high = ratio_of_medians(base, head, groups, seed)
    return Spending(name, before, after, ratio - 1, low - 1, high - 1, limit)
