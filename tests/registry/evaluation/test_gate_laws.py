"""Laws that the gate must keep for every run, whatever its samples are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import ARMS, STATUS, case, many, marks, run, sample, suite

from registry.evaluation import answered, gate
from registry.evaluation.overview import overview
from registry.evaluation.records import ArmName, Policy, Sample, Suite
from registry.evaluation.report import rows as rows_to_look_at
from registry.evaluation.shelf import Shelf
from registry.evaluation.verdict import Verdict

ROWS = st.lists(st.tuples(st.sampled_from("110e"), st.sampled_from("100e")), min_size=1, max_size=40)
LENIENT = Policy(error_budget=1000)
few = settings(max_examples=40, deadline=None)


def decided(of: Suite, samples: Sequence[Sample], **more: object) -> Verdict:
    (settled,) = gate.settle([gate.decide(of, of, samples, comparability=ARMS, **more)])  # type: ignore[arg-type]
    return settled


def rows_of(of: Suite, rows: Sequence[tuple[str, str]]) -> list[Sample]:
    return marks(of, base="".join(base for base, _ in rows), head="".join(head for _, head in rows))


def numbers(verdict: Verdict) -> object:
    held = verdict.comparison
    told = None if held is None else replace(held, lost=(), gained=(), flips=())
    return verdict.word, verdict.exit_code, verdict.head, verdict.base, told, verdict.spending


@few
@given(ROWS, st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_order_of_cases_and_samples_never_changes_a_number(
    rows: list[tuple[str, str]], groups: int, rng: random.Random
) -> None:
    of = many(len(rows), groups=groups, policy=LENIENT)
    found = rows_of(of, rows)
    cases = list(of.cases)
    rng.shuffle(cases)
    mixed = list(found)
    rng.shuffle(mixed)
    assert numbers(decided(of, found)) == numbers(decided(replace(of, cases=tuple(cases)), mixed))


@few
@given(ROWS, st.integers(1, 60))
def test_groups_that_did_not_move_never_make_a_regression(rows: list[tuple[str, str]], calm: int) -> None:
    of = many(len(rows), policy=LENIENT)
    found = rows_of(of, rows)
    before = decided(of, found)
    quiet = [case(f"calm-{n}") for n in range(calm)]
    wider = replace(of, cases=(*of.cases, *quiet))
    more = [sample(wider, one, arm, 0, "pass") for one in quiet for arm in ("base", "head")]
    after = decided(wider, [*found, *more])
    if after.word == "REGRESSION":
        assert before.word == "REGRESSION"
    if before.comparison is not None and after.comparison is not None:
        assert after.comparison.p_drop == before.comparison.p_drop


@few
@given(ROWS, st.integers(2, 6))
def test_repeats_of_one_answer_are_not_counted_as_cases(rows: list[tuple[str, str]], k: int) -> None:
    of = many(len(rows), policy=LENIENT)
    one = decided(of, rows_of(of, rows))
    repeated = replace(of, samples=k)
    found = run(repeated, lambda arm, name, _index: STATUS[rows[int(name[-3:])][0 if arm == "base" else 1]])
    many_times = decided(repeated, found)
    assert many_times.word == one.word
    if one.comparison is not None and many_times.comparison is not None:
        assert many_times.comparison.p_drop == one.comparison.p_drop
        assert (many_times.comparison.low, many_times.comparison.high) == (
            one.comparison.low,
            one.comparison.high,
        )


@few
@given(ROWS, st.integers(0, 39), st.sampled_from(["base", "head"]))
def test_an_error_counts_neither_as_a_pass_nor_as_a_failure(
    rows: list[tuple[str, str]], place: int, arm: ArmName
) -> None:
    index = place % len(rows)
    of = many(len(rows), policy=LENIENT)
    side = 0 if arm == "base" else 1
    erred = [
        tuple("e" if n == index and s == side else mark for s, mark in enumerate(row))
        for n, row in enumerate(rows)
    ]
    without = replace(of, cases=tuple(c for n, c in enumerate(of.cases) if n != index))
    here = decided(of, rows_of(of, erred))  # type: ignore[arg-type]
    if not without.cases:
        assert here.word == "NO-VERDICT"
        return
    there = decided(without, [s for s in rows_of(of, rows) if s.case != of.cases[index].id])
    if here.comparison is None or there.comparison is None:
        assert here.comparison is there.comparison is None
        return
    assert here.comparison.p_drop == there.comparison.p_drop
    assert here.comparison.delta == there.comparison.delta
    assert here.word == there.word


@few
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=4, max_size=4))
def test_a_score_that_is_no_number_changes_no_verdict(scores: list[float]) -> None:
    of = many(2)
    found = marks(of, base="11", head="10")
    odd = [replace(one, score=score) for one, score in zip(found, scores, strict=True)]
    assert numbers(decided(of, odd)) == numbers(decided(of, found))


@few
@given(ROWS)
def test_one_more_suite_never_makes_a_regression_of_another(rows: list[tuple[str, str]]) -> None:
    of = many(len(rows), policy=LENIENT)
    alone = decided(of, rows_of(of, rows))
    other = many(30)
    calm = gate.decide(other, other, marks(other, base="1" * 30, head="1" * 30), comparability=ARMS)
    first = gate.decide(of, of, rows_of(of, rows), comparability=ARMS)
    together = gate.settle([calm, first])[1]
    if together.word == "REGRESSION":
        assert alone.word == "REGRESSION"


@pytest.mark.parametrize(
    ("head", "word"), [("1", "INCONCLUSIVE"), ("0", "INCONCLUSIVE"), ("e", "NO-VERDICT")]
)
def test_one_case_proves_nothing(head: str, word: str) -> None:
    of = many(1)
    verdict = decided(of, marks(of, base="1", head=head))
    assert verdict.word == word
    if verdict.comparison is not None:
        assert (verdict.comparison.low, verdict.comparison.high) == (-1.0, 1.0)
        assert verdict.comparison.detectable is None


def test_all_errors_are_no_verdict_whatever_the_budget() -> None:
    of = many(5, policy=LENIENT)
    verdict = decided(of, marks(of, base="eeeee", head="eeeee"))
    assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)


@pytest.mark.parametrize("count", [1, 5, 12, 60, 121])
def test_no_flip_at_all_is_no_certainty(count: int) -> None:
    of = many(count)
    verdict = decided(of, marks(of, base="1" * count, head="1" * count))
    assert verdict.word == "INCONCLUSIVE"
    assert verdict.comparison is not None
    assert verdict.comparison.low < -0.03


@few
@given(ROWS, st.integers(1, 6))
def test_what_does_not_fit_into_memory_gets_the_same_verdict(
    rows: list[tuple[str, str]], groups: int
) -> None:
    of = many(len(rows), groups=groups, policy=LENIENT)
    found = rows_of(of, rows)
    small = decided(of, found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shelf.__init__, "__defaults__", (2,))
        patch.setattr(answered, "_RECENT", 3)
        large = decided(of, found)
    assert replace(large, cases=tuple(large.cases)) == replace(small, cases=tuple(small.cases))
    assert [*rows_to_look_at(large)] == [*rows_to_look_at(small)]
    assert overview(large) == overview(small)


def test_a_group_may_be_named_after_one_of_its_cases() -> None:
    named, other = case("a"), case("b", group="a")
    of = suite(named, other, *many(30).cases)
    plain = suite(replace(named, group="x"), replace(other, group="x"), *many(30).cases)
    marked = {"base": "1" * 32, "head": "00" + "1" * 30}
    here, there = (decided(each, marks(each, **marked)) for each in (of, plain))
    assert here.comparison is not None
    assert here.comparison.groups == overview(here).groups == 31
    assert numbers(here) == numbers(there)
