"""Guardrail sets that build on sets: from ``extends`` and ``override`` to one flat list of rules.

An inherited rule keeps the place where it is written, so that everyone can be told where it comes from.
It must never let a rule disappear: what is inherited is in the list, switched off for a time or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from registry.authoring.parse import Steps
from registry.authoring.sources.guardrail import GuardrailSource, RuleSource
from serve.core.errors import BundleRefused
from serve.core.model import GuardrailSet, Rule


class ExtendError(Exception):
    """A set that cannot be put together.

    Attributes:
        set_id: the set in which it is written.
        steps: the keys that lead to the place.
        code: REF001 no such set, GRD001 unusable override, GRD003 one id twice, GRD031 override of nothing,
            GRD032 a circle.
        what: one clause that says what is wrong.
        advice: what to do.
    """

    def __init__(self, set_id: str, steps: Steps, code: str, what: str, advice: str) -> None:
        super().__init__(what)
        self.set_id, self.steps, self.code, self.what, self.advice = set_id, steps, code, what, advice


@dataclass(frozen=True, slots=True)
class Taken:
    """A rule as a set has it: resolved, as it is written, in which set that is, and which sets override it."""

    rule: Rule
    source: RuleSource
    origin: str
    overridden_by: tuple[str, ...] = ()


class Extending:
    """All sets of a registry, each put together once."""

    def __init__(self, sets: Mapping[str, GuardrailSource]) -> None:
        self._sets = sets
        self._known: dict[str, tuple[Taken, ...]] = {}

    def flat(self, set_id: str) -> GuardrailSet:
        """The set as it goes into the bundle.

        Raises:
            ExtendError: where the sets do not go together.
            BundleRefused: GRD001 or GRD002 for a rule that the run time could not use.
        """
        return GuardrailSet(set_id, tuple(t.rule for t in self.rules(set_id)), self._sets[set_id].owner)

    def rules(self, set_id: str) -> tuple[Taken, ...]:
        """Every rule of a set, inherited ones first; raises as :meth:`flat`."""
        if set_id not in self._known:
            for base in self._deepest_first(set_id):
                self._rules(base, ())
        return self._rules(set_id, ())

    def _deepest_first(self, set_id: str) -> list[str]:
        """What a set builds on, so that no depth is too deep; nothing where it goes round in a circle."""
        names = all_named(self._sets, (set_id,))
        try:
            order = list(TopologicalSorter({name: self._sets[name].extends for name in names}).static_order())
        except CycleError:
            return []
        return [name for name in order if name in self._sets]

    def _rules(self, set_id: str, path: tuple[str, ...]) -> tuple[Taken, ...]:
        if set_id not in self._known:
            source = self._sets[set_id]
            held: dict[str, Taken] = {}
            for index, base in enumerate(source.extends):
                self._check_base(set_id, index, base, (*path, set_id))
                for taken in self._rules(base, (*path, set_id)):
                    _take(held, taken, set_id, ("extends", index))
            _override(held, source, set_id)
            for index, rule in enumerate(source.rules):
                _take(held, Taken(rule.resolved(source.defaults), rule, set_id), set_id, ("rules", index))
            self._known[set_id] = tuple(held.values())
        return self._known[set_id]

    def _check_base(self, set_id: str, index: int, base: str, path: tuple[str, ...]) -> None:
        if base in path:
            circle = " > ".join((*path[path.index(base) :], base))
            advice = "Take one of them out of extends; move what both need into a set of its own."
            raise ExtendError(
                set_id, ("extends", index), "GRD032", f"sets build on each other: {circle}", advice
            )
        if base not in self._sets:
            what = f"set {set_id} extends {base}, which is not there"
            raise ExtendError(set_id, ("extends", index), "REF001", what, "Run promptyard lint.")


def all_named(sets: Mapping[str, GuardrailSource], names: tuple[str, ...]) -> tuple[str, ...]:
    """Some sets and all that they build on, sorted; names that are not there are left out."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in sets and name not in found:
            found.add(name)
            waiting += sets[name].extends
    return tuple(sorted(found))


def _take(held: dict[str, Taken], taken: Taken, set_id: str, steps: Steps) -> None:
    other = held.setdefault(taken.rule.id, taken)
    if other is taken:
        return
    if other.origin == taken.origin == set_id:
        what = f"guardrail set {set_id} has two rules {taken.rule.id}"
        raise ExtendError(set_id, steps, "GRD003", what, "Give each rule of a set its own id.")
    if other.origin != taken.origin or other.rule != taken.rule:
        one, two = ((each.overridden_by or (each.origin,))[-1] for each in (other, taken))
        what = f"set {set_id} gets rule {taken.rule.id} as {one} has it and, otherwise, as {two} has it"
        advice = "Extend the one whose rule you want; give a rule of your own another id."
        raise ExtendError(set_id, steps, "GRD003", what, advice)


def _override(held: dict[str, Taken], source: GuardrailSource, set_id: str) -> None:
    for name, override in source.override.items():
        taken = held.get(name)
        steps = ("override", name)
        if taken is None:
            what = f"set {set_id} overrides {name}, and no set that it extends has such a rule"
            raise ExtendError(
                set_id, steps, "GRD031", what, "Name an inherited rule, or remove the override."
            )
        try:
            rule = override.applied(taken.rule)
        except BundleRefused as error:
            raise ExtendError(set_id, steps, error.code, error.what, error.next_step) from error
        held[name] = Taken(rule, taken.source, taken.origin, (*taken.overridden_by, set_id))
