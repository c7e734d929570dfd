"""The guard of one prompt: all rules of its sets over one reading of a text.

No rule sees another's edit, and no order of files or rules changes the verdict.
It must never read a clock, a disk or the network; what day it is, the caller says.
"""

from __future__ import annotations

from collections.abc import Sequence

from serve.core.errors import BundleRefused
from serve.core.guard.checks.asked import NO_MODELS, Models
from serve.core.guard.given import NOTHING, Given
from serve.core.guard.normalise import read
from serve.core.guard.plan import Plan
from serve.core.guard.rule import CompiledRule, compile_rule
from serve.core.guard.stream import StreamGuard
from serve.core.guard.verdict import Finding, Verdict, settle
from serve.core.guard.watch import Spent, Watch
from serve.core.model import GuardrailSet, Stage


class Guard:
    """Compiled rules; safe to share between threads, for it holds no state of any text."""

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self._rules = tuple(rules)
        self._stages = frozenset(stage for rule in rules for stage in rule.rule.stages)
        self._plans: dict[tuple[Stage, bool], Plan] = {}  # made at first use; threads may make one twice

    @property
    def rules(self) -> tuple[CompiledRule, ...]:
        """All rules of all stages."""
        return self._rules

    @property
    def stages(self) -> frozenset[Stage]:
        """The stages at which any of them looks."""
        return self._stages

    def check(
        self, text: str, stage: Stage, given: Given = NOTHING, *, watch: Watch | None = None
    ) -> Verdict:
        """What to do with a text at a stage of the conversation.

        Args:
            text: as it came; spans in the verdict count its code points.
            stage: ``input``, ``context``, ``tool_call``, ``tool_result`` or ``output``.
            given: what is known of the request: the day, whom it is for, its canary, the answers before.
            watch: is told of the verdict and of the time that each rule took.
        """
        reading = read(text)
        findings: list[Finding] = []
        errors: list[str] = []
        spent: list[Spent] = []
        for rule in self._plan(stage).due(reading):
            if rule.is_resting(given):
                continue
            if watch is None:
                seen, failed = rule.look(reading, given=given)
            else:
                clock = watch.wall_ns if rule.asks else watch.now_ns
                begun = clock()
                seen, failed = rule.look(reading, given=given)
                spent.append(Spent(rule.set_id, rule.rule.id, clock() - begun, failed))
            findings += [one.finding for one in seen if one.finding is not None]
            if failed:
                errors.append(rule.rule.id)
        verdict = settle(text, findings, errors)
        if watch is not None:
            watch.tell(stage, text, verdict, spent)
        return verdict

    def stream(self, stage: Stage, given: Given = NOTHING, *, watch: Watch | None = None) -> StreamGuard:
        """A guard for a text that arrives in pieces; its verdict equals :meth:`check` of the whole."""
        plan = self._plan(stage, altering=True).awake(given)
        return StreamGuard(lambda text: self.check(text, stage, given, watch=watch), plan, given)

    def _plan(self, stage: Stage, *, altering: bool = False) -> Plan:
        plan = self._plans.get((stage, altering))
        if plan is None:
            rules = (r for r in self._rules if stage in r.rule.stages and (r.alters or not altering))
            plan = self._plans[stage, altering] = Plan(rules)
        return plan


def compile_guard(sets: Sequence[GuardrailSet], models: Models = NO_MODELS) -> Guard:
    """The guard that enforces all rules of some sets; ``models`` opens what some of them ask.

    Raises:
        BundleRefused: GRD001 for a rule of unknown kind or unusable ``detect``, GRD002 for a stream setting
            that would let a match slip through, GRD003 for two rules of one id in a set, GRD020 by name for a
            rule that asks what cannot be asked here.
    """
    compiled: list[CompiledRule] = []
    for guardrails in sets:
        ids = [rule.id for rule in guardrails.rules]
        double = next((name for name in ids if ids.count(name) > 1), None)
        if double is not None:
            what = f"guardrail set {guardrails.id} has two rules {double}"
            raise BundleRefused("GRD003", what, "Give each rule of a set its own id.")
        compiled += [compile_rule(rule, guardrails.id, models) for rule in guardrails.rules]
    return Guard(compiled)
