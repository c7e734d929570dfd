"""The whole test run as one function: plan, run, verdict per suite, verdicts settled together.

The command and everything else that wants a verdict come through here, so they cannot differ.
It must never print, and never let a suite that was run go without a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from registry.evaluation import gate
from registry.evaluation.arms import Arm, Engines
from registry.evaluation.cache import ResponseCache
from registry.evaluation.plan import Item, Scope, comparability, deterministic, plan
from registry.evaluation.record import Record
from registry.evaluation.records import ArmName, Comparability, Sample, Suite
from registry.evaluation.runner import Watch, rerun, run
from registry.evaluation.verdict import Verdict

Begin = Callable[[int], Watch]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where answers and samples are kept; None keeps none.

    ``planned`` is given every wanted answer before the first is asked, ``begin`` is told how many will come.
    """

    cache: ResponseCache | None = None
    record: Record | None = None
    begin: Begin | None = None
    planned: Callable[[Sequence[Item]], None] | None = None

    def watch(self, items: Sequence[Item]) -> Watch | None:
        """What is called with each sample."""
        if self.planned is not None:
            self.planned(items)
        return self.begin(len(items)) if self.begin is not None else None


def wanted(
    suites: Sequence[Suite], head: Arm, base: Arm | None, engines: Engines, *, aa: bool = False
) -> tuple[Item, ...]:
    """Every answer that :func:`examine` asks for, or :func:`noise` where ``aa`` is set; nothing is asked.

    Raises:
        Usage, EngineError: as they do.
    """
    items = plan(suites, [head] if base is None else [base, head], engines)
    return (*items, *_second_round(suites, head, engines)) if aa else items


def examine(
    suites: Sequence[Suite], head: Arm, base: Arm | None, engines: Engines, keeping: Keeping = Keeping()
) -> tuple[Verdict, ...]:
    """A verdict for each suite: head against base, or head alone where there is no base.

    Raises:
        Usage: for a suite that cannot be run, see :func:`registry.evaluation.plan.plan`.
        EngineError: for a model that cannot be used.
    """
    arms = [head] if base is None else [base, head]
    items = plan(suites, arms, engines)
    samples = run(items, cache=keeping.cache, record=keeping.record, watch=keeping.watch(items))
    found = [_verdict(suite, items, samples, arms, engines) for suite in suites]
    return gate.settle(found)


def noise(
    suites: Sequence[Suite], head: Arm, engines: Engines, keeping: Keeping = Keeping()
) -> tuple[Verdict, ...]:
    """Head against itself, asked twice with fresh seeds and in another order: what a change must rise above.

    The second round plays the base. Nothing comes from the cache, so a machine that answers
    unevenly shows here; samples are not recorded.
    """
    first = plan(suites, [head], engines)
    second = _second_round(suites, head, engines)
    watch = keeping.watch([*first, *second])
    heads = run(first, watch=watch)
    again = run(second[::-1], watch=watch)
    offset = {suite.id: suite.samples for suite in suites}
    bases = [replace(s, arm="base", index=s.index - offset[s.suite]) for s in again]
    arm = replace(head, name="base")
    found = [_verdict(suite, first, [*heads, *bases], [arm, head], engines, aa=True) for suite in suites]
    return gate.settle(found)


def _by_snapshot(
    comparable: Mapping[ArmName, Comparability],
    suite: Suite,
    items: Sequence[Item],
    samples: Sequence[Sample],
) -> Mapping[ArmName, Comparability]:
    """The same, told apart where one name of a hosted model stood for another model in each arm.

    That happens when base was answered before a provider moved the name: nobody's change is to blame then.
    """
    asked = {(item.arm, item.call.model.model) for item in items if item.suite.id == suite.id and item.call}
    if len({model for _, model in asked}) != 1:
        return comparable
    served: dict[ArmName, set[str]] = {arm: set() for arm in comparable}
    for sample in samples:
        if sample.suite == suite.id and sample.completion.model is not None and sample.arm in served:
            served[sample.arm].add(sample.completion.model)
    if len(served) < 2 or not all(served.values()) or set.intersection(*served.values()):
        return comparable
    return {
        arm: replace(held, details={**held.details, "model that answered": ", ".join(sorted(served[arm]))})
        for arm, held in comparable.items()
    }


def _second_round(suites: Sequence[Suite], head: Arm, engines: Engines) -> list[Item]:
    return [item for suite in suites for item in plan([suite], [head], engines, Scope(first=suite.samples))]


def _verdict(
    suite: Suite,
    items: Sequence[Item],
    samples: Sequence[Sample],
    arms: Sequence[Arm],
    engines: Engines,
    *,
    aa: bool = False,
) -> Verdict:
    comparable = _by_snapshot(comparability(items, suite.id), suite, items, samples)
    if len(arms) == 1:
        return gate.absolute(suite, samples, comparability=comparable.get("head"))
    return gate.decide(
        suite,
        arms[0].suites.get(suite.id),
        samples,
        comparability=dict(comparable) | {"base": comparable["head"]} if aa else comparable,
        rerun=None if aa else rerun(suite, arms, engines),
        deterministic=deterministic(items, suite.id),
    )
