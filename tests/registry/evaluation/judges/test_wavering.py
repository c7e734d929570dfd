from __future__ import annotations

from dataclasses import replace

from registry.evaluation.judges.wavering import wavering
from registry.evaluation.records import ArmName, Check, CheckStatus, Completion, Sample
from registry.evaluation.report import lines
from registry.evaluation.verdict import Noise, Verdict

VERDICT = Verdict("s", "s.suite.yaml", "p", "PASS", 0, noise=Noise(3, (), 0.0, dict.fromkeys((1, 3, 5, 10))))


def sample(case: str, arm: ArmName, *said: CheckStatus, text: str = "a", kind: str = "llm-rubric") -> Sample:
    checks = (Check("contains", "pass", 1.0), *(Check(kind, each, 0.0) for each in said))
    return Sample("s", case, case, arm, 0, "pass", 1.0, "k", Completion(text, 1, 1), checks)


def test_only_checks_that_read_the_same_answer_twice_are_counted() -> None:
    samples = [
        sample("a", "head", "pass", "pass"),
        sample("b", "head", "pass"),
        sample("c", "head", "error"),
        sample("d", "head", "pass", kind="not-g-eval"),
        sample("e", "head", "pass", kind="icontains"),
        sample("a", "base", "pass", "fail"),
        sample("b", "base", "fail", text="another"),
        sample("c", "base", "pass"),
        sample("d", "base", "fail", kind="not-g-eval"),
        sample("e", "base", "fail", kind="icontains"),
    ]
    found = wavering(VERDICT, samples)
    assert found.noise is not None
    assert (found.noise.read_twice, found.noise.wavered) == (3, 2)
    told = {line.label: line for line in lines(found)}["judge noise"]
    assert told.text == "2/3 judged checks (66.7%) got another verdict though the answer was the same"
    assert told.tone == "doubt"


def test_without_a_second_round_nothing_is_said() -> None:
    assert wavering(VERDICT, [sample("a", "head", "pass")]) == VERDICT
    alone = replace(VERDICT, noise=None)
    assert wavering(alone, [sample("a", "head", "pass"), sample("a", "base", "fail")]) is alone
