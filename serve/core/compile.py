"""Bundle to Live: everything that can fail is done here, before a release may answer.

What did not change since the release before is taken over as it stands, by digest.
It must never let a release through that renders differently here than it did where it was tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from serve.core.bundle import entry_digest
from serve.core.codec import to_json
from serve.core.digest import digest
from serve.core.errors import BundleRefused, PromptyardError
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


def compile_bundle(bundle: Bundle, *, sha256: str, previous: Live | None = None, warm: bool = True) -> Live:
    """A release ready to answer.

    Args:
        bundle: what :func:`serve.core.bundle.unpack` returned.
        sha256: digest of the packed bytes.
        previous: the release before; entries of equal digest are taken over.
        warm: compile every prompt and run the probes now. A cold start from a disk that was verified
            before leaves it out, and each prompt is compiled at its first use.

    Raises:
        BundleRefused: BND006 when a prompt does not compile, BND007 when a probe renders differently.
    """
    workshop = _Workshop(bundle)
    kept = _unchanged(bundle, previous) if previous is not None else {}
    live = Live(bundle.manifest, sha256, bundle.prompts, kept, workshop.compile)
    if warm:
        _warm(live)
        _run_probes(live)
    return live


def messages_digest(messages: tuple[ChatMessage, ...]) -> str:
    """The digest of rendered messages, as CI writes it into a probe."""
    return digest(to_json(list(messages)))


def _unchanged(bundle: Bundle, previous: Live) -> dict[str, CompiledPrompt]:
    """Prompts of equal digest; equal values would not do, since 1 and true are equal and print differently."""
    held = {entry.path: entry.sha256 for entry in previous.manifest.entries}
    digests = {entry.path: entry.sha256 for entry in bundle.manifest.entries}
    paths = {name: f"prompts/{name}.json" for name in bundle.prompts}
    return {
        name: previous.get(name)
        for name, path in paths.items()
        if path in held and held[path] == digests.get(path)
    }


def _warm(live: Live) -> None:
    for name in live.prompts():
        try:
            live.get(name)
        except PromptyardError as error:
            what = f"release {live.release}: prompt {name} does not compile ({error.code})"
            raise BundleRefused("BND006", what, "Run promptyard lint at that commit.") from error


def _run_probes(live: Live) -> None:
    for probe in live.manifest.probes:
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
    guards: dict[tuple[Reference, ...], Guard] = field(default_factory=dict)

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
            self.guards[refs] = compile_guard([self.bundle.guardrails[ref.id] for ref in refs])
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
