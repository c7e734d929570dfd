from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.samples import ARMS, case, many, marks, sample, suite

from registry.cli.writers import junit
from registry.evaluation import gate, report
from registry.evaluation.records import Policy
from registry.evaluation.verdict import Verdict


def written(*verdicts: Verdict) -> ET.Element:
    return ET.fromstring("".join(junit.verdicts(report.make(verdicts))).encode())


def test_every_case_is_a_test_under_its_own_id_and_the_gate_is_one_more() -> None:
    root = written(gate.absolute(many(3), marks(many(3), head="111")))
    tests = root.findall("testsuite/testcase")
    assert [test.get("name") for test in tests] == ["case-000", "case-001", "case-002", "(gate)"]
    assert {test.get("classname") for test in tests} == {"support/triage"}
    assert (tests[0].get("file"), tests[0].get("line"), tests[0].get("time")) == (
        "prompts/support/triage.suite.yaml",
        "1",
        "0.250",
    )
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("time")) == (
        "4",
        "0",
        "0",
        "0.750",
    )


def test_failures_are_red_where_the_gate_is() -> None:
    root = written(gate.absolute(many(3), marks(many(3), head="101")))
    assert [test.get("name") for test in root.iter("testcase") if test.find("failure") is not None] == [
        "case-001",
        "(gate)",
    ]
    assert (root.get("failures"), root.get("skipped")) == ("2", "0")


def test_failures_that_the_gate_tolerates_are_skipped_with_their_reason() -> None:
    of = many(30, policy=Policy(min_pass_rate=0.5))
    root = written(gate.absolute(of, marks(of, head="0" + "1" * 29)))
    skipped = root.findall(".//skipped")
    assert (root.get("failures"), len(skipped)) == ("0", 1)
    assert "does not contain 'billing'" in (skipped[0].get("message") or "")


def test_without_a_verdict_the_gate_is_an_error_and_so_are_its_cases() -> None:
    root = written(gate.absolute(many(2), marks(many(2), head="1e")))
    assert [test.get("name") for test in root.iter("testcase") if test.find("error") is not None] == [
        "case-001",
        "(gate)",
    ]


def test_removed_cases_are_no_tests() -> None:
    of = many(2)
    verdict = gate.decide(of, many(3), marks(of, base="11", head="11"), comparability=ARMS)
    assert len(written(verdict).findall(".//testcase")) == 3


@given(st.text(max_size=60))
def test_the_file_is_well_formed_whatever_a_model_says(answer: str) -> None:
    of = suite(case("one"))
    root = written(gate.absolute(of, [sample(of, of.cases[0], "head", 0, "fail", answer=answer)]))
    assert root.find(".//failure") is not None


def test_what_xml_cannot_hold_shows_as_its_escape() -> None:
    of = suite(case("one"))
    root = written(gate.absolute(of, [sample(of, of.cases[0], "head", 0, "fail", answer="a\x1bb\ud800c")]))
    assert root.findtext(".//failure") == "a\\u001bb\\ud800c"


def test_metrics_are_properties_of_the_suite_and_the_tests_keep_their_ids() -> None:
    of = many(2, policy=Policy(min_metrics={"tone": 0.5}))
    found = [
        replace(it, checks=(replace(it.checks[0], metric="tone"),)) for it in marks(of, base="11", head="10")
    ]
    plain = written(gate.decide(of, of, marks(of, base="11", head="10"), comparability=ARMS))
    root = written(gate.decide(of, of, found, comparability=ARMS))
    assert {it.get("name"): it.get("value") for it in root.iter("property")} == {
        "metric.tone": "0.5",
        "metric.tone.base": "1",
        "metric.tone.delta": "-0.5",
        "metric.tone.floor": "0.5",
    }
    ids = [(test.get("classname"), test.get("name")) for test in root.iter("testcase")]
    assert ids == [(test.get("classname"), test.get("name")) for test in plain.iter("testcase")]
    assert not list(plain.iter("properties"))
