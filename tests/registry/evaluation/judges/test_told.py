from __future__ import annotations

from registry.evaluation.judges.told import told
from registry.evaluation.records import Check, CheckStatus, Completion, Sample, Status
from registry.evaluation.report import lines
from registry.evaluation.verdict import Verdict

VERDICT = Verdict("s", "s.suite.yaml", "p", "PASS", 0)
PLAIN = Check("contains", "pass", 1.0)


def sample(case: str, *checks: Check, arm: str = "head", status: Status = "pass") -> Sample:
    return Sample("s", case, case, arm, 0, status, 1.0, "k", Completion("a", 1, 1), checks)  # type: ignore[arg-type]


def advice(status: CheckStatus, score: float = 0.0, kind: str = "llm-rubric") -> Check:
    return Check(kind, status, score, advisory=True)


def test_advice_is_counted_by_case_inside_of_sets_too() -> None:
    inside = Check("assert-set", "pass", 1.0, parts=(advice("fail"),))
    samples = [
        sample("a", PLAIN, advice("pass", 1.0)),
        sample("b", PLAIN, advice("fail")),
        sample("c", advice("pass", 1.0)),
        sample("d", inside),
        sample("e", PLAIN),
        sample("b", PLAIN, advice("fail"), arm="base"),
    ]
    verdict = told(VERDICT, samples, ())
    assert verdict.advice is not None
    assert (verdict.advice.asked, verdict.advice.failing, verdict.advice.alone) == (4, ("b", "d"), ("c",))
    shown = {line.label: line.text for line in lines(verdict)}
    assert shown["advisory"] == (
        "4 judged checks; does not hold in 2 cases: b, d; no case fails by it; 1 case asks nothing else"
    )
    assert told(VERDICT, [sample("e", PLAIN)], ()).advice is None


def test_cases_that_only_a_base_could_answer_are_told_where_there_is_none() -> None:
    unasked = advice("skip", 0.0, "select-best")
    verdict = told(VERDICT, [sample("a", unasked), sample("b", PLAIN, unasked), sample("c", unasked)], ())
    assert verdict.advice is not None
    assert (verdict.advice.asked, verdict.advice.unasked, verdict.advice.alone) == (0, ("a", "c"), ())
    shown = [(line.text, line.tone) for line in lines(verdict) if line.label == "advisory"]
    said = "2 cases ask only which answer is better: a, c; without a base nothing was asked of the answer"
    assert shown == [(said, "doubt")]


def test_wins_are_counted_by_case_and_tested_by_their_signs() -> None:
    wins = [sample(f"w{n}", advice("pass", 1.0, "select-best")) for n in range(8)]
    losses = [sample("l", advice("fail", 0.0, "select-best"))]
    ties = [sample("t", advice("pass", 0.5, "select-best")), sample("n", advice("skip", 0.0, "select-best"))]
    contest = told(VERDICT, [*wins, *losses, *ties], ()).contest
    assert contest is not None
    assert (contest.wins, contest.losses, contest.ties) == (8, 1, 1)
    assert contest.p == 2 * (9 + 1) / 2**9
