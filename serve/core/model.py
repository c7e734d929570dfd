"""The frozen values that cross every storey: what a release holds.

Authoring produces them, the bundle carries them, a service renders them; one definition serves all three.
It must never hold behaviour beyond its own shape, nor anything that is not data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any  # a JSON value: null, boolean, number, string, list or object with string keys
Role = Literal["system", "user", "assistant"]  # of an authored message
ChatRole = Literal["system", "user", "assistant", "tool"]
PartKind = Literal["text", "image", "file"]
EngineName = Literal["ctranslate2", "openai", "anthropic", "gemini", "bedrock", "openai-compatible"]
ModelKind = Literal["generator", "translator", "encoder"]
Stage = Literal["input", "context", "tool_call", "tool_result", "output"]
RuleKind = Literal[
    "pattern", "literals", "url", "unicode", "canary", "json_schema", "length", "language",
    "similarity", "classifier", "judge", "entities",
]  # fmt: skip
ActionKind = Literal["block", "redact", "replace", "retry", "drop", "flag"]
Severity = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message. ``text`` is a template; for an image or a file it is the template of its URL."""

    text: str
    kind: PartKind = "text"
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """An authored message: its role is structure, its parts are templates with partials already in place."""

    role: Role
    content: tuple[Part, ...]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where earlier messages of a conversation go in, taken as they are and never templated."""

    history: str


Item = Message | Placeholder


@dataclass(frozen=True, slots=True)
class Reference:
    """Another entry of the same bundle, pinned by the digest of its canonical JSON."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Output:
    """The shape of the answer: a JSON Schema and the name a provider wants for it."""

    schema: Mapping[str, Json]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A whole alternative of a prompt, already merged: nothing is inherited at run time."""

    model: Reference
    parameters: Mapping[str, Json]
    messages: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """Upper bounds for one call: US dollars and prompt tokens."""

    max_cost_per_call_usd: float | None = None
    max_prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the prompt's context was built from, and for how many days it counts as fresh."""

    source: str
    version: str
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt, resolved: partials in place, variants merged, references pinned by digest.

    ``inputs`` maps each variable to its JSON Schema (the extra key ``trust`` says who writes it);
    ``includes`` maps each partial to the SHA-256 of its text, to answer "why did this change?".
    """

    id: str
    model: Reference
    messages: tuple[Item, ...]
    description: str = ""
    owner: str | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    output: Output | None = None
    guardrails: tuple[Reference, ...] = ()
    tools: tuple[Reference, ...] = ()
    variants: Mapping[str, Variant] = field(default_factory=dict)
    includes: Mapping[str, str] = field(default_factory=dict)
    budget: Budget | None = None
    knowledge: Knowledge | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """Local weights: a folder beside the model file (with its digest), or a Hugging Face name at a revision."""

    path: str | None = None
    sha256: str | None = None
    huggingface: str | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, by kind (``input``, ``output``, ``cachedInput``), and who says so."""

    currency: str
    per_million: Mapping[str, float]
    source: str
    effective_from: str


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model answers and with which parameters; never an endpoint, never a key."""

    id: str
    engine: EngineName
    model: str
    kind: ModelKind = "generator"
    parameters: Mapping[str, Json] = field(default_factory=dict)
    context_tokens: int | None = None
    weights: Weights | None = None
    prices: Prices | None = None
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may ask for: name, what it does, and the JSON Schema of its arguments."""

    id: str
    name: str
    description: str
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Action:
    """What a hit leads to. ``options`` are the action's own: ``with``, ``fallback``, ``max``, ``hint``, ``then``."""

    kind: ActionKind
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Streaming:
    """How a rule behaves on a stream: hold back ``max_match`` code points, or wait for the end."""

    mode: Literal["window", "buffer", "end"] = "end"
    max_match: int | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """Where a rule does not hold, up to and with the day ``until``, and who answers for that, and why.

    ``segment`` are attributes of a request that must all fit; ``texts`` are matches that are let through.
    Without either it holds everywhere: the rule is switched off for a time.
    """

    until: str
    owner: str
    reason: str
    segment: Mapping[str, Json] = field(default_factory=dict)
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One guardrail rule, resolved: set defaults and overrides applied, tests left behind in Git."""

    id: str
    kind: RuleKind
    severity: Severity
    action: Action
    detect: Mapping[str, Json]
    stages: tuple[Stage, ...]
    mode: Literal["enforce", "shadow"] = "enforce"
    shadow_until: str | None = None
    on_error: Literal["open", "closed"] = "closed"
    stream: Streaming = Streaming()
    title: str = ""
    tags: tuple[str, ...] = ()
    except_: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardrailSet:
    """A named, flat list of rules; ``extends`` and overrides were resolved before release."""

    id: str
    rules: tuple[Rule, ...]
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a bundle."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Inputs and the digest of the messages CI rendered from them; a client must get the same before it swaps."""

    prompt: str
    inputs: Mapping[str, Json]
    messages_sha256: str
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself. ``content_sha256`` covers the entries alone, so it survives a squash merge."""

    release: int
    commit: str
    created: str
    content_sha256: str
    entries: tuple[Entry, ...]
    probes: tuple[Probe, ...] = ()
    evidence_sha256: str | None = None
    requires: str = "promptyard>=0.1"
    format: int = 1


@dataclass(frozen=True, slots=True)
class Bundle:
    """A whole release: every entry by id, and the manifest that pins them."""

    manifest: Manifest
    prompts: Mapping[str, Prompt]
    models: Mapping[str, ModelConfig]
    guardrails: Mapping[str, GuardrailSet] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContentPart:
    """One rendered piece of a message: text, or the URL of an image or a file."""

    text: str
    kind: PartKind = "text"
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A rendered message. ``content`` is plain text, or parts where the prompt has more than one."""

    role: ChatRole
    content: str | tuple[ContentPart, ...]

    @property
    def text(self) -> str:
        """All text of the message, parts joined."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content if part.kind == "text")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool that the model asked for earlier: its id, the tool's name, the arguments it gave."""

    id: str
    name: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class CallingMessage(ChatMessage):
    """An earlier turn of the assistant in which it asked for tools; ``content`` may be empty."""

    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolMessage(ChatMessage):
    """What a tool answered to the call of that id."""

    tool_call_id: str = ""
