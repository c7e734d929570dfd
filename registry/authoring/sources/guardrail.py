"""A guardrail set as written: one field for each key of ``guardrail.schema.json``.

Each rule carries its own tests; they are proved by lint and stay behind in Git.
It must never give a rule a meaning that the run time does not share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from registry.authoring.sources.action import ActionSource, action_of
from registry.authoring.sources.overriding import ExceptionSource, OverrideSource, meaningful
from serve.core.guard.checks.table import streaming_of
from serve.core.model import (
    ActionKind,
    GuardrailSet,
    Json,
    Rule,
    RuleKind,
    Severity,
    Stage,
    Streaming,
)

STAGES: tuple[Stage, ...] = ("input", "output")


@dataclass(frozen=True, slots=True)
class GivenSource:
    """What is known of the request that a test's text belongs to."""

    canary: str | None = None
    segment: Mapping[str, Json] = field(default_factory=dict)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One text and what the rule must say of it.

    The text is repeated ``times`` times before it is looked at. ``out`` is the text after the rule's edit,
    ``spans`` are pairs of code points, ``known_gap`` tells why a text that ought to be hit passes today.
    """

    text: str
    expect: Literal["hit", "pass"]
    times: int = 1
    out: str | None = None
    spans: tuple[tuple[int, ...], ...] = ()
    known_gap: str | None = None
    given: GivenSource | None = None


@dataclass(frozen=True, slots=True)
class RuleOrigin:
    """Where a rule was taken from, with the licence that came with it."""

    url: str
    licence: str
    rev: str | None = None


@dataclass(frozen=True, slots=True)
class RuleDefaults:
    """What holds for every rule of the set that does not say otherwise."""

    stages: tuple[Stage, ...] = STAGES
    mode: Literal["enforce", "shadow"] = "enforce"
    on_error: Literal["open", "closed"] = "closed"


@dataclass(frozen=True, slots=True)
class RuleSource:
    """One rule. What is left out comes from the set's defaults; ``stream`` is worked out from ``detect``."""

    id: str
    kind: RuleKind
    severity: Severity
    action: ActionKind | ActionSource
    detect: Mapping[str, Json]
    tests: tuple[RuleTest, ...]
    title: str = ""
    tags: tuple[str, ...] = ()
    source: RuleOrigin | None = None
    stages: tuple[Stage, ...] | None = None
    mode: Literal["enforce", "shadow"] | None = None
    shadow_until: str | None = None
    on_error: Literal["open", "closed"] | None = None
    stream: Streaming | None = None
    except_: tuple[ExceptionSource, ...] = ()

    def resolved(self, defaults: RuleDefaults) -> Rule:
        """The rule as the run time gets it, with the defaults in place and without its tests.

        Raises:
            BundleRefused: GRD001 or GRD002 when the run time could not use it.
        """
        rule = Rule(
            id=self.id,
            kind=self.kind,
            severity=self.severity,
            action=action_of(self.action, self.id),
            detect=self.detect,
            stages=self.stages or defaults.stages,
            mode=self.mode or defaults.mode,
            shadow_until=self.shadow_until,
            on_error=self.on_error or defaults.on_error,
            title=self.title,
            tags=self.tags,
            except_=tuple(each.resolved() for each in self.except_),
        )
        return streaming_of(meaningful(rule), self.stream)


@dataclass(frozen=True, slots=True)
class GuardrailSource:
    """The whole of a ``*.guardrail.yaml``. A set that ``extends`` others may have no rule of its own."""

    promptyard: int
    rules: tuple[RuleSource, ...] = ()
    extends: tuple[str, ...] = ()
    override: Mapping[str, OverrideSource] = field(default_factory=dict)
    description: str = ""
    owner: str | None = None
    defaults: RuleDefaults = field(default_factory=RuleDefaults)

    def resolved(self, entry_id: str) -> GuardrailSet:
        """The set with its own rules alone, without those that it takes from other sets.

        Raises:
            BundleRefused: GRD001 or GRD002 when the run time could not use one of its rules.
        """
        return GuardrailSet(entry_id, tuple(rule.resolved(self.defaults) for rule in self.rules), self.owner)
