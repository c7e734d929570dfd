"""What a run will ask: every suite, case, sample and arm, rendered and addressed before anything is computed.

Nothing but content addresses decides what runs, so a case that no change touches costs one look at
the cache. It must never ask a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from registry.errors import PromptyardError, Usage
from registry.evaluation.arms import LOCAL, RENDERING, Arm, Engines
from registry.evaluation.engines.port import Engine, Prepared, Request
from registry.evaluation.expectations.outcome import Encoder
from registry.evaluation.needs import needs_encoder, needs_logprobs
from registry.evaluation.records import ArmName, Case, Comparability, Completion, Suite
from serve.core.digest import digest
from serve.core.live import Render
from serve.core.model import Json
from serve.core.payloads import Call


@dataclass(frozen=True, slots=True)
class Item:
    """One answer that is wanted: ``completion`` where it is known already, else ``engine`` is asked.

    ``render`` is what the prompt was rendered to, None where it could not be; ``call`` the same as a request,
    None where no model is asked. ``encoder`` is there where a check compares meanings.
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


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the suites runs.

    Attributes:
        cases: ids of the cases, None for all.
        samples: how many samples per case, None for what the suite says.
        first: index of the first sample.
    """

    cases: frozenset[str] | None = None
    samples: int | None = None
    first: int = 0


def plan(
    suites: Sequence[Suite], arms: Sequence[Arm], engines: Engines, scope: Scope = Scope()
) -> tuple[Item, ...]:
    """Every wanted answer, base and head side by side.

    The base is asked only what it was asked before: cases that its own suite of that id holds unchanged.

    Raises:
        Usage: EVL002 a prompt that head does not have; a model that cannot be called, see Engines.get.
        EngineError: a model that cannot be used.
    """
    drafts = [draft for suite in suites for draft in _drafts(suite, arms, engines, scope)]
    encoders = {
        arm.name: engines.encoder(arm)
        for arm in arms
        if any(needs_encoder(draft.item.case) for draft in drafts)
    }
    return tuple(
        replace(item, encoder=encoders[item.arm])
        if item.arm in encoders and needs_encoder(item.case)
        else item
        for item in _addressed(drafts)
    )


def comparability(items: Iterable[Item], suite: str) -> dict[ArmName, Comparability]:
    """What must be equal before the arms of a suite may be compared, by arm."""
    found: dict[ArmName, Comparability] = {}
    for item in items:
        if item.suite.id == suite:
            found.setdefault(item.arm, item.engine.comparability() if item.engine else RENDERING)
    return found


def deterministic(items: Iterable[Item], suite: str) -> bool:
    """True when asking a suite again must give the same answers: greedy, on a deterministic engine."""
    asked = (item for item in items if item.suite.id == suite and item.engine is not None)
    return all(
        item.engine.deterministic and "seed" not in item.prepared.options for item in asked if item.engine
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    item: Item
    request: Request | None = None


def _drafts(suite: Suite, arms: Sequence[Arm], engines: Engines, scope: Scope) -> Iterable[_Draft]:
    samples = scope.samples or suite.samples
    for arm in arms:
        if arm.name == "head" and suite.prompt not in arm.live.prompts():
            what = f"suite {suite.id} tests prompt {suite.prompt}, which is not there"
            raise Usage("EVL002", what, f"Correct prompt in {suite.path}.")
    present = [(arm, _cases(arm, suite)) for arm in arms if suite.prompt in arm.live.prompts()]
    for case in suite.cases:
        if scope.cases is not None and case.id not in scope.cases:
            continue
        for index in range(scope.first, scope.first + samples):
            for arm, held in present:
                if held.get(case.id) == case:
                    yield _draft(suite, case, arm, index, engines)


def _cases(arm: Arm, suite: Suite) -> Mapping[str, Case]:
    """The cases by id as an arm has them: head's are those of the suite that is run."""
    own = suite if arm.name == "head" else arm.suites.get(suite.id)
    return {case.id: case for case in own.cases} if own is not None else {}


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
