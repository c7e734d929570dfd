"""From a plan to judged samples: look up, ask once what nobody knows, judge, write down, in that order.

Answers that models are to judge wait for each other and are put to their judges together.
Every answer is kept and recorded the moment it comes, so stopping a run loses nothing that was computed. A run is
taken in chunks: what is known is judged at once, what is not gathers until it fills the engines.
It must never ask a question twice, nor turn trouble of the machine into a failed case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from registry.evaluation.arms import Arm, Engines
from registry.evaluation.cache import ResponseCache
from registry.evaluation.engines.port import Engine
from registry.evaluation.expectations.judge import judge
from registry.evaluation.expectations.outcome import Surroundings
from registry.evaluation.gate import Rerun
from registry.evaluation.judges.hearing import hear
from registry.evaluation.plan import CHUNK, Item, Scope, plan
from registry.evaluation.record import Record
from registry.evaluation.records import Check, Completion, Sample, Status, Suite
from registry.evaluation.shelf import Shelf
from serve.core.digest import digest

Watch = Callable[[Sample], None]
Pair = tuple[Item, Completion]


def run(
    items: Sequence[Item],
    *,
    cache: ResponseCache | None = None,
    record: Record | None = None,
    watch: Watch | None = None,
) -> tuple[Sample, ...]:
    """Judged samples in the order of the plan, for runs that fit into memory.

    Args:
        items: what :func:`registry.evaluation.plan.plan` returned.
        cache: see :func:`stream`.
        record: see :func:`stream`.
        watch: called with each sample as it comes.

    Raises:
        EngineError, MissingExtra: as :func:`stream` does.
    """
    samples: dict[int, Sample] = {}
    for item, sample in stream([items], cache=cache, record=record):
        samples[id(item)] = sample
        if watch is not None:
            watch(sample)
    return tuple(samples[id(item)] for item in items)


def stream(
    chunks: Iterable[Sequence[Item]], *, cache: ResponseCache | None = None, record: Record | None = None
) -> Iterator[tuple[Item, Sample]]:
    """Each item with its judged sample, as answers come; nothing is held of those that were taken.

    Args:
        chunks: what :func:`registry.evaluation.plan.chunks` gives.
        cache: where answers are looked up and kept; None asks everything anew.
        record: gets a line for each sample as it comes, and gives the answers that it already holds.

    Raises:
        EngineError: when a model cannot be loaded; what came before it is kept.
        MissingExtra: when a check needs a part that is not installed.
    """
    known = _Known(cache, record)
    waiting: list[Pair] = []
    for answers in _rounds(chunks, known):
        for item, completion in answers:
            if item.judges and completion.error is None:
                waiting.append((item, completion))
                if record is not None and record.answer(item.prepared.key) is None:
                    record.write(
                        _sample(item, completion, "error", 0.0, ())
                    )  # so that the answer is not lost
                continue
            around = Surroundings(item.render, item.encoder, item.classifier)
            yield item, _recorded(_judged(item, completion, around), record)
        if (
            len(waiting) >= CHUNK
        ):  # between two rounds no engine is at work, so a judge may be the model itself
            yield from _judged_together(waiting, known, record)
            waiting = []
    yield from _judged_together(waiting, known, record)


def _judged_together(
    waiting: Sequence[Pair], known: _Known, record: Record | None
) -> Iterator[tuple[Item, Sample]]:
    for item, completion, around in hear(waiting, lambda items: _heard(items, known, record)):
        yield item, _recorded(_judged(item, completion, around), record)


def _recorded(sample: Sample, record: Record | None) -> Sample:
    if record is not None:
        record.write(sample)
    return sample


def _heard(items: Sequence[Item], known: _Known, record: Record | None) -> Iterator[Pair]:
    """What judges said, each answer kept and recorded as it comes."""
    for item, completion in chain.from_iterable(_rounds([items], known)):
        if record is not None:
            record.note(item.prepared.key, completion)
        yield item, completion


def rerun(suite: Suite, arms: Sequence[Arm], engines: Engines) -> Rerun:
    """What the gate re-checks flips with: fresh samples of some cases in all arms, never from the cache."""

    def again(cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        return run(plan([suite], arms, engines, Scope(frozenset(cases), count, first)))

    return again


class _Known:
    """The answers that are there: in the record of a run that goes on, in the cache, in this run itself."""

    def __init__(self, cache: ResponseCache | None, record: Record | None) -> None:
        self._cache = cache
        self._record = record
        self._fresh: Shelf[Completion] = Shelf()

    def fetch(self, items: Iterable[Item]) -> None:
        """Make the look at some items quick."""
        if self._cache is not None:
            self._cache.fetch(item.prepared.key for item in items if item.completion is None)

    def of(self, item: Item) -> Completion | None:
        """The answer to an item's question; None where it must be asked."""
        fresh = self._fresh.get(_question(item))
        if fresh is not None or item.prepared.problem:
            return fresh
        known = self._record.answer(item.prepared.key) if self._record is not None else None
        return self._cache.get(item.prepared.key) if known is None and self._cache is not None else known

    def keep(self, item: Item, completion: Completion) -> None:
        """Take in what was asked just now."""
        if self._cache is not None and not completion.cached:  # what was only replayed may be anybody's
            self._cache.put(item.prepared.key, completion)
        self._fresh[_question(item)] = completion


def _question(item: Item) -> str:
    return f"{id(item.engine)} {item.prepared.key}"


def _rounds(chunks: Iterable[Sequence[Item]], known: _Known) -> Iterator[Iterable[Pair]]:
    """Items with their answers: the known as soon as a chunk comes, the others when there are enough of them.

    Each round is to be taken whole before the next.
    """
    wanted: dict[str, list[Item]] = {}
    for chunk in chunks:
        yield _looked_up(chunk, known, wanted)
        if len(wanted) >= CHUNK:
            yield _asked(wanted, known)
            wanted = {}
    yield _asked(wanted, known)


def _looked_up(chunk: Sequence[Item], known: _Known, wanted: dict[str, list[Item]]) -> Iterator[Pair]:
    """What is known of a chunk; the rest joins what is wanted."""
    known.fetch(chunk)
    for item in chunk:
        twins = wanted.get(_question(item)) if item.completion is None else None
        if twins is not None:
            twins.append(item)
            continue
        held = item.completion or known.of(item)
        if held is not None:
            yield item, held
        else:
            wanted[_question(item)] = [item]


def _asked(wanted: dict[str, list[Item]], known: _Known) -> Iterator[Pair]:
    """Every question put once, to all engines in turn."""
    asked: dict[int, list[list[Item]]] = defaultdict(list)
    for twins in wanted.values():
        asked[id(twins[0].engine)].append(twins)
    for twins, completion in _in_turn([_ask(groups) for groups in asked.values()]):
        known.keep(twins[0], completion)
        for item in twins:
            yield item, completion


def _ask(groups: Sequence[list[Item]]) -> Iterator[tuple[list[Item], Completion]]:
    engine: Engine | None = groups[0][0].engine
    if engine is not None:
        for index, completion in engine.complete([twins[0].prepared for twins in groups]):
            yield groups[index], completion


def _in_turn(
    sources: Sequence[Iterator[tuple[list[Item], Completion]]],
) -> Iterator[tuple[list[Item], Completion]]:
    """One answer from each source in turn, so that base and head meet the same conditions."""
    living = list(sources)
    while living:
        for source in tuple(living):
            try:
                yield next(source)
            except StopIteration:
                living.remove(source)


def _judged(item: Item, completion: Completion, around: Surroundings) -> Sample:
    status, score, checks = judge(
        item.case,
        completion,
        output_schema=item.output_schema,
        around=around,
    )
    return _sample(item, completion, status, score, checks)


def _sample(
    item: Item, completion: Completion, status: Status, score: float, checks: tuple[Check, ...]
) -> Sample:
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
        inputs_sha256=digest(dict(item.case.inputs)) if item.call is not None else None,
    )
