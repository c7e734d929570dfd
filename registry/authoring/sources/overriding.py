"""What a guardrail set says of rules that stand elsewhere: overrides, and exceptions with a date.

Both are resolved away at release, so that a service has one flat list and looks nothing up.
It must never change what a rule looks for: that is proved by the rule's own tests, where it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from registry.authoring.sources.action import ActionSource, action_of
from serve.core.errors import BundleRefused
from serve.core.model import ActionKind, Exemption, Json, Rule, Severity, Stage

ANSWERED: tuple[Stage, ...] = ("output", "tool_call")  # what a model writes, and can write again


@dataclass(frozen=True, slots=True)
class ExceptionSource:
    """Where a rule does not hold, until when, and why; ``segment``, ``texts`` or both are given."""

    until: str
    owner: str
    reason: str
    segment: Mapping[str, Json] = field(default_factory=dict)
    texts: tuple[str, ...] = ()

    def resolved(self) -> Exemption:
        """The exception as the run time gets it."""
        return Exemption(self.until, self.owner, self.reason, self.segment, self.texts)


@dataclass(frozen=True, slots=True)
class DisabledSource:
    """Until when a rule is switched off, who answers for that, and why."""

    until: str
    owner: str
    reason: str

    def resolved(self) -> Exemption:
        """The exception that holds everywhere."""
        return Exemption(self.until, self.owner, self.reason)


@dataclass(frozen=True, slots=True)
class OverrideSource:
    """What is different about one inherited rule; what is left out stays as it is."""

    reason: str = ""
    severity: Severity | None = None
    action: ActionKind | ActionSource | None = None
    stages: tuple[Stage, ...] | None = None
    mode: Literal["enforce", "shadow"] | None = None
    shadow_until: str | None = None
    on_error: Literal["open", "closed"] | None = None
    disabled: DisabledSource | None = None
    except_: tuple[ExceptionSource, ...] = ()

    def applied(self, rule: Rule) -> Rule:
        """The inherited rule as it is here; raises BundleRefused (GRD001)."""
        switched_off = () if self.disabled is None else (self.disabled.resolved(),)
        mode = self.mode or rule.mode
        changed = replace(
            rule,
            severity=self.severity or rule.severity,
            action=rule.action if self.action is None else action_of(self.action, rule.id),
            stages=self.stages or rule.stages,
            mode=mode,
            shadow_until=(self.shadow_until or rule.shadow_until) if mode == "shadow" else None,
            on_error=self.on_error or rule.on_error,
            except_=(*rule.except_, *switched_off, *(each.resolved() for each in self.except_)),
        )
        return meaningful(changed)


def meaningful(rule: Rule) -> Rule:
    """The rule, if what it says of stage, action and mode goes together.

    Raises:
        BundleRefused: GRD001 for a trial without an end, and for a retry where no model answers.
    """
    if rule.mode == "shadow" and rule.shadow_until is None:
        what = f"rule {rule.id} is in shadow without an end"
        raise BundleRefused("GRD001", what, "Give the trial its last day: shadowUntil: 2027-03-31.")
    unasked = [stage for stage in rule.stages if stage not in ANSWERED]
    if rule.action.kind == "retry" and unasked:
        what = f"rule {rule.id} asks for another answer at stage {unasked[0]}, where no model answers"
        raise BundleRefused("GRD001", what, f"Set stages: [{', '.join(ANSWERED)}], or choose another action.")
    return rule
