"""A prompt as written: one field for each key of ``prompt.schema.json``.

It must never resolve anything: references are names here, prose in files is still a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from serve.core.model import Budget, Json, Knowledge, Output, PartKind, Role


@dataclass(frozen=True, slots=True)
class FileText:
    """Long prose in a file of its own, named relative to the content folder."""

    file: str


@dataclass(frozen=True, slots=True)
class PartSource:
    """One part of a message; exactly one of ``text``, ``image`` and ``file`` is given."""

    text: str | None = None
    image: str | None = None
    file: str | None = None
    media_type: str | None = None

    @property
    def kind(self) -> PartKind:
        """Which of the three is given."""
        return "text" if self.text is not None else "image" if self.image is not None else "file"

    @property
    def template(self) -> str:
        """The template of the part: its text, or its URL."""
        return self.text or self.image or self.file or ""


Content = str | FileText | tuple[PartSource, ...]


@dataclass(frozen=True, slots=True)
class MessageSource:
    """An authored message. ``allow_untrusted`` gives the reason why strangers' words may stand in it."""

    role: Role
    content: Content
    id: str | None = None
    allow_untrusted: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceholderSource:
    """Where the earlier messages of a conversation go in."""

    history: str


@dataclass(frozen=True, slots=True)
class VariantSource:
    """What differs in a variant: messages by their id, model, parameters."""

    messages: Mapping[str, Content] = field(default_factory=dict)
    model: str | None = None
    model_parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StringCheck:
    """What an answer's text must be, white space around it and, but for ``equals`` and ``matches``, case aside."""

    contains: str | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    equals: str | None = None
    matches: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a judging model may give, and what it is worth."""

    choice: str
    score: float


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """A question to a judging model, as GitHub writes it; ``{{completion}}`` stands for the answer."""

    prompt: str
    choices: tuple[Choice, ...]
    model_id: str | None = None
    system_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluatorSource:
    """What is asked of the answer to every row of ``testData``.

    Attributes:
        name: for people.
        string: of its text.
        json: of one place in its JSON: ``path`` and one of ``equals``, ``in``, ``matches``.
        json_schema: a JSON Schema that it must fit, or ``output`` for the prompt's own.
        llm: by a judging model.
        uses: the name of an evaluator that GitHub brings along.
    """

    name: str
    string: StringCheck | None = None
    json: Mapping[str, Json] | None = None
    json_schema: Json = None
    llm: ModelCheck | None = None
    uses: str | None = None


@dataclass(frozen=True, slots=True)
class PromptSource:
    """The whole of a ``*.prompt.yaml``."""

    promptyard: int
    model: str
    messages: tuple[MessageSource | PlaceholderSource, ...]
    name: str | None = None
    description: str = ""
    owner: str | None = None
    model_parameters: Mapping[str, Json] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    output: Output | None = None
    guardrails: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    variants: Mapping[str, VariantSource] = field(default_factory=dict)
    knowledge: Knowledge | None = None
    budget: Budget | None = None
    test_data: tuple[Mapping[str, Json], ...] = ()
    evaluators: tuple[EvaluatorSource, ...] = ()

    @property
    def has_cases(self) -> bool:
        """True when it carries test data of which something is asked."""
        return any("expected" in row for row in self.test_data) or bool(self.test_data and self.evaluators)
