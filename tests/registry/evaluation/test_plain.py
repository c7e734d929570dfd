from __future__ import annotations

from dataclasses import replace

import pytest
from support.samples import ARMS, Machine, many, marks, run

from registry.evaluation import gate, report
from registry.evaluation.plain import headline, sentences
from registry.evaluation.records import Policy
from registry.evaluation.verdict import Verdict


def compared(base: str, head: str, *, policy: Policy = Policy(), required: bool = False) -> Verdict:
    of = many(len(head), policy=policy)
    if required:
        of = replace(of, cases=(replace(of.cases[0], required=True), *of.cases[1:]))
    found = marks(of, base=base, head=head)
    (verdict,) = gate.settle([gate.decide(of, of, found, comparability=ARMS, deterministic=True)])
    return verdict


def test_a_regression_says_how_many_how_much_and_how_sure() -> None:
    told = sentences(compared("1" * 60, "0" * 8 + "1" * 52, required=True))
    assert told[0] == "The change makes 8 of 60 cases worse."
    assert told[1] == "A case that must pass fails: case-000."
    assert "The pass rate fell by 13.3 points; with 95 % confidence the true change lies between" in told[2]
    assert (
        told[3] == "Were the change harmless, chance alone would show such a drop in about 4 of 1,000 runs."
    )


def test_a_gain_is_told_with_what_chance_would_do() -> None:
    told = sentences(compared("0" * 9 + "1" * 51, "1" * 60))
    assert told[0] == "The change makes 9 of 60 cases better."
    assert told[-1].startswith("Did the change do nothing, chance alone would show such a gain in")


def test_cases_that_stayed_worse_are_told_from_those_that_did_not() -> None:
    of = many(40)
    machine = Machine(of, lambda arm, case, _: "fail" if arm == "head" and case == "case-000" else "pass")
    found = run(
        of, lambda arm, case, _: "fail" if arm == "head" and case in ("case-000", "case-001") else "pass"
    )
    verdict = gate.decide(of, of, found, comparability=ARMS, rerun=machine)
    told = " ".join(sentences(gate.settle([verdict])[0]))
    assert "Asked eight more times on each side, these stayed worse: case-000." in told
    assert "Asked again, one case that looked worse was no worse than before" in told


def test_nothing_seen_is_not_told_as_nothing_changed() -> None:
    verdict = compared("1" * 12, "1" * 12)
    told = " ".join(sentences(verdict))
    assert verdict.word == "INCONCLUSIVE" or "ruled out" in told
    few = " ".join(sentences(compared("1" * 6, "1" * 6)))
    assert "can neither show nor rule out a drop of 3.0 points" in few
    assert "6 independent groups of cases are too few" in few


def test_a_drop_that_is_ruled_out_is_told_by_its_size() -> None:
    base = "1" * 300
    verdict = compared(base, "1" * 299 + "0")
    assert verdict.word == "NON-INFERIOR"
    assert "is ruled out with 97.5 % confidence." in sentences(verdict)[-1]


def test_head_alone_is_told_against_what_the_policy_asks() -> None:
    of = many(60, policy=Policy(min_pass_rate=0.9))
    assert sentences(gate.absolute(of, marks(of, head="1" * 60))) == (
        "All 60 cases pass.",
        "The suite asks for 90 %; these cases prove at least 95.1 % with 95 % confidence.",
    )
    of = many(4)
    assert sentences(gate.absolute(of, marks(of, head="1100"))) == (
        "2 of 4 cases fail; 50 % pass on average.",
        "In the gate's words: cases case-002, case-003 failed, and the policy sets no minPassRate.",
    )


def test_answers_that_nobody_could_judge_are_not_told_as_passing() -> None:
    of = many(4, policy=Policy(error_budget=2))
    verdict = gate.absolute(of, marks(of, head="1e1e"))
    assert verdict.reasons == ("every case that could be judged passes",)
    assert sentences(verdict) == (
        "All 2 cases that could be judged pass.",
        "2 of 4 answers could not be judged; they count neither way.",
    )


def test_without_a_verdict_the_reason_is_all_that_is_said() -> None:
    of = many(2)
    (told,) = sentences(gate.absolute(of, marks(of, head="1e")))
    assert told.startswith("There is no verdict: case case-001 erred")


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        (["11"], "support/triage passes."),
        (["11", "00"], "1 of 2 suites stands in the way: support/triage fails."),
        (["11", "11"], "Nothing stands in the way: 2 suites pass."),
        ([], "Nothing was run."),
    ],
)
def test_the_headline_is_one_sentence(heads: list[str], said: str) -> None:
    of = many(2)
    made = report.make([gate.absolute(of, marks(of, head=head)) for head in heads])
    assert headline(made) == said


def test_a_run_that_its_cap_stopped_is_not_told_as_good() -> None:
    of = many(2)
    made = report.make([gate.absolute(of, marks(of, head="11")) for _ in range(2)])
    assert headline(replace(made, exit_code=3)).startswith("The run stopped before all was asked")
