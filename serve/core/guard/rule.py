"""A rule at work: its detector, its set, and what happens when it breaks.

It must never let a failure pass silently: it is a hit where the rule fails closed, and named in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from serve.core.guard.checks.asked import NO_MODELS, Models
from serve.core.guard.checks.port import Detector, Found
from serve.core.guard.checks.table import ASKING, detector_of
from serve.core.guard.given import NOTHING, Given
from serve.core.guard.normalise import Reading
from serve.core.guard.verdict import Finding, Hit
from serve.core.model import ActionKind, Rule


class Seen(NamedTuple):
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
    def asks(self) -> bool:
        """True when this rule asks a model, so that its time is that of a clock and not of this thread."""
        return self.rule.kind in ASKING

    @property
    def least_digits(self) -> int:
        """How many digits a number of the text must have for this rule to find anything."""
        return getattr(self.detector, "least_digits", 0)

    @property
    def quiet(self) -> int | None:
        """How far before a stream's stable end a match may yet begin while nothing came that the rule looks for.

        None where that depends on the text.
        """
        return getattr(self.detector, "quiet", None)

    @property
    def alters(self) -> bool:
        """True when a hit can have any effect on what is shown."""
        return self.rule.mode == "enforce" and self.rule.action.kind != "flag"

    @property
    def waits(self) -> bool:
        """True when nothing of a stream may be shown before this rule has seen its end."""
        return self.alters and self.rule.stream.mode != "window"

    @property
    def may_rest(self) -> bool:
        """True when there are requests or days that this rule does not look at."""
        return self.rule.mode == "shadow" or bool(self.rule.except_)

    def is_resting(self, given: Given) -> bool:
        """True where an exception holds, and for a shadow rule past its date.

        A trial that is over never turns into action by itself; an exception that is over does.
        """
        rule = self.rule
        if rule.mode == "shadow" and given.is_over(rule.shadow_until):
            return True
        return bool(rule.except_) and any(map(given.exempts, rule.except_))

    def look(self, reading: Reading, start: int = 0, given: Given = NOTHING) -> tuple[list[Seen], bool]:
        """What the rule sees from the original place ``start`` on, and whether it failed."""
        try:
            detector = self.detector_for(given)
            seen = [
                Seen(
                    None if self._is_spared(found, reading, given) else self._finding(found, given),
                    found.outer,
                )
                for found in detector.find(reading, start)
            ]
        except Exception:  # noqa: BLE001  whatever breaks a rule, its onError decides
            whole = Found(start, len(reading.original), (start, len(reading.original)), "the rule failed")
            closed = self.rule.on_error == "closed"
            return ([Seen(self._finding(whole, given, failed=True), whole.outer)] if closed else []), True
        return seen, False

    def settled(self, reading: Reading, given: Given) -> int:
        """The original place before which everything that the rule sees is final, whatever text follows."""
        try:
            return self.detector_for(given).settled(reading)
        except ValueError:  # nothing to look for is known: the rule will fail when it looks
            return self.detector.settled(reading)

    def detector_for(self, given: Given) -> Detector:
        """The detector; where it looks for what is known of a request alone, the one that knows it.

        Raises:
            ValueError: when nothing that it could look for is known.
        """
        knowing = getattr(self.detector, "knowing", None)
        return self.detector if knowing is None else knowing(given.canary)

    def _is_spared(self, found: Found, reading: Reading, given: Given) -> bool:
        if found.allowed or not self.rule.except_:
            return found.allowed
        matched = reading.original[found.start : found.end]
        return any(given.spares(exemption, matched) for exemption in self.rule.except_)

    def _action(self, given: Given) -> ActionKind:
        """What a hit leads to: after as many answers as may be asked for, what is to follow them."""
        action = self.rule.action
        if action.kind != "retry" or given.tries < int(action.options.get("max", 1)):
            return action.kind
        return "flag" if action.options.get("then") == "flag" else "block"

    def _finding(self, found: Found, given: Given, *, failed: bool = False) -> Finding:
        rule = self.rule
        hit = Hit(
            rule=rule.id,
            set=self.set_id,
            severity=rule.severity,
            action=self._action(given),
            start=found.start,
            end=found.end,
            mode=rule.mode,
            detail=found.detail,
            failed=failed,
        )
        return Finding(hit, rule)


def compile_rule(rule: Rule, set_id: str, models: Models = NO_MODELS) -> CompiledRule:
    """The rule at work; raises BundleRefused (GRD001, GRD002, GRD020)."""
    return CompiledRule(rule, set_id, detector_of(rule, models))
