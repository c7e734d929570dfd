from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.samples import Machine, many, marks, run

from registry.evaluation import tally
from registry.evaluation.answered import Answered
from registry.evaluation.counts import counted
from registry.evaluation.flips import FRESH, MOST, Recheck, Rerun, recheck
from registry.evaluation.records import ArmName, Sample, Status, Suite


def worst(of: Suite, answered: Answered) -> tuple[str, ...]:
    return counted(of, of, answered).counts.fallen.candidates()


def fallen(of: Suite, rerun: Rerun | None, *, base: str, head: str, deterministic: bool = False) -> Recheck:
    answered = tally.answers(of.id, marks(of, base=base, head=head))
    return recheck(of, worst(of, answered), answered, rerun=rerun, deterministic=deterministic)


def broken(arm: ArmName, name: str, _index: int) -> Status:
    return "fail" if arm == "head" and name == "case-000" else "pass"


class Greedy(Machine):
    """A model that decodes greedily: its samples have one address, so one call gives one answer, many times."""

    def __call__(self, cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        return [
            replace(sample, key=f"{sample.arm} {sample.case}")
            for sample in super().__call__(cases, first, count)
        ]


def test_copies_of_one_answer_are_no_eight_samples() -> None:
    of = many(4)
    machine = Greedy(of, broken)
    found = fallen(of, machine, base="1111", head="0111")
    (flip,) = found.flips
    assert (flip.confirmed, flip.p) == (True, None)
    assert machine.asked == [(("case-000",), 1, FRESH)]
    assert found.steady


def test_a_greedy_model_that_answers_otherwise_is_asked_one_by_one() -> None:
    of = many(4)
    said: list[str] = []

    def wavering(arm: ArmName, name: str, _index: int) -> Status:
        said.append(arm)
        return "pass"

    found = fallen(of, Greedy(of, wavering), base="1111", head="0111")
    (flip,) = found.flips
    assert not found.steady
    assert (flip.p, flip.confirmed) == (1.0, False)
    assert said.count("head") == 2 * FRESH


def test_where_nothing_can_be_asked_again_nothing_is_confirmed() -> None:
    found = fallen(many(4), None, base="1111", head="0011")
    assert [(flip.p, flip.confirmed) for flip in found.flips] == [(None, False)] * 2
    assert found.notes == ("flips were not asked again",)


@pytest.mark.parametrize("silent", ["base", "head"])
def test_fresh_samples_that_all_erred_confirm_nothing_and_are_told(silent: ArmName) -> None:
    of = many(4)
    found = fallen(
        of,
        Machine(of, lambda arm, name, index: "error" if arm == silent else broken(arm, name, index)),
        base="1111",
        head="0111",
    )
    (flip,) = found.flips
    assert (flip.p, flip.confirmed) == (None, False)
    assert "case case-000 gave no answer when asked again" in found.notes[0]


def test_some_errors_among_fresh_samples_leave_the_others_their_weight() -> None:
    of = many(4)

    def some(arm: ArmName, name: str, index: int) -> Status:
        return "error" if index > 6 else broken(arm, name, index)

    (flip,) = fallen(of, Machine(of, some), base="1111", head="0111").flips
    assert flip.p is not None
    assert flip.p == pytest.approx(1 / 924)  # 6 of 6 against 0 of 6
    assert flip.confirmed


def test_the_worst_twenty_are_asked_again_and_small_falls_are_not() -> None:
    of = many(50, samples=3)

    def answer(arm: ArmName, name: str, index: int) -> Status:
        number = int(name[-3:])
        lost = 3 if number < 5 else 2 if number < 40 else 1
        return "fail" if arm == "head" and index < lost else "pass"

    answered = tally.answers(of.id, run(of, answer))
    found = worst(of, answered)
    assert len(found) == MOST
    assert found[:5] == tuple(f"case-{n:03}" for n in range(5))
    assert not {f"case-{n:03}" for n in range(40, 50)} & set(found)
