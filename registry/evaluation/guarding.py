"""What a prompt's own guardrails would do with every case, whether its suite asks for that or not.

Each input and each answer is looked at as a service would look at it, one text once. It is advice: a suite
that wants it to count says ``guardrails`` in ``expect``.
It must never fail a case, nor keep a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, NamedTuple, get_args

from registry.evaluation.expectations.guards import texts_at
from registry.evaluation.plan import Item
from registry.evaluation.records import ArmName, Sample
from serve.core.live import Render

Side = Literal["output", "input"]
_NAMED = 8
_KNOWN = 65_536  # texts whose verdict is remembered; of more than that the run begins to forget
_Place = tuple[str, ArmName, Side]


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guardrails would do with a suite's answers, or with its inputs, in one arm.

    ``looked`` counts answers, or cases whose inputs were looked at. ``stopped`` counts those that would be changed
    or refused, by the rule that decides; ``failed`` those on which a rule could not be evaluated, by that rule.
    """

    arm: ArmName
    side: Side
    looked: int
    stopped: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)

    @property
    def met(self) -> int:
        """How many would be changed or refused."""
        return sum(self.stopped.values())

    def with_(self, other: Guarded) -> Guarded:
        """Those of two parts of one run."""
        stopped = Counter(self.stopped) + Counter(other.stopped)
        failed = Counter(self.failed) + Counter(other.failed)
        return Guarded(self.arm, self.side, self.looked + other.looked, dict(stopped), dict(failed))


class _Seen(NamedTuple):
    """One text: the rule that would change or refuse it, None where it may go on, and the rules that failed."""

    rule: str | None
    failed: Sequence[str]


class Guarding:
    """The counts of each suite of a run, from its items and answers."""

    def __init__(self) -> None:
        self._looked: Counter[_Place] = Counter()
        self._stopped: dict[_Place, Counter[str]] = {}
        self._failed: dict[_Place, Counter[str]] = {}
        self._known: dict[tuple[int, str | None, Side, bytes], _Seen] = {}

    def of(self, suite: str) -> tuple[Guarded, ...]:
        """What is known of a suite: head's answers and inputs, then base's; empty without guardrails."""
        arms: tuple[ArmName, ...] = ("head", "base")
        places: list[_Place] = [(suite, arm, side) for arm in arms for side in get_args(Side)]
        return tuple(
            Guarded(arm, side, self._looked[place], self._stopped.get(place, {}), self._failed.get(place, {}))
            for place in places
            if place in self._looked
            for _, arm, side in [place]
        )

    def note(self, item: Item, sample: Sample) -> None:
        """Take an answer in, and with a case's first one its inputs."""
        render = item.render
        if render is None or not render.compiled.prompt.guardrails:
            return
        if item.call is not None and sample.completion.error is None:
            self._look(render, item, "output", sample.completion.text)
        if sample.index == 0:
            self._look(render, item, "input", "")

    def _look(self, render: Render, item: Item, side: Side, answer: str) -> None:
        if side not in render.compiled.guard.stages:
            return
        seen = [self._seen(render, side, text) for text in texts_at(side, answer, item.case.inputs)]
        place = (item.suite.id, item.arm, side)
        self._looked[place] += 1
        stopped = next((one.rule for one in seen if one.rule is not None), None)
        if stopped is not None:
            self._stopped.setdefault(place, Counter())[stopped] += 1
        self._failed.setdefault(place, Counter()).update({rule for one in seen for rule in one.failed})

    def _seen(self, render: Render, side: Side, text: str) -> _Seen:
        digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
        key = (id(render.compiled), render.given.canary, side, digest)
        if key not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            verdict = render.check(text, side)
            self._known[key] = _Seen(None if verdict.passed else verdict.rule, verdict.errors)
        return self._known[key]


def together(parts: Iterable[Sequence[Guarded]]) -> tuple[Guarded, ...]:
    """The counts of one suite from all parts of a run."""
    found: dict[tuple[ArmName, Side], Guarded] = {}
    for part in parts:
        for each in part:
            known = found.get((each.arm, each.side))
            found[each.arm, each.side] = each if known is None else known.with_(each)
    return tuple(found.values())


def sentences(guarded: Sequence[Guarded]) -> Iterator[tuple[str, bool]]:
    """What is to be said of head, base beside it: a sentence for each side, and whether nothing was found."""
    bases = {each.side: each for each in guarded if each.arm == "base"}
    for each in guarded:
        if each.arm != "head":
            continue
        noun = ("answer" if each.side == "output" else "input") + "s" * (each.looked != 1)
        which = f" ({_counted(each.stopped)})" if each.met else ""
        base = bases.get(each.side)
        before = "" if base is None else f"; base: {base.met} of {base.looked}"
        failed = f"; could not be evaluated: {_counted(each.failed)}" if each.failed else ""
        told = f"{each.met} of {each.looked} {noun} would be changed or refused{which}{before}{failed}"
        yield told, not (each.met or each.failed)


def _counted(rules: Mapping[str, int]) -> str:
    most_first = sorted(rules.items(), key=lambda it: (-it[1], it[0]))
    more = f" and {len(rules) - _NAMED} more" if len(rules) > _NAMED else ""
    return ", ".join(f"{rule} {count}" for rule, count in most_first[:_NAMED]) + more
