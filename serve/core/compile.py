"""Bundle to Live: everything that can fail is done here, before a release may answer.

What did not change since the release before is taken over as it stands, by digest. A new prompt is compiled to
see that it can be; the result is kept where the release before had it in use, else made again at its first use,
so that two releases fit into memory side by side.
It must never let a release through that renders differently here than it did where it was tested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from serve.core.bundle import entry_digest, no_rest
from serve.core.codec import to_json
from serve.core.digest import digest
from serve.core.errors import BundleRefused, PromptyardError
from serve.core.guard.checks.asked import NO_MODELS, Models
from serve.core.guard.checks.table import ASKING
from serve.core.guard.engine import Guard, compile_guard
from serve.core.inputs import Inputs
from serve.core.live import Arm, CompiledPrompt, Live, history_messages
from serve.core.live import Renderer as Messages
from serve.core.model import (
    Bundle,
    ChatMessage,
    ContentPart,
    Item,
    Json,
    Message,
    ModelConfig,
    Part,
    Placeholder,
    Prompt,
    Reference,
    Role,
)  # fmt: skip
from serve.core.render import Renderer, compile_template


def compile_bundle(
    bundle: Bundle,
    *,
    sha256: str,
    previous: Live | None = None,
    warm: bool = True,
    rest: Callable[[], None] = no_rest,
    models: Models = NO_MODELS,
) -> Live:
    """A release ready to answer.

    Args:
        bundle: what :func:`serve.core.bundle.unpack` returned.
        sha256: digest of the packed bytes.
        previous: the release before; entries of equal digest are taken over.
        warm: compile every prompt that is new and run the probes now. A cold start from a disk that was
            verified before leaves it out.
        rest: called between two prompts, where other threads may go first.
        models: opens what guardrail rules ask; all are opened now, so that none is found missing later.

    Raises:
        BundleRefused: GRD020 when a rule asks what cannot be asked here, BND006 when a prompt does not compile,
            BND007 when a probe renders differently.
    """
    workshop = _Workshop(bundle, models)
    workshop.open_models()
    kept = _taken_over(bundle, previous) if previous is not None else {}
    live = Live(bundle.manifest, sha256, bundle.prompts, kept, workshop.compile)
    if warm:
        _try_all(workshop, live, previous, rest)
        _run_probes(live, rest)
    return live


def messages_digest(messages: tuple[ChatMessage, ...]) -> str:
    """The digest of rendered messages, as CI writes it into a probe."""
    return digest(to_json(list(messages)))


def _taken_over(bundle: Bundle, previous: Live) -> dict[str, CompiledPrompt]:
    """What is in use and has an equal digest; equal values would not do, since 1 and true are equal and print differently."""
    digests = {entry.path: entry.sha256 for entry in bundle.manifest.entries}
    return {
        name: compiled
        for name, compiled in previous.in_use().items()
        if digests.get(f"prompts/{name}.json") == compiled.version
    }


def _try_all(workshop: _Workshop, live: Live, previous: Live | None, rest: Callable[[], None]) -> None:
    known = {(entry.path, entry.sha256) for entry in previous.manifest.entries} if previous else set()
    in_use = previous.in_use() if previous else {}
    new = (entry for entry in live.manifest.entries if (entry.path, entry.sha256) not in known)
    for name in (e.path[len("prompts/") : -len(".json")] for e in new if e.path.startswith("prompts/")):
        rest()
        try:
            if name in in_use:
                live.get(name)
            else:
                workshop.compile(live.prompts()[name])
        except PromptyardError as error:
            what = f"release {live.release}: prompt {name} does not compile ({error.code})"
            raise BundleRefused("BND006", what, "Run promptyard lint at that commit.") from error


def _run_probes(live: Live, rest: Callable[[], None]) -> None:
    for probe in live.manifest.probes:
        rest()
        try:
            messages = live.render(probe.prompt, probe.inputs, variant=probe.variant).messages
        except PromptyardError as error:
            raise _different(live, probe.prompt) from error
        if messages_digest(messages) != probe.messages_sha256:
            raise _different(live, probe.prompt)


def _different(live: Live, prompt: str) -> BundleRefused:
    what = f"release {live.release}: prompt {prompt} renders differently here than where it was tested"
    return BundleRefused("BND007", what, "Run the same promptyard version in CI and here.")


@dataclass(slots=True)
class _Workshop:
    """Compiles prompts of one bundle; guards of equal sets are made once."""

    bundle: Bundle
    models: Models
    guards: dict[tuple[Reference, ...], Guard] = field(default_factory=dict)

    def open_models(self) -> None:
        """Make the guards that ask a model at once, whatever is taken over or left for later."""
        for refs in {prompt.guardrails for prompt in self.bundle.prompts.values()}:
            rules = (rule for ref in refs for rule in self.bundle.guardrails[ref.id].rules)
            if any(rule.kind in ASKING for rule in rules):
                self._guard(refs)

    def compile(self, prompt: Prompt) -> CompiledPrompt:
        arms: dict[str | None, Arm] = {None: self._arm(prompt.messages, prompt.model, prompt.parameters)}
        for name, variant in prompt.variants.items():
            arms[name] = self._arm(variant.messages, variant.model, variant.parameters)
        return CompiledPrompt(
            prompt=prompt,
            version=entry_digest(prompt),
            inputs=Inputs(prompt),
            arms=arms,
            tools=tuple(self.bundle.tools[ref.id] for ref in prompt.tools),
            guard=self._guard(prompt.guardrails),
        )

    def _arm(self, items: tuple[Item, ...], model: Reference, parameters: Mapping[str, Json]) -> Arm:
        config: ModelConfig = self.bundle.models[model.id]
        return Arm(_compile_items(items), config, {**config.parameters, **parameters})

    def _guard(self, refs: tuple[Reference, ...]) -> Guard:
        if refs not in self.guards:
            self.guards[refs] = compile_guard([self.bundle.guardrails[ref.id] for ref in refs], self.models)
        return self.guards[refs]


def _compile_items(items: tuple[Item, ...]) -> Messages:
    makers = [_placeholder(item) if isinstance(item, Placeholder) else _message(item) for item in items]
    return lambda values: tuple([message for maker in makers for message in maker(values)])


def _placeholder(item: Placeholder) -> Messages:
    name = item.history
    return lambda values: history_messages(values[name])


def _message(item: Message) -> Messages:
    role = item.role
    if len(item.content) == 1 and item.content[0].kind == "text":
        return _text_message(role, compile_template(item.content[0].text))
    parts = [(part, compile_template(part.text)) for part in item.content]
    return lambda values: (ChatMessage(role, tuple([_part(part, text, values) for part, text in parts])),)


def _text_message(role: Role, text: Renderer) -> Messages:
    return lambda values: (ChatMessage(role, text(values)),)


def _part(part: Part, text: Renderer, values: Mapping[str, Any]) -> ContentPart:
    return ContentPart(text(values), part.kind, part.media_type)
