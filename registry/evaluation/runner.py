"""From a plan to judged samples: look up, ask once what nobody knows, judge, write down, in that order.

Every answer is kept and recorded the moment it comes, so stopping a run loses nothing that was computed.
It must never ask a question twice, nor turn trouble of the machine into a failed case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from registry.evaluation.arms import Arm, Engines
from registry.evaluation.cache import ResponseCache
from registry.evaluation.engines.port import Engine
from registry.evaluation.expectations.judge import judge
from registry.evaluation.expectations.outcome import Surroundings
from registry.evaluation.gate import Rerun
from registry.evaluation.plan import Item, Scope, plan
from registry.evaluation.record import Record
from registry.evaluation.records import Completion, Sample, Suite

Watch = Callable[[Sample], None]


def run(
    items: Sequence[Item],
    *,
    cache: ResponseCache | None = None,
    record: Record | None = None,
    watch: Watch | None = None,
) -> tuple[Sample, ...]:
    """Judged samples in the order of the plan.

    Args:
        items: what :func:`registry.evaluation.plan.plan` returned.
        cache: where answers are looked up and kept; None asks everything anew.
        record: gets a line for each sample as it comes, and gives the answers that it already holds.
        watch: called with each sample as it comes.

    Raises:
        EngineError: when a model cannot be loaded; what came before it is kept.
        MissingExtra: when a check needs a part that is not installed.
    """
    samples: dict[int, Sample] = {}
    for numbers, completion in _answers(items, cache, record):
        for number in numbers:
            sample = samples[number] = _judged(items[number], completion)
            if record is not None:
                record.write(sample)
            if watch is not None:
                watch(sample)
    return tuple(samples[number] for number in range(len(items)))


def rerun(suite: Suite, arms: Sequence[Arm], engines: Engines) -> Rerun:
    """What the gate re-checks flips with: fresh samples of some cases in all arms, never from the cache."""

    def again(cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        return run(plan([suite], arms, engines, Scope(frozenset(cases), count, first)))

    return again


def _answers(
    items: Sequence[Item], cache: ResponseCache | None, record: Record | None
) -> Iterator[tuple[list[int], Completion]]:
    """Each distinct answer with the numbers of the items that want it: the known ones first."""
    wanted: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        if item.completion is not None:
            yield [number], item.completion
        else:
            wanted[id(item.engine), item.prepared.key].append(number)
    if cache is not None:
        cache.fetch(items[numbers[0]].prepared.key for numbers in wanted.values())
    asked: dict[int, list[list[int]]] = defaultdict(list)
    for (engine, key), numbers in wanted.items():
        known = None if items[numbers[0]].prepared.problem else _known(key, cache, record)
        if known is None:
            asked[engine].append(numbers)
        else:
            yield numbers, known
    for numbers, completion in _in_turn([_ask(items, groups) for groups in asked.values()]):
        if cache is not None and not completion.cached:  # what was only replayed may be anybody's
            cache.put(items[numbers[0]].prepared.key, completion)
        yield numbers, completion


def _known(key: str, cache: ResponseCache | None, record: Record | None) -> Completion | None:
    known = record.answer(key) if record is not None else None
    return cache.get(key) if known is None and cache is not None else known


def _ask(items: Sequence[Item], groups: Sequence[list[int]]) -> Iterator[tuple[list[int], Completion]]:
    engine: Engine | None = items[groups[0][0]].engine
    if engine is not None:
        for index, completion in engine.complete([items[numbers[0]].prepared for numbers in groups]):
            yield groups[index], completion


def _in_turn(
    sources: Sequence[Iterator[tuple[list[int], Completion]]],
) -> Iterator[tuple[list[int], Completion]]:
    """One answer from each source in turn, so that base and head meet the same conditions."""
    living = list(sources)
    while living:
        for source in tuple(living):
            try:
                yield next(source)
            except StopIteration:
                living.remove(source)


def _judged(item: Item, completion: Completion) -> Sample:
    status, score, checks = judge(
        item.case,
        completion,
        output_schema=item.output_schema,
        around=Surroundings(item.render, item.encoder),
    )
    return Sample(
        suite=item.suite.id,
        case=item.case.id,
        group=item.case.group,
        arm=item.arm,
        index=item.index,
        status=status,
        score=score,
        key=item.prepared.key,
        completion=completion,
        checks=checks,
        required=item.case.required,
    )
