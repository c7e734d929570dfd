"""What a rule may ask a model: the four ``detect`` shapes, and the port through which an answer comes.

Models are handed in by whoever loads a release. This code knows what is asked and what is made of the answer, never
how a model is run.
It must never open a file, a process or a connection, nor hold weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from serve.core.model import EngineName, Json, RuleKind

Shares = Mapping[str, float]  # by language, example, label or word
LOCAL = "ctranslate2"


@dataclass(frozen=True, slots=True)
class Pin:
    """The model entry that a rule names, as a release holds it: enough to find the weights, or whom to ask.

    ``sha256`` is the digest of a local model's weights, ``huggingface`` where they can be fetched.
    """

    id: str
    engine: EngineName = "ctranslate2"
    model: str = ""
    sha256: str | None = None
    huggingface: str | None = None
    context_tokens: int | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LanguageDetect:
    """``detect`` of a language rule: either what a text may be written in, or what it may not; ISO 639-1."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    threshold: float = 0.5
    min_letters: int = 20


@dataclass(frozen=True, slots=True)
class SimilarityDetect:
    """``detect`` of a similarity rule: a passage that means what one of the examples means is a hit."""

    model: Pin | str
    examples: tuple[str, ...]
    threshold: float
    passage: int = 200


@dataclass(frozen=True, slots=True)
class ClassifierDetect:
    """``detect`` of a classifier rule: labels by their examples, and those that a passage may not have."""

    model: Pin | str
    labels: Mapping[str, tuple[str, ...]]
    deny: tuple[str, ...]
    threshold: float = 0.5
    passage: int = 200


@dataclass(frozen=True, slots=True)
class JudgeDetect:
    """``detect`` of a judge rule: a question about the whole text that is answered with yes or no."""

    model: Pin | str
    question: str
    hit_on: Literal["yes", "no"] = "yes"
    threshold: float = 0.5
    timeout_s: float = 10.0
    max_chars: int = 20_000


@dataclass(frozen=True, slots=True)
class EntitiesDetect:
    """``detect`` of an entities rule: Presidio's names for what is looked for, and the spaCy pipeline that helps.

    ``pipeline`` is the name of an installed package, or of a folder below a service's weights.
    """

    entities: tuple[str, ...]
    language: str = "en"
    threshold: float = 0.5
    pipeline: str | None = None
    pipeline_sha256: str | None = None


AskedDetect = LanguageDetect | SimilarityDetect | ClassifierDetect | JudgeDetect | EntitiesDetect


class NotHere(Exception):
    """What a rule asks cannot be asked on this machine.

    Attributes:
        why: one clause, without the rule's name.
        next_step: what to install, fetch or configure, one sentence.
    """

    def __init__(self, why: str, next_step: str) -> None:
        super().__init__(why, next_step)
        self.why = why
        self.next_step = next_step


class Asked(Protocol):
    """A model that answers one rule. Safe for use by several threads."""

    def shares(self, texts: Sequence[str], /) -> Sequence[Shares]:
        """The answer to each text; whatever is raised makes the rule fail, and its ``onError`` decides."""


class Models(Protocol):
    """Who opens the models that rules ask."""

    def open(self, kind: RuleKind, detect: AskedDetect, /) -> Asked:
        """What answers a rule; raises NotHere by name when that is not possible on this machine."""


class NoModels:
    """Nothing can be asked: a release with such a rule is refused."""

    def open(self, kind: RuleKind, _detect: AskedDetect, /) -> Asked:
        """Raises NotHere."""
        raise NotHere(
            f"no models were handed in, and kind {kind} asks one", "Load releases with serve.connect."
        )


class Later:
    """Rules are read and nothing is asked: for previews, lists and differences. A rule that is asked fails."""

    def open(self, _kind: RuleKind, _detect: AskedDetect, /) -> Asked:
        """Something whose every answer is a failure."""
        return _Unasked()


class _Unasked:
    def shares(self, _texts: Sequence[str], /) -> Sequence[Shares]:
        raise RuntimeError("this guard was made without models")


NO_MODELS = NoModels()
LATER = Later()
