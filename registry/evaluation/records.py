"""The values of a test run, from the suite's case to the line in the JSONL record.

Suite, engine, gate and writers meet here and nowhere else, so each can be read alone.
It must never decide: a record says what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["pass", "fail", "error"]
ArmName = Literal["base", "head"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One check of an answer. ``type`` is the bare name; ``negated`` is its ``not-`` form.

    ``value`` is what the type compares with; ``threshold`` and ``weight`` follow promptfoo's meaning,
    except that a ``required`` expectation can never be averaged away.
    """

    type: str
    value: Any = None
    negated: bool = False
    weight: float = 1.0
    threshold: float | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One input and what must hold of the answer. ``group`` is its cluster, its own id by default.

    ``line`` is where it stands in the suite's file; cases with the same content are equal wherever they
    stand.
    """

    id: str
    group: str
    inputs: Mapping[str, Any]
    expect: tuple[Expectation, ...]
    required: bool = False
    variant: str | None = None
    threshold: float | None = None
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """When a suite counts as good enough: rates between 0 and 1, error budget in cases."""

    min_pass_rate: float | None = None
    margin: float = 0.03
    on_inconclusive: Literal["pass", "block"] = "pass"
    error_budget: int = 0


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one prompt. ``mode: render`` checks the rendered messages themselves and asks no model."""

    id: str
    path: str
    prompt: str
    cases: tuple[Case, ...]
    samples: int = 1
    mode: Literal["generate", "render"] = "generate"
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True)
class Completion:
    """What an engine answered. ``seconds`` is None for a cached answer: its latency says nothing."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    finish: Literal["stop", "length", "tool_calls", "content_filter"] = "stop"
    cached: bool = False
    seconds: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on one expectation. ``score`` lies between 0 and 1."""

    type: str
    status: Status
    score: float
    reason: str = ""
    weight: float = 1.0
    required: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer to one case in one arm. ``key`` is the content address of the request that was asked."""

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


@dataclass(frozen=True, slots=True)
class Comparability:
    """What must be equal before two arms may be compared: engine, compute profile, device, versions."""

    engine: str
    profile: str
    device: str
    details: Mapping[str, str] = field(default_factory=dict)
