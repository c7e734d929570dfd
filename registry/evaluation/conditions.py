"""Under which conditions a suite was asked: what must be equal before its arms, or parts of one run, are compared.

Gathered as items and answers pass by, so that nothing of a run must be held to know it afterwards.
It must never decide whether a comparison is fair: that is the gate's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from registry.evaluation.arms import RENDERING
from registry.evaluation.plan import Item
from registry.evaluation.records import ArmName, Comparability, Sample


@dataclass(frozen=True, slots=True)
class Conditions:
    """Of one suite, by arm where the arms may differ.

    ``deterministic`` is True when asking again must give the same answers: greedy, on a deterministic engine.
    ``asked`` are the models by the names that were asked, ``served`` by those that providers gave.
    """

    comparability: Mapping[ArmName, Comparability] = field(default_factory=dict)
    deterministic: bool = True
    asked: Mapping[ArmName, tuple[str, ...]] = field(default_factory=dict)
    served: Mapping[ArmName, tuple[str, ...]] = field(default_factory=dict)

    def compared(self) -> Mapping[ArmName, Comparability]:
        """The comparability, told apart where one name of a hosted model stood for another model in each arm.

        That happens when base was answered before a provider moved the name: nobody's change is to blame then.
        """
        served = {arm: frozenset(self.served.get(arm, ())) for arm in self.comparability}
        one_name = len({model for models in self.asked.values() for model in models}) == 1
        if (
            not one_name
            or len(served) < 2
            or not all(served.values())
            or frozenset.intersection(*served.values())
        ):
            return self.comparability
        return {
            arm: replace(
                held, details={**held.details, "model that answered": ", ".join(sorted(served[arm]))}
            )
            for arm, held in self.comparability.items()
        }

    def joined(self, other: Conditions) -> Conditions:
        """Those of two parts of one run; where both know an arm, its comparability is that of the first."""
        return Conditions(
            {**other.comparability, **self.comparability},
            self.deterministic and other.deterministic,
            _merged(self.asked, other.asked),
            _merged(self.served, other.served),
        )


class Gathering:
    """The conditions of each suite of a run, from its items and answers."""

    def __init__(self) -> None:
        self._held: dict[str, Conditions] = {}
        self._known: set[tuple[str, ArmName, int, str]] = set()

    def of(self, suite: str) -> Conditions:
        """What is known of a suite so far."""
        return self._held.get(suite, Conditions())

    def note(self, item: Item, sample: Sample) -> None:
        """Take an answer in."""
        self.see(item, sample.completion.model or "")

    def see(self, item: Item, served: str = "") -> None:
        """Take a question in, and the name that the model which answered gave itself."""
        engine = item.engine
        sure = engine is None or (engine.deterministic and "seed" not in item.prepared.options)
        sure = sure and all(judge.engine.deterministic for judge in item.judges.values())
        name = (item.suite.id, item.arm, id(engine), f"{_model(item)}\0{served}\0{sure}")
        if name in self._known:
            return
        self._known.add(name)
        self._held[item.suite.id] = self.of(item.suite.id).joined(
            Conditions(
                {item.arm: engine.comparability() if engine is not None else RENDERING},
                sure,
                {item.arm: (_model(item),)} if item.call is not None else {},
                {item.arm: (served,)} if served else {},
            )
        )


def _model(item: Item) -> str:
    return item.call.model.model if item.call is not None else ""


def _merged(
    one: Mapping[ArmName, tuple[str, ...]], other: Mapping[ArmName, tuple[str, ...]]
) -> dict[ArmName, tuple[str, ...]]:
    arms = dict.fromkeys([*one, *other])
    return {arm: tuple(dict.fromkeys([*one.get(arm, ()), *other.get(arm, ())])) for arm in arms}
