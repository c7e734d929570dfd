from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from support.samples import ARMS, case, sample, suite

from registry.evaluation import gate, report
from registry.evaluation.expectations import judge
from registry.evaluation.metrics import sample_scores, scores
from registry.evaluation.records import (
    ArmName,
    Case,
    Check,
    Completion,
    Composite,
    Expectation,
    Policy,
    Sample,
    Suite,
)
from registry.evaluation.verdict import Metric, Verdict

BOTH = (Composite("quality", {"tone": 2.0, "accuracy": 3.0}),)


def named(of: Suite, asked: Case, arm: ArmName, index: int = 0, **found: float) -> Sample:
    checks = tuple(
        Check("contains", "pass" if score >= 0.5 else "fail", score, metric=name)
        for name, score in found.items()
    )
    return replace(sample(of, asked, arm, index, "pass"), checks=checks)


def of_samples(*samples: Sample) -> Mapping[str, float]:
    return scores(sample_scores(each)[0] for each in samples)


def metrics(of: Suite, samples: list[Sample]) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in gate.absolute(of, samples).metrics}


def test_the_score_of_a_case_is_the_weighted_mean_of_its_checks_then_of_its_samples() -> None:
    of = suite(case("a"), samples=2)
    one = sample(of, of.cases[0], "head", 0, "pass")
    checks = (
        Check("contains", "pass", 1.0, weight=3.0, metric="tone"),
        Check("equals", "fail", 0.0, metric="tone"),
        Check("regex", "pass", 1.0),
        Check("latency", "skip", 0.0, metric="speed"),
        Check("cost", "error", 0.0, metric="money"),
    )
    two = replace(one, index=1, checks=(Check("contains", "pass", 0.25, metric="tone"),))
    assert of_samples(replace(one, checks=checks), two) == {"tone": 0.5}
    assert scores([]) == {}


def test_a_metric_inside_of_a_set_counts_and_so_does_the_set() -> None:
    inner = Expectation("contains", "sorry", metric="tone")
    more = Expectation("assert-set", (inner, Expectation("contains", "never")), metric="accuracy")
    status, _, checks = judge(
        Case("a", "a", {}, (replace(more, threshold=0.5),)), Completion("so sorry", 1, 1)
    )
    assert status == "pass"
    of = suite(case("a"))
    assert of_samples(replace(sample(of, of.cases[0], "head", 0, "pass"), checks=checks)) == {
        "accuracy": 0.5,
        "tone": 1.0,
    }


def test_a_composite_weighs_what_a_case_has_and_leaves_the_rest_out() -> None:
    of = replace(suite(case("a"), case("b"), case("c")), metrics=BOTH)
    found = [
        named(of, of.cases[0], "head", tone=1.0, accuracy=0.5),
        named(of, of.cases[1], "head", tone=0.6),
        named(of, of.cases[2], "head"),
    ]
    known = metrics(of, found)
    assert known["quality"].head == pytest.approx((0.7 + 0.6) / 2)
    assert (known["quality"].cases, known["tone"].cases, known["accuracy"].cases) == (2, 2, 1)
    assert known["tone"].low <= known["tone"].head <= known["tone"].high


def test_a_domain_has_weights_of_its_own_and_is_told_apart() -> None:
    by = Composite("quality", {"tone": 1.0}, {"legal": {"accuracy": 1.0}}, split="tag")
    cases = [replace(case("a"), tags=("legal", "long")), replace(case("b"), tags=("chat",)), case("c")]
    of = replace(suite(*cases), metrics=(by,))
    found = [named(of, it, "head", tone=0.9, accuracy=0.3) for it in of.cases]
    known = metrics(of, found)
    assert {name: metric.head for name, metric in known.items() if name.startswith("quality")} == {
        "quality": pytest.approx(0.7),
        "quality@legal": pytest.approx(0.3),
        "quality@long": pytest.approx(0.3),
        "quality@chat": pytest.approx(0.9),
    }
    groups = replace(of, metrics=(Composite("tone", {"tone": 1.0}, split="group"),))
    assert [name for name in metrics(groups, found) if "@" in name] == ["tone@a", "tone@b", "tone@c"]


def compared(of: Suite, drop: float) -> Verdict:
    draw = random.Random(7)
    found: list[Sample] = []
    for it in of.cases:
        value = draw.uniform(0.7, 1.0)
        found += [named(of, it, "base", tone=value), named(of, it, "head", tone=max(value - drop, 0.0))]
    return gate.decide(of, of, found, comparability=ARMS, deterministic=True)


def test_arms_are_compared_pair_by_pair_so_a_small_steady_drop_shows() -> None:
    of = suite(*(case(f"c{n}") for n in range(120)))
    (tone,) = compared(of, 0.05).metrics
    assert tone.delta == pytest.approx(-0.05)
    assert tone.base is not None
    assert tone.low < tone.delta < tone.high < 0  # the spread between cases is not in it
    assert (tone.below, tone.floor) == (False, None)


def test_a_floor_that_base_held_and_head_does_not_is_a_regression_and_one_broken_before_is_told() -> None:
    of = suite(*(case(f"c{n}") for n in range(40)))
    fell = compared(replace(of, policy=Policy(min_metrics={"tone": 0.8})), 0.2)
    assert (fell.word, fell.exit_code) == ("REGRESSION", 1)
    assert fell.reasons[0].startswith("metric tone 0.6")
    broken = compared(replace(of, policy=Policy(min_metrics={"tone": 0.99})), 0.0)
    assert broken.exit_code == 0
    assert [
        (line.text.split("  ")[0], line.tone) for line in report.lines(broken) if line.label == "metric"
    ] == [("tone", "doubt")]


def test_a_floor_holds_for_head_alone_and_a_mean_of_thirds_reaches_it() -> None:
    of = suite(*(case(f"c{n}") for n in range(3)), policy=Policy(min_metrics={"tone": 0.9}))
    good = [named(of, it, "head", tone=0.9) for it in of.cases]
    assert gate.absolute(of, good).word == "PASS"
    bad = gate.absolute(of, [named(of, it, "head", tone=0.8) for it in of.cases])
    assert (bad.word, bad.reasons) == ("FAIL", ("metric tone 0.800 is below minMetrics 0.9",))


def test_a_floor_without_any_score_leaves_no_verdict() -> None:
    asked = replace(case("a"), expect=(Expectation("contains", "x", metric="tone"),))
    of = suite(asked, policy=Policy(min_metrics={"tone": 0.9, "care": 0.5}))
    found = [named(of, asked, "head")]
    verdict = gate.absolute(of, found)
    assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)
    assert "no answer has a score for tone, for" in verdict.reasons[0]
    both = [*found, named(of, asked, "base")]
    assert gate.decide(of, of, both, comparability=ARMS, deterministic=True).word == "NO-VERDICT"
    part = replace(of, cases=(case("b"),))  # what was left out of a run cannot fail it
    assert gate.absolute(part, [named(part, part.cases[0], "head")]).word == "PASS"


def test_a_judge_that_is_not_calibrated_measures_and_its_floor_blocks_nothing() -> None:
    of = suite(case("a"), policy=Policy(min_metrics={"tone": 0.9}))
    (one,) = [named(of, of.cases[0], "head", tone=0.2)]
    advised = replace(one, checks=(replace(one.checks[0], advisory=True),))
    verdict = gate.absolute(of, [advised])
    assert (verdict.word, verdict.metrics[0].below, verdict.metrics[0].advisory) == ("PASS", True, True)
    told = [line for line in report.lines(verdict) if line.label == "metric"]
    assert told[0].tone == "doubt"
    assert "advisory" in told[0].text


def test_a_fall_that_noise_can_explain_is_inconclusive_and_no_regression() -> None:
    of = suite(*(case(f"c{n}") for n in range(40)), policy=Policy(min_metrics={"tone": 0.5}))
    draw = random.Random(3)
    found: list[Sample] = []
    for it in of.cases:
        found += [
            named(of, it, "base", tone=draw.uniform(0.0, 1.02)),
            named(of, it, "head", tone=draw.random() * 0.96),
        ]
    noisy = gate.decide(of, of, found, comparability=ARMS)
    (tone,) = noisy.metrics
    assert (tone.below, tone.broken, tone.high > 0) == (True, False, True), tone
    assert (noisy.word, noisy.exit_code) == ("INCONCLUSIVE", 0)
    assert "which noise can explain" in noisy.reasons[0]
