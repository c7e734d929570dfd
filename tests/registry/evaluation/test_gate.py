from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.samples import ARMS, HERE, Machine, case, many, marks, run, sample, suite

from registry.evaluation import gate
from registry.evaluation.records import ArmName, Policy, Sample, Status, Suite
from registry.evaluation.verdict import Verdict


def decided(of: Suite, samples: Sequence[Sample], base: Suite | None = None, **more: object) -> Verdict:
    options: dict[str, object] = {"comparability": ARMS, "deterministic": True, **more}
    return gate.decide(of, base or of, samples, **options)  # type: ignore[arg-type]  # a table of options


class TestHeadAlone:
    def test_all_that_pass_make_a_pass(self) -> None:
        verdict = gate.absolute(many(4), marks(many(4), head="1111"), comparability=HERE)
        assert (verdict.word, verdict.exit_code) == ("PASS", 0)
        assert verdict.comparability == HERE

    def test_without_a_policy_one_failing_case_fails_the_suite(self) -> None:
        verdict = gate.absolute(many(4), marks(many(4), head="1101"))
        assert (verdict.word, verdict.exit_code) == ("FAIL", 1)
        assert verdict.reasons == ("case case-002 failed, and the policy sets no minPassRate",)

    @pytest.mark.parametrize(
        ("head", "word"),
        [("1" * 60, "PASS"), ("1" * 54 + "0" * 6, "INCONCLUSIVE"), ("1" * 53 + "0" * 7, "FAIL")],
    )
    def test_a_pass_rate_must_be_reached_and_then_proven(self, head: str, word: str) -> None:
        of = many(60, policy=Policy(min_pass_rate=0.9))
        assert gate.absolute(of, marks(of, head=head)).word == word

    def test_a_floor_of_one_asks_for_every_case_and_no_proof(self) -> None:
        of = many(5, policy=Policy(min_pass_rate=1.0))
        assert gate.absolute(of, marks(of, head="11111")).word == "PASS"
        assert gate.absolute(of, marks(of, head="11110")).word == "FAIL"

    def test_what_is_inconclusive_blocks_where_the_policy_says_so(self) -> None:
        of = many(5, policy=Policy(min_pass_rate=0.9, on_inconclusive="block"))
        verdict = gate.absolute(of, marks(of, head="11111"))
        assert (verdict.word, verdict.exit_code) == ("INCONCLUSIVE", 1)
        assert "54.9%" in verdict.reasons[0]

    def test_a_required_case_cannot_be_averaged_away(self) -> None:
        of = suite(case("must", required=True), *many(99).cases, policy=Policy(min_pass_rate=0.5))
        verdict = gate.absolute(of, marks(of, head="0" + "1" * 99))
        assert (verdict.word, verdict.required_failed) == ("FAIL", ("must",))

    def test_a_required_case_must_pass_in_every_sample(self) -> None:
        of = suite(case("must", required=True), samples=3, policy=Policy(min_pass_rate=0.1))
        found = run(of, lambda _arm, _case, index: "fail" if index == 2 else "pass", arms=("head",))
        assert gate.absolute(of, found).word == "FAIL"

    @pytest.mark.parametrize(("budget", "word"), [(0, "NO-VERDICT"), (1, "PASS")])
    def test_an_error_is_no_failure_but_uses_up_the_budget(self, budget: int, word: str) -> None:
        of = many(3, policy=Policy(error_budget=budget))
        verdict = gate.absolute(of, marks(of, head="1e1"))
        assert verdict.word == word

    @pytest.mark.parametrize("floor", [None, 0.5])
    def test_no_answer_at_all_is_no_verdict_whatever_the_budget(self, floor: float | None) -> None:
        of = many(2, policy=Policy(min_pass_rate=floor, error_budget=9))
        verdict = gate.absolute(of, marks(of, head="ee"))
        assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)

    def test_an_error_of_a_required_case_is_in_no_budget(self) -> None:
        of = suite(case("must", required=True), case("may"), policy=Policy(error_budget=5))
        verdict = gate.absolute(of, marks(of, head="e1"))
        assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)
        assert "the engine ran out of memory" in verdict.reasons[0]

    def test_a_case_without_an_answer_leaves_no_verdict(self) -> None:
        of = many(3)
        verdict = gate.absolute(of, marks(of, head="111")[:2])
        assert verdict.word == "NO-VERDICT"
        assert "case-002" in verdict.reasons[0]

    def test_samples_of_other_suites_and_of_the_base_do_not_count(self) -> None:
        of = many(2)
        strange = [replace(one, suite="another") for one in marks(of, head="00")]
        assert gate.absolute(of, [*strange, *marks(of, head="11", base="00")]).word == "PASS"


class TestHeadAgainstBase:
    @pytest.mark.parametrize(
        ("base", "head", "word"),
        [
            ("1" * 200, "1" * 200, "NON-INFERIOR"),
            ("1" * 60, "1" * 60, "INCONCLUSIVE"),
            ("1" * 60, "1" * 54 + "0" * 6, "REGRESSION"),
            ("1" * 60, "1" * 55 + "0" * 5, "INCONCLUSIVE"),
            ("0" * 6 + "1" * 54, "1" * 60, "IMPROVED"),
            ("1" * 30, "0" * 30, "REGRESSION"),
        ],
    )
    def test_the_word_follows_from_the_flips(self, base: str, head: str, word: str) -> None:
        of = many(len(base))
        verdict = decided(of, marks(of, base=base, head=head))
        assert verdict.word == word
        assert verdict.exit_code == (1 if word == "REGRESSION" else 0)

    def test_the_very_same_requests_cannot_be_worse(self) -> None:
        of = many(3)
        same = [replace(one, key=f"{one.case}-{one.index}") for one in marks(of, base="101", head="101")]
        verdict = decided(of, same)
        assert (verdict.word, verdict.reasons) == ("NON-INFERIOR", ("both arms ask the very same requests",))

    def test_a_required_case_that_breaks_stops_a_change_at_once(self) -> None:
        of = suite(case("must", required=True), *many(200).cases)
        verdict = decided(of, marks(of, base="1" * 201, head="0" + "1" * 200))
        assert (verdict.word, verdict.required_failed) == ("REGRESSION", ("must",))

    def test_a_required_case_that_base_fails_too_is_already_broken_and_blames_nobody(self) -> None:
        of = suite(case("must", required=True), *many(200).cases)
        verdict = decided(of, marks(of, base="0" + "1" * 200, head="0" + "1" * 200))
        assert (verdict.word, verdict.required_failed, verdict.already_broken) == (
            "NON-INFERIOR",
            (),
            ("must",),
        )

    def test_a_new_required_case_must_pass_though_it_is_not_compared(self) -> None:
        of = suite(case("must", required=True), *many(20).cases)
        verdict = decided(of, marks(of, base="0" + "1" * 20, head="0" + "1" * 20), base=many(20))
        assert verdict.word == "REGRESSION"
        assert verdict.cases[0].standing == "new"

    def test_changed_new_and_removed_cases_are_listed_but_not_compared(self) -> None:
        before = suite(case("kept"), case("changed", text="old"), case("gone"))
        of = suite(case("kept"), case("changed", text="new"), case("fresh"))
        verdict = decided(of, marks(of, base="100", head="100"), base=before)
        assert {one.id: one.standing for one in verdict.cases} == {
            "kept": "paired",
            "changed": "changed",
            "fresh": "new",
            "gone": "removed",
        }
        assert verdict.comparison is not None
        assert verdict.comparison.cases == 1

    def test_a_suite_that_base_does_not_have_is_judged_alone(self) -> None:
        verdict = gate.decide(many(2), None, marks(many(2), head="11"), comparability={"head": HERE})
        assert verdict.word == "PASS"
        assert verdict.notes[0].startswith("base does not have this suite")

    def test_arms_that_were_computed_differently_are_not_compared(self) -> None:
        of = many(30)
        other = replace(HERE, details={"version": "4.9"})
        verdict = decided(
            of, marks(of, base="1" * 30, head="1" * 30), comparability={"head": HERE, "base": other}
        )
        assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)
        assert verdict.reasons == ("version differs: base 4.9, head 4.8",)

    def test_an_error_in_either_arm_drops_the_pair(self) -> None:
        of = many(12, policy=Policy(error_budget=2))
        verdict = decided(of, marks(of, base="e11111111111", head="1e1111111111"))
        assert verdict.comparison is not None
        assert verdict.comparison.cases == 10
        assert (
            decided(replace(of, policy=Policy()), marks(of, base="e" + "1" * 11, head="1" * 12)).word
            == "NO-VERDICT"
        )

    def test_few_groups_give_no_pass_by_numbers(self) -> None:
        of = many(400, groups=9)
        verdict = decided(of, marks(of, base="1" * 400, head="1" * 400))
        assert verdict.word == "INCONCLUSIVE"
        assert verdict.comparison is not None
        assert not verdict.comparison.reliable

    @pytest.mark.parametrize(
        ("base", "head", "word"),
        [
            ("111", "110", "REGRESSION"),
            ("111", "111", "NON-INFERIOR"),
            ("101", "111", "IMPROVED"),
            ("101", "110", "REGRESSION"),
        ],
    )
    def test_renderings_have_no_noise_so_every_lost_case_counts(
        self, base: str, head: str, word: str
    ) -> None:
        of = replace(many(3), mode="render")
        assert decided(of, marks(of, base=base, head=head)).word == word

    def test_a_floor_that_base_kept_and_head_does_not_is_a_regression(self) -> None:
        of = many(100, policy=Policy(min_pass_rate=0.96))
        assert decided(of, marks(of, base="1" * 97 + "000", head="1" * 95 + "00000")).word == "REGRESSION"
        assert decided(of, marks(of, base="1" * 95 + "0" * 5, head="1" * 94 + "0" * 6)).word != "REGRESSION"

    @pytest.mark.parametrize(("lost", "word", "code"), [(5, "INCONCLUSIVE", 0), (14, "REGRESSION", 1)])
    def test_below_the_floor_a_noisy_engine_blames_only_what_noise_cannot_explain(
        self, lost: int, word: str, code: int
    ) -> None:
        of = many(100, policy=Policy(min_pass_rate=0.96))
        found = marks(of, base="1" * 97 + "000", head="1" * (100 - lost) + "0" * lost)
        verdict = decided(
            of, found, rerun=Machine(of, lambda _arm, _name, _index: "pass"), deterministic=False
        )
        assert (verdict.word, verdict.exit_code) == (word, code)
        assert "below minPassRate 96.0%" in " ".join(verdict.reasons)

    def test_a_reason_that_is_known_beforehand_leaves_no_verdict(self) -> None:
        of = many(3)
        verdict = decided(of, marks(of, base="111", head="111"), invalid=["the file is of another place"])
        assert (verdict.word, verdict.exit_code) == ("NO-VERDICT", 3)
        assert verdict.reasons == ("the file is of another place",)


class TestFlips:
    def test_a_deterministic_engine_is_asked_once_more(self) -> None:
        of = many(40)
        answers: dict[ArmName, str] = {"base": "1" * 40, "head": "0" + "1" * 39}
        found = marks(of, base=answers["base"], head=answers["head"])
        machine = Machine(
            of, lambda arm, name, _index: "pass" if arm == "base" or name != "case-000" else "fail"
        )
        verdict = decided(of, found, rerun=machine)
        assert machine.asked == [(("case-000",), 0, 1)]
        assert verdict.comparison is not None
        assert verdict.comparison.flips[0].confirmed
        assert verdict.word == "INCONCLUSIVE"

    def test_an_engine_that_only_claims_to_be_deterministic_is_found_out(self) -> None:
        of = many(40)
        found = marks(of, base="1" * 40, head="0" + "1" * 39)
        machine = Machine(of, lambda _arm, _name, _index: "pass")
        verdict = decided(of, found, rerun=machine)
        assert machine.asked == [(("case-000",), 0, 1), *[(("case-000",), n, 1) for n in range(1, 9)]]
        assert "not deterministic" in verdict.notes[0]
        assert verdict.comparison is not None
        assert not verdict.comparison.flips[0].confirmed

    @pytest.mark.parametrize(("passes", "word"), [(0, "REGRESSION"), (3, "REGRESSION"), (4, "INCONCLUSIVE")])
    def test_fresh_samples_confirm_a_broken_case_or_call_it_noise(self, passes: int, word: str) -> None:
        of = many(40)

        def answer(arm: ArmName, _name: str, index: int) -> Status:
            return "pass" if arm == "base" or index <= passes else "fail"

        found = marks(of, base="1" * 40, head="0" + "1" * 39)
        verdict = decided(of, found, rerun=Machine(of, answer), deterministic=False)
        assert verdict.word == word

    def test_nothing_is_asked_again_where_nothing_fell(self) -> None:
        of = many(40)
        machine = Machine(of, lambda _arm, _name, _index: "pass")
        decided(of, marks(of, base="0" + "1" * 39, head="1" * 40), rerun=machine)
        assert machine.asked == []


class TestSettling:
    def test_many_suites_need_more_proof_each(self) -> None:
        of = many(60)
        weak = decided(of, marks(of, base="1" * 60, head="1" * 54 + "0" * 6))
        calm = decided(of, marks(of, base="1" * 60, head="1" * 60))
        assert weak.word == "REGRESSION"
        assert gate.settle([weak])[0].word == "REGRESSION"
        settled = gate.settle([weak, calm])
        assert settled[0].word == "INCONCLUSIVE"
        assert settled[0].comparison is not None
        assert settled[0].comparison.p_drop_adjusted == pytest.approx(2 / 64)

    def test_suites_without_a_test_take_no_power_from_the_others(self) -> None:
        of = many(60)
        weak = decided(of, marks(of, base="1" * 60, head="1" * 54 + "0" * 6))
        same = decided(of, [replace(one, key=one.case) for one in marks(of, base="1" * 60, head="1" * 60)])
        shown = replace(of, mode="render")
        exact = decided(shown, marks(shown, base="1" * 60, head="1" * 60))
        assert [one.word for one in gate.settle([same, weak, exact])] == [
            "NON-INFERIOR",
            "REGRESSION",
            "NON-INFERIOR",
        ]

    def test_confirmed_flips_are_corrected_across_suites(self) -> None:
        of = many(40)

        def answer(arm: ArmName, _name: str, index: int) -> Status:
            return "pass" if arm == "base" or index <= 3 else "fail"

        found = marks(of, base="1" * 40, head="0" + "1" * 39)
        verdict = decided(of, found, rerun=Machine(of, answer), deterministic=False)
        assert verdict.word == "REGRESSION"
        assert [one.word for one in gate.settle([verdict, verdict])] == ["INCONCLUSIVE", "INCONCLUSIVE"]

    def test_a_hard_stop_is_no_matter_of_numbers(self) -> None:
        of = suite(case("must", required=True), *many(20).cases)
        hard = decided(of, marks(of, base="1" * 21, head="0" + "1" * 20))
        assert {one.word for one in gate.settle([hard] * 10)} == {"REGRESSION"}

    def test_the_exit_code_is_the_worst_news(self) -> None:
        of = many(3)
        good = gate.absolute(of, marks(of, head="111"))
        bad = gate.absolute(of, marks(of, head="110"))
        none = gate.absolute(of, marks(of, head="11e"))
        assert gate.exit_code([good]) == 0
        assert gate.exit_code([good, none]) == 3
        assert gate.exit_code([none, bad, good]) == 1
        assert gate.exit_code([]) == 3


def test_one_sample_of_a_case_is_never_counted_twice() -> None:
    of = many(2)
    first = sample(of, of.cases[0], "head", 0, "fail")
    verdict = gate.absolute(of, [first, *marks(of, head="11")])
    assert verdict.word == "PASS"
