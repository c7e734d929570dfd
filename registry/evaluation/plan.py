"""What a run will ask: every suite, case, sample and arm, rendered and addressed before anything is computed.

Nothing but content addresses decides what runs, so a case that no change touches costs one look at
the cache. It must never ask a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from registry.errors import PromptyardError, Usage
from registry.evaluation.arms import LOCAL, Arm, Engines
from registry.evaluation.engines.port import Engine, Prepared, Request
from registry.evaluation.expectations.outcome import Classifier, Encoder
from registry.evaluation.judges.judge import Judge
from registry.evaluation.needs import judges_of, needs_classifier, needs_encoder, needs_logprobs
from registry.evaluation.records import ArmName, Case, Completion, Suite
from registry.evaluation.shards import Shard
from registry.evaluation.shelf import by_key
from serve.core.digest import digest
from serve.core.live import Render
from serve.core.model import Json
from serve.core.payloads import Call

CHUNK = 2048  # answers that are planned, looked up and asked together


@dataclass(frozen=True, slots=True)
class Item:
    """One answer that is wanted: ``completion`` where it is known already, else ``engine`` is asked.

    ``render`` is what the prompt was rendered to, None where it could not be; ``call`` the same as a request,
    None where no model is asked. ``encoder`` is there where a check compares meanings, ``classifier`` where one asks
    for a label, ``judges`` where one asks a judge, by the name that it gives: both arms have head's judges.
    """

    suite: Suite
    case: Case
    arm: ArmName
    index: int
    output_schema: Mapping[str, Json] | None
    prepared: Prepared
    engine: Engine | None = None
    completion: Completion | None = None
    call: Call | None = None
    render: Render | None = None
    encoder: Encoder | None = None
    classifier: Classifier | None = None
    judges: Mapping[str | None, Judge] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the suites runs.

    Attributes:
        cases: ids of the cases, None for all.
        samples: how many samples per case, None for what the suite says.
        first: index of the first sample.
        shard: the part of a run that is cut into several, None for all of it.
    """

    cases: frozenset[str] | None = None
    samples: int | None = None
    first: int = 0
    shard: Shard | None = None

    def holds(self, suite: Suite, case: Case) -> bool:
        """True when a case is in scope."""
        if self.cases is not None and case.id not in self.cases:
            return False
        return self.shard is None or self.shard.holds(suite.id, case.group)


def plan(
    suites: Sequence[Suite], arms: Sequence[Arm], engines: Engines, scope: Scope = Scope()
) -> tuple[Item, ...]:
    """Every wanted answer at once, base and head side by side; for runs that fit into memory.

    Raises:
        Usage, EngineError: as :func:`chunks` does.
    """
    return tuple(chain.from_iterable(chunks(suites, arms, engines, scope)))


def chunks(
    suites: Sequence[Suite], arms: Sequence[Arm], engines: Engines, scope: Scope = Scope()
) -> Iterator[tuple[Item, ...]]:
    """Every wanted answer, base and head side by side, so many at a time that memory does not grow with the run.

    The base is asked only what it was asked before: cases that its own suite of that id holds unchanged.
    The first case of every suite is tried before the first chunk, so that a model that is missing is found before
    any other is asked.

    Raises:
        Usage: EVL002 a prompt that head does not have; a model that cannot be called, see Engines.get.
        EngineError: a model that cannot be used.
    """
    for suite in suites:
        _try_out(suite, arms, engines)
    drafts = (draft for suite in suites for draft in _drafts(suite, arms, engines, scope))
    while chunk := tuple(islice(drafts, CHUNK)):
        yield tuple(
            _with_judges(_with_encoder(item, arms, engines), arms, engines) for item in _addressed(chunk)
        )


def expected(suites: Sequence[Suite], arms: Sequence[Arm], scope: Scope = Scope()) -> int:
    """How many answers a plan wants, without making it."""
    return sum(
        len(_asked(case, present)) * (scope.samples or suite.samples)
        for suite in suites
        for present in [_present(suite, arms)]
        for case in suite.cases
        if scope.holds(suite, case)
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    item: Item
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class _Side:
    """An arm that has the prompt; ``own`` finds a case in its suite of that id, None where every case is its own."""

    arm: Arm
    own: Callable[[str], Case | None] | None


def _try_out(suite: Suite, arms: Sequence[Arm], engines: Engines) -> None:
    for arm in arms:
        if arm.name == "head" and suite.prompt not in arm.live.prompts():
            what = f"suite {suite.id} tests prompt {suite.prompt}, which is not there"
            raise Usage("EVL002", what, f"Correct prompt in {suite.path}.")
    first = next(iter(suite.cases), None)
    if first is not None:
        for arm in _asked(first, _present(suite, arms)):
            _draft(suite, first, arm, 0, engines)


def _drafts(suite: Suite, arms: Sequence[Arm], engines: Engines, scope: Scope) -> Iterator[_Draft]:
    samples = scope.samples or suite.samples
    present = _present(suite, arms)
    for case in suite.cases:
        if not scope.holds(suite, case):
            continue
        asked = _asked(case, present)
        for index in range(scope.first, scope.first + samples):
            for arm in asked:
                yield _draft(suite, case, arm, index, engines)


def _present(suite: Suite, arms: Sequence[Arm]) -> list[_Side]:
    return [_Side(arm, _own(suite, arm)) for arm in arms if suite.prompt in arm.live.prompts()]


def _own(suite: Suite, arm: Arm) -> Callable[[str], Case | None] | None:
    held = arm.suites.get(suite.id)
    if arm.name == "head" or held is suite:
        return None
    return by_key(held.cases if held is not None else (), lambda case: case.id)


def _asked(case: Case, present: Sequence[_Side]) -> list[Arm]:
    """The arms that are asked a case: head its own, base what it has unchanged."""
    return [side.arm for side in present if side.own is None or side.own(case.id) == case]


def _with_encoder(item: Item, arms: Sequence[Arm], engines: Engines) -> Item:
    if not needs_encoder(item.case):
        return item
    arm = next(arm for arm in arms if arm.name == item.arm)
    encoder = engines.encoder(arm)
    classifier = engines.classifier(arm, item.suite.labels) if needs_classifier(item.case) else None
    return replace(item, encoder=encoder, classifier=classifier)


def _with_judges(item: Item, arms: Sequence[Arm], engines: Engines) -> Item:
    asked = judges_of(item.case)
    if not asked:
        return item
    head = next((arm for arm in arms if arm.name == "head"), arms[-1])
    found = {name: engines.judge(head, item.suite, name) for name in asked}
    return replace(item, judges={name: judge for name, judge in found.items() if judge is not None})


def _draft(suite: Suite, case: Case, arm: Arm, index: int, engines: Engines) -> _Draft:
    prompt = arm.live.prompt(suite.prompt)
    schema = prompt.output.schema if prompt.output is not None else None
    try:
        render = arm.live.render(suite.prompt, case.inputs, variant=case.variant)
    except PromptyardError as error:
        failed = Completion("", 0, 0, error=str(error))
        nothing = Prepared(digest([suite.prompt, case.variant, failed.error]), problem=failed.error)
        return _Draft(Item(suite, case, arm.name, index, schema, nothing, completion=failed))
    if suite.mode == "render":
        text = _as_text(render)
        shown = Completion(text, 0, 0)
        address = Prepared(digest(text))
        return _Draft(Item(suite, case, arm.name, index, schema, address, completion=shown, render=render))
    engine = engines.get(arm, render.model)
    if suite.decode is not None and render.model.engine != LOCAL:
        refused = (
            f"ENG014 {render.model.engine} cannot be held to decode: {suite.decode.kind}. Use a local model."
        )
        failed = Completion("", 0, 0, error=refused)
        address = Prepared(digest([suite.prompt, case.variant, refused]), problem=refused)
        return _Draft(Item(suite, case, arm.name, index, schema, address, completion=failed, render=render))
    request = Request(
        render.messages,
        render.parameters,
        render.tools,
        sample=index,
        output=render.output,
        decode=suite.decode,
        logprobs=needs_logprobs(case),
    )
    call = Call(render.messages, render.model, render.parameters, render.output, render.tools)
    item = Item(suite, case, arm.name, index, schema, Prepared(""), engine=engine, call=call, render=render)
    return _Draft(item, request)


def _as_text(render: Render) -> str:
    """The rendered messages, one ``role: text`` paragraph each."""
    return "\n".join(f"{message.role}: {message.text}" for message in render.messages)


def _addressed(drafts: Sequence[_Draft]) -> Iterable[Item]:
    """All requests of one engine are tokenised in one go."""
    prepared: dict[int, Prepared] = {}
    engines = {id(draft.item.engine): draft.item.engine for draft in drafts if draft.item.engine}
    for name, engine in engines.items():
        mine = [n for n, draft in enumerate(drafts) if id(draft.item.engine) == name]
        requests = [request for n in mine if (request := drafts[n].request) is not None]
        prepared |= zip(mine, engine.prepare(requests), strict=True)
    for n, draft in enumerate(drafts):
        yield replace(draft.item, prepared=prepared[n]) if n in prepared else draft.item
