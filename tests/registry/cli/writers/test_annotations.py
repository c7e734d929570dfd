from __future__ import annotations

import pytest
from support.samples import many, marks

from registry.cli.writers.annotations import marked, write_annotations
from registry.evaluation import gate, report
from registry.evaluation.records import Policy
from registry.evaluation.report import Report


def failing(head: str, policy: Policy = Policy()) -> Report:
    of = many(len(head), policy=policy)
    return report.make([gate.absolute(of, marks(of, head=head))])


def test_the_suite_and_each_failing_case_stand_at_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    write_annotations(failing("101"), "registry/")
    first, second = capsys.readouterr().out.splitlines()
    where = "::error file=registry/prompts/support/triage.suite.yaml,line=1,col=1,title=FAIL::"
    assert first.startswith(f"{where}support/triage: case case-001 failed")
    assert second.startswith(f"{where}case case-001 fails (0/1): contains does not contain 'billing'")
    assert "%0AAnswer: head says fail" in second


def test_cases_that_fail_within_what_is_tolerated_are_warnings() -> None:
    found = marked(failing("1" * 39 + "0", Policy(min_pass_rate=0.8)))
    assert [(it.level, it.code) for it in found] == [("warning", "PASS")]


def test_there_are_never_more_than_forty() -> None:
    assert len(marked(failing("0" * 90))) == 40
    assert marked(failing("111")) == ()
