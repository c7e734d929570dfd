"""The whole test run as one function: plan, run, verdict per suite, verdicts settled together.

The command and everything else that wants a verdict come through here, so they cannot differ.
It must never print, and never let a suite that was run go without a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry.evaluation import gate
from registry.evaluation.answered import Answered
from registry.evaluation.arms import Arm, Engines
from registry.evaluation.cache import ResponseCache
from registry.evaluation.conditions import Conditions, Gathering
from registry.evaluation.guarding import Guarded, Guarding
from registry.evaluation.judges.told import told
from registry.evaluation.judges.wavering import wavering
from registry.evaluation.noise import noisy
from registry.evaluation.plan import Item, Scope, chunks, expected
from registry.evaluation.record import Record
from registry.evaluation.records import Sample, Suite
from registry.evaluation.runner import Watch, rerun, stream
from registry.evaluation.shelf import Shelf
from registry.evaluation.verdict import Verdict

Begin = Callable[[int], Watch]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where answers and samples are kept; None keeps none.

    ``planned`` is given the wanted answers before they are asked, a chunk at a time; ``begin`` is told how many
    will come.
    """

    cache: ResponseCache | None = None
    record: Record | None = None
    begin: Begin | None = None
    planned: Callable[[Sequence[Item]], None] | None = None

    def watch(self, total: Callable[[], int]) -> Watch | None:
        """What is called with each sample."""
        return self.begin(total()) if self.begin is not None else None

    def seen(self, planned: Iterable[Sequence[Item]]) -> Iterator[Sequence[Item]]:
        """The chunks of a plan, each shown before it is asked."""
        for chunk in planned:
            if self.planned is not None:
                self.planned(chunk)
            yield chunk


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run, or a part of one, was answered, by suite.

    ``answered`` holds the rows that verdicts need, ``samples`` the samples themselves where somebody reads them,
    ``guarded`` what guardrails would do with inputs and answers.
    """

    answered: Mapping[str, Answered] = field(default_factory=dict)
    conditions: Mapping[str, Conditions] = field(default_factory=dict)
    samples: Mapping[str, Shelf[Sample]] = field(default_factory=dict)
    guarded: Mapping[str, tuple[Guarded, ...]] = field(default_factory=dict)

    def add(self, sample: Sample, *, whole: bool) -> None:
        """Take a sample in; ``whole`` where somebody will read the sample itself."""
        self.answered[sample.suite].add(sample)
        if whole:
            self.samples[sample.suite][_name(sample)] = sample


def nothing_of(suites: Iterable[str]) -> Asked:
    """Some suites of which nothing was answered yet."""
    names = tuple(suites)
    held = {name: Conditions() for name in names}
    return Asked({name: Answered() for name in names}, held, {name: Shelf() for name in names})


def wanted(
    suites: Sequence[Suite],
    head: Arm,
    base: Arm | None,
    engines: Engines,
    *,
    aa: bool = False,
    scope: Scope = Scope(),
) -> Iterator[Sequence[Item]]:
    """Every answer that :func:`examine` asks for, or :func:`noise` where ``aa`` is set, in chunks; nothing is asked.

    Raises:
        Usage, EngineError: as they do.
    """
    yield from chunks(suites, _arms(head, base), engines, scope)
    if aa:
        yield from _second_round(suites, head, engines)


def examine(
    suites: Sequence[Suite], head: Arm, base: Arm | None, engines: Engines, keeping: Keeping = Keeping()
) -> tuple[Verdict, ...]:
    """A verdict for each suite: head against base, or head alone where there is no base.

    Raises:
        Usage: for a suite that cannot be run, see :func:`registry.evaluation.plan.chunks`.
        EngineError: for a model that cannot be used.
    """
    return conclude(suites, head, base, engines, ask(suites, head, base, engines, keeping, whole=False))


def ask(
    suites: Sequence[Suite],
    head: Arm,
    base: Arm | None,
    engines: Engines,
    keeping: Keeping = Keeping(),
    scope: Scope = Scope(),
    *,
    whole: bool = True,
) -> Asked:
    """The judged answers to what is in scope, without a verdict.

    Samples are kept whole unless only a verdict is wanted; those that judges read always are.

    Raises:
        Usage, EngineError: as :func:`examine` does.
    """
    arms = _arms(head, base)
    watch = keeping.watch(lambda: expected(suites, arms, scope))
    planned = keeping.seen(chunks(suites, arms, engines, scope))
    return _gathered(suites, stream(planned, cache=keeping.cache, record=keeping.record), watch, whole=whole)


def conclude(
    suites: Sequence[Suite],
    head: Arm,
    base: Arm | None,
    engines: Engines,
    asked: Asked,
    *,
    reachable: Container[str] | None = None,
) -> tuple[Verdict, ...]:
    """The verdicts on what :func:`ask` gave, or on several parts of it together, settled with each other.

    Flips are asked again in the suites that are ``reachable``, None for all of them.
    """
    arms = _arms(head, base)
    found = []
    for suite in suites:
        asks = base is not None and (reachable is None or suite.id in reachable)
        again = rerun(suite, arms, engines) if asks else None
        found.append(advised(_verdict(suite, base, asked, again), suite, engines, asked))
    return gate.settle(found)


def advised(verdict: Verdict, suite: Suite, engines: Engines, asked: Asked) -> Verdict:
    """The verdict with what counts for nothing and should be read: what guardrails would do, what judges said."""
    verdict = replace(verdict, guarded=asked.guarded.get(suite.id, ()))
    judges = engines.judges_of(suite.id)
    if judges or suite.judge is not None:  # else a look at every sample would find nothing
        return told(verdict, asked.samples[suite.id].values(), judges)
    return verdict


def noise(
    suites: Sequence[Suite], head: Arm, engines: Engines, keeping: Keeping = Keeping()
) -> tuple[Verdict, ...]:
    """Head against itself, asked twice with fresh seeds and in another order: what a change must rise above.

    The second round plays the base. Nothing comes from the cache, so a machine that answers
    unevenly shows here; samples are not recorded.
    """
    watch = keeping.watch(lambda: 2 * expected(suites, [head]))
    first = keeping.seen(chunks(suites, [head], engines))
    asked = _gathered(suites, stream(first), watch, whole=False)
    offset = {suite.id: suite.samples for suite in suites}
    second = (chunk[::-1] for chunk in keeping.seen(_second_round(suites, head, engines)))
    for item, sample in stream(second):
        if watch is not None:
            watch(sample)
        twin = replace(sample, arm="base", index=sample.index - offset[item.suite.id])
        asked.add(twin, whole=bool(item.judges))
    even = {
        suite: replace(held, comparability=dict.fromkeys(("base", "head"), held.comparability["head"]))
        for suite, held in asked.conditions.items()
    }
    base = replace(head, name="base")
    found = gate.settle(_verdict(suite, base, replace(asked, conditions=even), None) for suite in suites)
    return tuple(_read(noisy(verdict), asked, engines) for verdict in found)


def _read(verdict: Verdict, asked: Asked, engines: Engines) -> Verdict:
    """The verdict with what there is to say of the judges of its suite."""
    judges, samples = engines.judges_of(verdict.suite), asked.samples[verdict.suite]
    if not judges:
        return verdict
    return wavering(told(verdict, samples.values(), judges), samples.values())


def _gathered(
    suites: Sequence[Suite], answered: Iterable[tuple[Item, Sample]], watch: Watch | None, *, whole: bool
) -> Asked:
    found = nothing_of(suite.id for suite in suites)
    conditions, guarding = Gathering(), Guarding()
    for item, sample in answered:
        found.add(sample, whole=whole or bool(item.judges))
        conditions.note(item, sample)
        guarding.note(item, sample)
        if watch is not None:
            watch(sample)
    return replace(
        found,
        conditions={suite.id: conditions.of(suite.id) for suite in suites},
        guarded={suite.id: held for suite in suites if (held := guarding.of(suite.id))},
    )


def _name(sample: Sample) -> str:
    return f"{sample.arm} {sample.index} {sample.case}"


def _arms(head: Arm, base: Arm | None) -> list[Arm]:
    return [head] if base is None else [base, head]


def _second_round(suites: Sequence[Suite], head: Arm, engines: Engines) -> Iterator[Sequence[Item]]:
    for suite in suites:
        yield from chunks([suite], [head], engines, Scope(first=suite.samples))


def _verdict(suite: Suite, base: Arm | None, asked: Asked, again: gate.Rerun | None) -> Verdict:
    held = asked.conditions[suite.id]
    samples, comparable = asked.answered[suite.id], held.compared()
    if base is None:
        return gate.absolute(suite, samples, comparability=comparable.get("head"))
    return gate.decide(
        suite,
        base.suites.get(suite.id),
        samples,
        comparability=comparable,
        rerun=again,
        deterministic=held.deterministic,
    )
