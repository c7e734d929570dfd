"""A release ready to answer, and what it answers with.

One Live is one release: whoever holds it renders prompt, model config, tools and guardrails that belong together.
It must never change after it was built, and never touch network, disk or clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from serve.core import payloads
from serve.core.errors import UnknownPrompt, Usage
from serve.core.guard.engine import Guard
from serve.core.guard.given import NOTHING, Given
from serve.core.guard.stream import StreamGuard
from serve.core.guard.verdict import Verdict
from serve.core.guard.waiting import beside
from serve.core.guard.watch import Watch
from serve.core.inputs import CANARY, Inputs, marker_of
from serve.core.model import (
    CallingMessage,
    ChatMessage,
    Json,
    Manifest,
    ModelConfig,
    Output,
    Prompt,
    Stage,
    Tool,
    ToolCall,
    ToolMessage,
)

Renderer = Callable[[Mapping[str, Any]], tuple[ChatMessage, ...]]


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to render a prompt: its own messages, model and parameters."""

    render: Renderer
    model: ModelConfig
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class CompiledPrompt:
    """A prompt ready to render. ``arms`` holds the default under None and each variant under its name."""

    prompt: Prompt
    version: str
    inputs: Inputs
    arms: Mapping[str | None, Arm]
    tools: tuple[Tool, ...]
    guard: Guard


@dataclass(frozen=True, slots=True)
class Render:
    """Exact messages, and everything that belongs to them, from one release.

    Attributes:
        messages: what the model shall see, in order.
        release: number of the release.
        variant: name of the variant, None for the default.
        reason: why this variant (OpenFeature's vocabulary): STATIC when the caller named it, else DEFAULT.
        render_id: the caller's id for this render, empty when none was given.
        watch: who is told of what its guardrails find.
        given: what its guardrails know of the request: the day, its segment, the canary in its messages.
    """

    messages: tuple[ChatMessage, ...]
    release: int
    variant: str | None
    reason: str
    render_id: str
    compiled: CompiledPrompt
    watch: Watch | None = None
    given: Given = NOTHING

    @property
    def prompt(self) -> str:
        """Id of the prompt."""
        return self.compiled.prompt.id

    @property
    def version(self) -> str:
        """Digest of the resolved prompt: partials, model config, guardrails and tools included."""
        return self.compiled.version

    @property
    def model(self) -> ModelConfig:
        """The model config to call with."""
        return self.compiled.arms[self.variant].model

    @property
    def parameters(self) -> Mapping[str, Json]:
        """Model parameters, the prompt's own over those of the model config."""
        return self.compiled.arms[self.variant].parameters

    @property
    def output(self) -> Output | None:
        """The shape that the answer must have, if the prompt states one."""
        return self.compiled.prompt.output

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Functions that the model may ask for."""
        return self.compiled.tools

    def to_openai(self) -> dict[str, Json]:
        """The request body for OpenAI's chat completions; raises Usage for what it cannot say."""
        return self.to_payload("openai")

    def to_openai_responses(self) -> dict[str, Json]:
        """The request body for OpenAI's responses; raises Usage for what it cannot say."""
        return self.to_payload("openai-responses")

    def to_anthropic(self) -> dict[str, Json]:
        """The request body for Anthropic's messages; raises Usage for what it cannot say."""
        return self.to_payload("anthropic")

    def to_gemini(self) -> dict[str, Json]:
        """The request body for Gemini's generateContent; raises Usage for what it cannot say.

        The model's name (``render.model.model``) goes into the URL.
        """
        return self.to_payload("gemini")

    def to_bedrock(self) -> dict[str, Json]:
        """The arguments of Amazon Bedrock's ``converse``; raises Usage for what it cannot say."""
        return self.to_payload("bedrock")

    def to_payload(self, form: str | None = None) -> dict[str, Json]:
        """The request body for a provider (a key of ``payloads.BODIES``), by default that of the model's engine.

        Raises:
            Usage: PAY007 for an engine without a request body, PAY001 to PAY008 for what it cannot say.
        """
        wanted = form or payloads.NATIVE.get(self.model.engine, self.model.engine)
        body = payloads.BODIES.get(wanted)
        if body is None:
            what = f"{wanted} has no request body (model {self.model.id})"
            known = ", ".join(payloads.BODIES)
            raise Usage("PAY007", what, f"Send its messages to the local engine, or name one of {known}.")
        return body(payloads.Call(self.messages, self.model, self.parameters, self.output, self.tools))

    def check(self, text: str, stage: Stage, *, tries: int = 0) -> Verdict:
        """What the prompt's guardrails say of a text at a stage of the conversation.

        ``tries`` is how many answers to this request were refused before; after as many as a rule asks for,
        its ``then`` holds.
        """
        return self.compiled.guard.check(text, stage, self._given(tries), watch=self.watch)

    async def acheck(self, text: str, stage: Stage, *, tries: int = 0) -> Verdict:
        """:meth:`check` in a thread of its own, so that an event loop goes on meanwhile."""
        return await beside(lambda: self.check(text, stage, tries=tries))

    def check_input(self, text: str) -> Verdict:
        """What the prompt's guardrails say of a user's text."""
        return self.check(text, "input")

    def check_output(self, text: str, *, tries: int = 0) -> Verdict:
        """What the prompt's guardrails say of a model's answer; ``tries`` as for :meth:`check`."""
        return self.check(text, "output", tries=tries)

    def stream(self, stage: Stage = "output", *, tries: int = 0) -> StreamGuard:
        """A guard for an answer that arrives in pieces; its result equals :meth:`check` of the whole."""
        return self.compiled.guard.stream(stage, self._given(tries), watch=self.watch)

    def _given(self, tries: int) -> Given:
        return replace(self.given, tries=tries) if tries else self.given


class Live:
    """A whole release in memory. ``sha256`` is the digest of the packed bundle it came from."""

    __slots__ = ("_compile", "_compiled", "_prompts", "manifest", "release", "sha256")

    def __init__(
        self,
        manifest: Manifest,
        sha256: str,
        prompts: Mapping[str, Prompt],
        compiled: dict[str, CompiledPrompt],
        compile_one: Callable[[Prompt], CompiledPrompt],
    ) -> None:
        self.manifest = manifest
        self.release = manifest.release
        self.sha256 = sha256
        self._prompts = prompts
        self._compiled = compiled
        self._compile = compile_one

    def prompts(self) -> Mapping[str, Prompt]:
        """Every prompt of the release by id."""
        return self._prompts

    def in_use(self) -> Mapping[str, CompiledPrompt]:
        """Every prompt that was asked for so far, compiled."""
        return dict(self._compiled)

    def prompt(self, prompt: str) -> Prompt:
        """One prompt; raises UnknownPrompt (PRM001)."""
        return self.get(prompt).prompt

    def digest(self, prompt: str) -> str:
        """The digest of one resolved prompt; raises UnknownPrompt (PRM001)."""
        return self.get(prompt).version

    def get(self, prompt: str) -> CompiledPrompt:
        """One prompt, compiled at first use where it was not compiled before; raises UnknownPrompt (PRM001)."""
        try:
            return self._compiled[prompt]
        except KeyError:
            return self._first_use(prompt)

    def render(
        self,
        prompt: str,
        inputs: Mapping[str, Any],
        *,
        variant: str | None = None,
        render_id: str = "",
        watch: Watch | None = None,
        given: Given = NOTHING,
        key: bytes = b"",
    ) -> Render:
        """The prompt's messages for some inputs.

        A declared input ``canary`` that is not handed over becomes the prompt's marker, made with ``key``;
        guardrails know it from then on, and what else is ``given``.

        Raises:
            UnknownPrompt: PRM001 no such prompt, PRM002 no such variant.
            InputsRefused: inputs missing, extra or of the wrong type.
            Refused: RND001 when a template cannot be rendered from inputs that passed.
        """
        compiled = self.get(prompt)
        arm = compiled.arms.get(variant)
        if arm is None:
            known = ", ".join(sorted(name for name in compiled.arms if name)) or "none"
            where = f"prompt {prompt} (release {self.release})" if self.release else f"prompt {prompt}"
            what = f"{where} has no variant {variant}"
            raise UnknownPrompt("PRM002", what, f"Variants are: {known}.")
        if CANARY in compiled.prompt.inputs:
            inputs = {CANARY: marker_of(prompt, key), **inputs} if key else inputs
        values = compiled.inputs.check(inputs, self.release)
        messages = arm.render(values)
        reason = "STATIC" if variant else "DEFAULT"
        if CANARY in compiled.prompt.inputs:
            given = replace(given, canary=str(values[CANARY]))
        return Render(messages, self.release, variant, reason, render_id, compiled, watch, given)

    def _first_use(self, prompt: str) -> CompiledPrompt:
        if prompt not in self._prompts:
            what = f"release {self.release} holds no prompt {prompt}"
            raise UnknownPrompt("PRM001", what, "promptyard list shows what it holds.")
        compiled = self._compile(self._prompts[prompt])
        self._compiled[prompt] = compiled
        return compiled


def history_messages(earlier: list[Mapping[str, Any]]) -> tuple[ChatMessage, ...]:
    """Checked earlier messages of a conversation, taken as they are."""
    return tuple([_history_message(message) for message in earlier])


def _history_message(message: Mapping[str, Any]) -> ChatMessage:
    role, content = message["role"], message.get("content", "")
    if role == "tool":
        return ToolMessage("tool", content, message["toolCallId"])
    if "toolCalls" in message:
        calls = (ToolCall(call["id"], call["name"], call["arguments"]) for call in message["toolCalls"])
        return CallingMessage("assistant", content, tuple(calls))
    return ChatMessage("assistant" if role == "assistant" else "user", content)
