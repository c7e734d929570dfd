"""A rule at work: its detector, its set, and what happens when it breaks.

It must never let a failure pass silently: it is a hit where the rule fails closed, and named in any case.
"""

from __future__ import annotations

from dataclasses import dataclass

from serve.core.guard.checks.port import Detector, Found
from serve.core.guard.checks.table import detector_of
from serve.core.guard.normalise import Reading
from serve.core.guard.verdict import Finding, Hit
from serve.core.model import Rule


@dataclass(frozen=True, slots=True)
class Seen:
    """A match and the places of all of it. ``finding`` is None where the rule lets it through."""

    finding: Finding | None
    outer: tuple[int, int]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to look at text."""

    rule: Rule
    set_id: str
    detector: Detector

    @property
    def words(self) -> tuple[str, ...]:
        """Words in lower case of which a text must hold one for this rule to find anything; none where any text may do."""
        return getattr(self.detector, "words", ())

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns of which one must match for this rule to find anything; none where that is not known."""
        return getattr(self.detector, "patterns", ())

    @property
    def alters(self) -> bool:
        """True when a hit can have any effect on what is shown."""
        return self.rule.mode == "enforce" and self.rule.action.kind != "flag"

    @property
    def waits(self) -> bool:
        """True when nothing of a stream may be shown before this rule has seen its end."""
        return self.alters and self.rule.stream.mode != "window"

    def is_resting(self, today: str | None) -> bool:
        """True for a shadow rule past its date: the trial is over, and never turns into action by itself."""
        until = self.rule.shadow_until
        return self.rule.mode == "shadow" and today is not None and until is not None and until < today

    def look(self, reading: Reading, start: int = 0) -> tuple[list[Seen], bool]:
        """What the rule sees from the original place ``start`` on, and whether it failed."""
        try:
            seen = [
                Seen(None if found.allowed else self._finding(found), found.outer)
                for found in self.detector.find(reading, start)
            ]
        except Exception:  # noqa: BLE001  whatever breaks a rule, its onError decides
            whole = Found(start, len(reading.original), (start, len(reading.original)), "the rule failed")
            closed = self.rule.on_error == "closed"
            return ([Seen(self._finding(whole, failed=True), whole.outer)] if closed else []), True
        return seen, False

    def _finding(self, found: Found, *, failed: bool = False) -> Finding:
        rule = self.rule
        hit = Hit(
            rule=rule.id,
            set=self.set_id,
            severity=rule.severity,
            action=rule.action.kind,
            start=found.start,
            end=found.end,
            mode=rule.mode,
            detail=found.detail,
            failed=failed,
        )
        return Finding(hit, rule)


def compile_rule(rule: Rule, set_id: str) -> CompiledRule:
    """The rule at work; raises BundleRefused (GRD001, GRD002)."""
    return CompiledRule(rule, set_id, detector_of(rule))
