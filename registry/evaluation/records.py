"""The values of a test run, from the suite's case to the line in the JSONL record.

Suite, engine, gate and writers meet here and nowhere else, so each can be read alone.
It must never decide: a record says what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["pass", "fail", "error"]
CheckStatus = Literal["pass", "fail", "error", "skip"]  # skip: the check says nothing about this answer
ArmName = Literal["base", "head"]
Finish = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One check of an answer. ``type`` is the bare name; ``negated`` is its ``not-`` form.

    ``value`` is what the type compares with; ``threshold`` and ``weight`` follow promptfoo's meaning,
    except that a ``required`` expectation can never be averaged away. ``transform`` names what is done to the
    answer first, in order. ``metric`` names the score that it counts for; a name changes nothing that is asked.
    ``judge`` is the model that is asked instead of the suite's judge.
    """

    type: str
    value: Any = None
    negated: bool = False
    weight: float = 1.0
    threshold: float | None = None
    required: bool = False
    transform: tuple[str, ...] = ()
    metric: str | None = field(default=None, compare=False)
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One input and what must hold of the answer. ``group`` is its cluster, its own id by default.

    ``line`` is where it stands in the suite's file; cases with the same content are equal wherever they
    stand, and whatever ``tags`` they are found by.
    """

    id: str
    group: str
    inputs: Mapping[str, Any]
    expect: tuple[Expectation, ...]
    required: bool = False
    variant: str | None = None
    threshold: float | None = None
    line: int = field(default=1, compare=False)
    tags: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """When a suite counts as good enough: rates between 0 and 1, error budget in cases, a floor by metric.

    Increases are shares of what base takes: 0.1 allows a tenth more, None any.
    """

    min_pass_rate: float | None = None
    margin: float = 0.03
    on_inconclusive: Literal["pass", "block"] = "pass"
    error_budget: int = 0
    max_token_increase: float | None = None
    max_cost_increase: float | None = None
    max_latency_increase: float | None = None
    min_metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Composite:
    """A metric made of named ones: the weighted mean of those that a case has.

    ``by_tag`` holds the weights of cases with a tag, the first tag that fits; ``split`` tells the metric apart by
    the cases' tags or groups as well.
    """

    name: str
    weights: Mapping[str, float]
    by_tag: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    split: Literal["tag", "group"] | None = None


@dataclass(frozen=True, slots=True)
class Decode:
    """A form that an answer is held to: ``choice`` takes the likeliest of some texts, ``template`` fills a form.

    ``options`` are the texts to choose from; without them a choice is among the values that the output schema
    lists, as JSON. A template is made from the output schema.
    """

    kind: Literal["choice", "template"]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    """One answer with the label that most people gave it; ``expect`` is what they were asked, as a suite writes it."""

    expect: Mapping[str, Any]
    inputs: Mapping[str, Any]
    answer: str
    passes: bool


@dataclass(frozen=True, slots=True)
class JudgeConfig:
    """Who judges the answers of a suite, and the labels that the judge is held against.

    ``model`` is a model's id, ``prompt`` a prompt that is asked instead of the built-in ones, ``pinned`` the first
    digits of the digest that people agreed to. ``split`` counts answers on which they are evenly split.
    """

    model: str
    votes: int = 1
    prompt: str | None = None
    pinned: str | None = None
    min_kappa: float = 0.6
    labels: tuple[Labelled, ...] = ()
    split: int = 0


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one prompt. ``mode: render`` checks the rendered messages themselves and asks no model.

    ``decode`` holds a local model to a form; None lets it write freely, which shows what a prompt leads to.
    ``judge`` reads answers where an expectation asks for it; ``labels`` are the examples of ``classifier`` by label.
    """

    id: str
    path: str
    prompt: str
    cases: Sequence[Case]
    samples: int = 1
    mode: Literal["generate", "render"] = "generate"
    policy: Policy = Policy()
    decode: Decode | None = None
    metrics: tuple[Composite, ...] = ()
    judge: JudgeConfig | None = None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Called:
    """A tool that a model asked for. ``arguments`` is an object, or the very text where that is no JSON object."""

    id: str
    name: str
    arguments: Any


@dataclass(frozen=True, slots=True)
class Completion:
    """What an engine answered. ``seconds`` is None for a cached answer: its latency says nothing.

    ``cost`` is in the currency of the model's prices, None where no price or no count is known; a cached answer
    keeps what it cost when it was asked. ``model`` is what the provider says has answered,
    ``cached_tokens`` the part of the prompt that it had read before. ``logprobs`` are the
    natural logarithms of the probabilities of the answer's tokens, in order; empty where an engine gives none.
    ``shares`` are the probabilities of all texts that a choice was among, which sum to 1.
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    finish: Finish = "stop"
    cached: bool = False
    seconds: float | None = None
    error: str | None = None
    tool_calls: tuple[Called, ...] = ()
    cost: float | None = None
    model: str | None = None
    cached_tokens: int = 0
    logprobs: tuple[float, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on one expectation. ``score`` lies between 0 and 1; a check that was skipped counts for nothing.

    ``metric`` is the score that it counts for; ``parts`` are the checks inside of a set that count for one.
    ``advisory`` marks a verdict that is told and counts for nothing.
    """

    type: str
    status: CheckStatus
    score: float
    reason: str = ""
    weight: float = 1.0
    required: bool = False
    metric: str | None = None
    parts: tuple[Check, ...] = ()
    advisory: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer to one case in one arm. ``key`` is the content address of the request that was asked.

    ``inputs_sha256`` is the digest of the case's inputs where a model was asked, so that people who read the answer
    later are not shown other ones.
    """

    suite: str
    case: str
    group: str
    arm: ArmName
    index: int
    status: Status
    score: float
    key: str
    completion: Completion
    checks: tuple[Check, ...] = ()
    required: bool = False
    inputs_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Comparability:
    """What must be equal before two arms may be compared: engine, compute profile, device, versions."""

    engine: str
    profile: str
    device: str
    details: Mapping[str, str] = field(default_factory=dict)
