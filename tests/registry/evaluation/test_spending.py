from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.samples import HERE, many, run

from registry.evaluation import gate, tally
from registry.evaluation.records import ArmName, Comparability, Completion, Policy, Sample, Suite
from registry.evaluation.spending import Takings, spending, told
from registry.evaluation.verdict import Spending, Verdict

HOSTED = Comparability("openai", "hosted", "api.example")
Taken = Callable[[ArmName, int], Completion]


def taken(arm: ArmName, number: int, *, more: float) -> Completion:
    factor = more if arm == "head" else 1.0
    return Completion(
        "x", 100 + number, 10, seconds=0.2 * factor + number / 1e4, cost=0.001 * factor * (100 + number)
    )


def suite_and_samples(policy: Policy, take: Taken, count: int = 40) -> tuple[Suite, list[Sample]]:
    of = many(count, policy=policy)
    found = run(of, lambda _arm, _case, _index: "pass")
    return of, [replace(it, completion=take(it.arm, int(it.case[-3:]))) for it in found]


def decided(policy: Policy, take: Taken, where: Comparability = HOSTED, count: int = 40) -> Verdict:
    of, found = suite_and_samples(policy, take, count)
    return gate.decide(of, of, found, comparability={"base": where, "head": where})


def named(verdict: Verdict, name: str) -> Spending:
    return next(each for each in verdict.spending if each.name == name)


def test_an_increase_above_its_limit_blocks_with_its_own_reason_and_leaves_quality_alone() -> None:
    verdict = decided(Policy(margin=0.2, max_cost_increase=0.1), lambda arm, n: taken(arm, n, more=1.3))
    assert (verdict.word, verdict.exit_code) == ("NON-INFERIOR", 1)
    assert verdict.reasons[-1].startswith("cost +30.0% [")
    assert verdict.reasons[-1].endswith("of +10.0% allowed")
    assert gate.settle([verdict])[0].exit_code == 1
    assert named(verdict, "tokens").change == 0


def test_within_its_limit_an_increase_is_shown_and_blocks_nothing() -> None:
    verdict = decided(Policy(max_cost_increase=0.5), lambda arm, n: taken(arm, n, more=1.3))
    assert verdict.exit_code == 0
    cost = named(verdict, "cost")
    assert cost.change == pytest.approx(0.3)
    assert cost.low is not None
    assert cost.high is not None
    assert cost.low == pytest.approx(0.3) == cost.high
    assert "of +50.0% allowed" in told(cost)


def test_just_as_much_as_is_allowed_is_allowed() -> None:
    verdict = decided(Policy(max_cost_increase=0.1), lambda arm, n: taken(arm, n, more=1.1))
    assert named(verdict, "cost").change == pytest.approx(0.1)
    assert verdict.exit_code == 0


def test_what_chance_can_explain_is_a_note_and_no_block() -> None:
    def take(arm: ArmName, number: int) -> Completion:
        factor = (1.05, 0.6, 1.8)[number % 3] if arm == "head" else 1.0
        return Completion("x", 100 + 7 * (number % 13), 10, cost=(50 + number) * factor)

    verdict = decided(Policy(max_cost_increase=0.0), take, count=15)
    assert verdict.exit_code == 0
    assert (named(verdict, "cost").change or 0) > 0
    assert "but not surely so" in " ".join(verdict.notes)


def test_cached_answers_say_nothing_of_latency() -> None:
    def take(arm: ArmName, number: int) -> Completion:
        live = taken(arm, number, more=9)
        return replace(live, cached=True, seconds=None) if arm == "base" else live

    verdict = decided(Policy(max_latency_increase=0.1, max_cost_increase=99), take)
    latency = named(verdict, "latency")
    assert (latency.change, latency.unknown) == (None, "answers came from the cache")
    assert verdict.exit_code == 0
    assert "the limit on latency was not checked: answers came from the cache" in verdict.notes


def test_live_answers_of_a_hosted_model_are_held_to_their_latency() -> None:
    verdict = decided(Policy(max_latency_increase=0.1), lambda arm, n: taken(arm, n, more=2))
    assert verdict.exit_code == 1
    assert named(verdict, "latency").exceeded


def test_answers_that_are_computed_in_batches_have_no_latency_of_their_own() -> None:
    verdict = decided(Policy(max_latency_increase=0.1), lambda arm, n: taken(arm, n, more=2), HERE)
    assert named(verdict, "latency").unknown == "answers are computed in batches"
    assert verdict.exit_code == 0


def test_a_model_without_prices_has_no_cost_rather_than_none() -> None:
    verdict = decided(Policy(max_cost_increase=0.1), lambda _arm, _n: Completion("x", 100, 10))
    assert named(verdict, "cost").unknown == "the price of an answer is not known"
    assert "not checked" in " ".join(verdict.notes)


def test_a_few_cases_make_no_interval() -> None:
    verdict = decided(
        Policy(max_token_increase=0.0),
        lambda arm, _n: Completion("x", 200 if arm == "head" else 1, 1),
        count=9,
    )
    tokens = named(verdict, "tokens")
    assert tokens.unknown is not None
    assert not tokens.exceeded
    assert verdict.exit_code == 0


def test_answers_that_erred_are_left_out() -> None:
    of, found = suite_and_samples(Policy(error_budget=20), lambda arm, n: taken(arm, n, more=1))
    found = [
        replace(it, status="error", completion=Completion("", 10**6, 0, error="gone"))
        if it.arm == "head" and it.case == "case-003"
        else it
        for it in found
    ]
    answered = tally.answers(of.id, found)
    held = Takings(tally.results(of, of, answered))
    tokens = spending(held, of.policy, HOSTED)[0]
    assert (tokens.change, tokens.low, tokens.high) == (0, 0, 0)


def test_without_a_verdict_on_quality_there_is_none_on_spending() -> None:
    of, found = suite_and_samples(Policy(max_cost_increase=0.1), lambda arm, n: taken(arm, n, more=3))
    other = replace(HOSTED, device="elsewhere")
    verdict = gate.decide(of, of, found, comparability={"base": other, "head": HOSTED})
    assert (verdict.word, verdict.exit_code, verdict.spending) == ("NO-VERDICT", 3, ())
