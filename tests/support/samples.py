"""Suites, samples and a machine that can be asked again, for tests of the gate and its reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from registry.evaluation.records import (
    ArmName,
    Case,
    Check,
    Comparability,
    Completion,
    Expectation,
    Policy,
    Sample,
    Status,
    Suite,
)

HERE = Comparability("ctranslate2", "cpu-f32", "cpu", {"version": "4.8"})
ARMS: Mapping[ArmName, Comparability] = {"base": HERE, "head": HERE}
Answer = Callable[[ArmName, str, int], Status]
STATUS: Mapping[str, Status] = {"1": "pass", "0": "fail", "e": "error"}


def case(name: str, *, group: str | None = None, required: bool = False, text: str = "billing") -> Case:
    return Case(name, group or name, {"ticket": name}, (Expectation("contains", text),), required)


def suite(*cases: Case, samples: int = 1, policy: Policy = Policy()) -> Suite:
    return Suite(
        "support/triage", "prompts/support/triage.suite.yaml", "support/triage", cases, samples, policy=policy
    )


def many(count: int, groups: int | None = None, samples: int = 1, policy: Policy = Policy()) -> Suite:
    cases = [
        case(f"case-{n:03}", group=None if groups is None else f"group-{n % groups}") for n in range(count)
    ]
    return suite(*cases, samples=samples, policy=policy)


def sample(
    of: Suite, asked: Case, arm: ArmName, index: int, status: Status, answer: str | None = None
) -> Sample:
    error = "the engine ran out of memory" if status == "error" else None
    text = answer if answer is not None else f"{arm} says {status}"
    checks = (
        () if error else (Check("contains", status, float(status == "pass"), "does not contain 'billing'"),)
    )
    completion = Completion(text, 100, 10, seconds=0.25, error=error)
    score = float(status == "pass")
    key = f"{arm}-{asked.id}-{index}"
    return Sample(
        of.id, asked.id, asked.group, arm, index, status, score, key, completion, checks, asked.required
    )


def run(of: Suite, answer: Answer, arms: Sequence[ArmName] = ("base", "head")) -> list[Sample]:
    return [
        sample(of, asked, arm, index, answer(arm, asked.id, index))
        for asked in of.cases
        for index in range(of.samples)
        for arm in arms
    ]


def marks(of: Suite, *, head: str, base: str = "") -> list[Sample]:
    """One mark per case: 1 pass, 0 fail, e error."""
    found: list[Sample] = []
    for arm, row in (("base", base), ("head", head)):
        for asked, mark in zip(of.cases, row, strict=bool(row)):
            found.append(sample(of, asked, "base" if arm == "base" else "head", 0, STATUS[mark]))
    return found


class Machine:
    """Answers again when the gate asks, and remembers what it was asked."""

    def __init__(self, of: Suite, answer: Answer) -> None:
        self._suite = of
        self._answer = answer
        self.asked: list[tuple[tuple[str, ...], int, int]] = []

    def __call__(self, cases: Sequence[str], first: int, count: int) -> Sequence[Sample]:
        self.asked.append((tuple(cases), first, count))
        return [
            sample(self._suite, one, arm, index, self._answer(arm, one.id, index))
            for one in self._suite.cases
            if one.id in cases
            for index in range(first, first + count)
            for arm in ("base", "head")
        ]
