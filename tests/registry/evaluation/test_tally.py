from __future__ import annotations

from dataclasses import replace

from support.samples import case, marks, run, sample, suite

from registry.evaluation import tally


def test_samples_are_counted_per_case_and_arm() -> None:
    of = suite(case("one"), case("two"), samples=3)
    found = run(of, lambda arm, name, index: "fail" if (arm, name) == ("head", "two") and index else "pass")
    one, two = tally.results(of, of, tally.answers(of.id, found))
    assert (one.delta, two.delta) == (0.0, 1 / 3 - 1)
    assert two.head is not None
    assert (two.head.passed, two.head.failed, two.head.holds) == (1, 2, False)
    assert (two.reason, two.base_answer) == ("contains does not contain 'billing'", "base says pass")


def test_a_case_that_erred_in_either_arm_has_no_difference() -> None:
    of = suite(case("one"), case("two"), case("three"))
    found = [*tally.results(of, of, tally.answers(of.id, marks(of, base="1e1", head="e11")))]
    assert [result.delta for result in found] == [None, None, 0.0]
    assert found[1].reason == "in base: the engine ran out of memory"


def test_a_case_is_the_same_wherever_it_stands_and_true_is_not_one() -> None:
    one = case("one")
    assert tally.same_content(one, replace(one, line=99))
    assert not tally.same_content(replace(one, inputs={"n": True}), replace(one, inputs={"n": 1}))


def test_rates_take_the_case_as_their_unit() -> None:
    of = suite(case("one"), case("two"), samples=2)
    found = run(of, lambda _arm, name, index: "fail" if name == "two" and index else "pass", arms=("head",))
    results = tally.results(of, None, tally.answers(of.id, found))
    rate = tally.rate(result.head for result in results if result.head is not None)
    assert rate is not None
    assert (rate.cases, rate.mean) == (2, 0.75)
    assert rate.low < 0.75 < rate.high
    assert tally.rate([]) is None


def test_live_seconds_are_added_up_and_cached_ones_are_not() -> None:
    of = suite(case("one"), samples=2)
    live = sample(of, of.cases[0], "head", 0, "pass")
    kept = replace(live, index=1, completion=replace(live.completion, cached=True, seconds=None))
    (result,) = tally.results(of, None, tally.answers(of.id, [live, kept]))
    assert result.seconds == 0.25
