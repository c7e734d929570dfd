from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import ARMS, HERE, case, many, marks, sample, suite

from registry.evaluation import gate, report
from registry.evaluation.records import Policy
from registry.evaluation.report import Report
from serve.core.codec import from_json, to_json


def regressed() -> Report:
    of = suite(case("must", required=True), *many(59).cases)
    found = marks(of, base="1" * 60, head="0" * 8 + "1" * 52)
    verdict = gate.decide(of, of, found, comparability=ARMS, deterministic=True)
    return report.make(gate.settle([verdict]), head="9f8e7d6", base="a1b2c3d")


def test_a_regression_reads_from_size_to_verdict() -> None:
    made = regressed()
    assert report.title(made, made.verdicts[0]) == (
        "support/triage  base a1b2c3d -> head 9f8e7d6  60 cases, 60 groups, K=1, ctranslate2 cpu-f32 on cpu"
    )
    told = [f"{line.label}: {line.text}" for line in report.lines(made.verdicts[0])]
    assert told == [
        "pass rate: base 100.0% [94.0, 100.0]   head 86.7% [75.8, 93.1]   delta -13.3 pp, 95% CI [-22.2, -4.5]",
        "required: 0/1 pass, failed: must; errors 0/120 answers",
        "flips: 8 lost, 0 gained",
        "suite test: paired sign-flip p=0.00391 (alpha .025); could have detected >= 12.9 pp (80% power)",
        "tokens: 110.0 -> 110.0 per answer (+0.0%)",
        "note: flips were not asked again",
        "VERDICT: REGRESSION: required case must failed; suite test p=0.0039 (alpha 0.025)",
    ]
    assert made.exit_code == 1


def test_the_cases_to_look_at_come_with_the_required_one_first() -> None:
    rows = report.rows(regressed().verdicts[0])
    assert [row.case for row in rows][:2] == ["must", "case-000"]
    assert {row.mark for row in rows} == {"lost"}
    assert (rows[0].counts, rows[0].reason, rows[0].required) == (
        "1/1 -> 0/1",
        "contains does not contain 'billing'",
        True,
    )
    assert (rows[0].base_answer, rows[0].answer) == ("base says pass", "head says fail")


def test_cases_that_fail_on_both_sides_or_got_better_are_told_apart() -> None:
    of = many(4, policy=Policy(error_budget=1))
    verdict = gate.decide(of, of, marks(of, base="010e", head="1001"), comparability=ARMS, deterministic=True)
    assert {row.case: row.mark for row in report.rows(verdict)} == {
        "case-000": "gained",
        "case-001": "lost",
        "case-002": "broken",
        "case-003": "error",
    }


def test_head_alone_says_what_its_cases_prove() -> None:
    of = many(60, policy=Policy(min_pass_rate=0.9))
    verdict = gate.absolute(of, marks(of, head="1" * 60), comparability=HERE)
    told = [f"{line.label}: {line.text}" for line in report.lines(verdict)]
    assert told[0] == "pass rate: 100.0% [94.0, 100.0], proves at least 95.1%"
    assert told[-1] == "VERDICT: PASS: every case passes"
    assert report.title(report.make([verdict]), verdict).startswith("support/triage  working copy  60 cases")


def test_an_inconclusive_verdict_is_doubt_and_bad_news_only_where_it_blocks() -> None:
    for policy, tone in ((Policy(), "doubt"), (Policy(on_inconclusive="block"), "bad")):
        of = many(12, policy=policy)
        verdict = gate.decide(of, of, marks(of, base="1" * 12, head="1" * 12), comparability=ARMS)
        assert report.tone(verdict) == tone


def test_a_report_survives_json() -> None:
    made = regressed()
    assert from_json(Report, json.loads(json.dumps(to_json(made), allow_nan=False))) == made


@given(st.text(max_size=400), st.integers(10, 200))
def test_nothing_that_a_model_says_can_break_a_line(text: str, limit: int) -> None:
    safe = report.one_line(text, limit)
    assert len(safe) <= limit
    assert safe.isprintable()


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\u202eb", "a\rb\nc", "\ud800"])
def test_control_characters_become_visible(text: str) -> None:
    assert report.one_line(text).isprintable()


def test_answers_with_escapes_are_tamed_in_rows() -> None:
    of = many(2)
    found = [sample(of, one, "head", 0, "fail", answer="\x1b[31mred\u202e") for one in of.cases]
    rows = report.rows(gate.absolute(of, found))
    assert rows[0].answer == "\\x1b[31mred\\u202e"


def test_renderings_are_told_without_statistics() -> None:
    of = replace(many(4), mode="render")
    verdict = gate.decide(of, of, marks(of, base="1111", head="1110"), comparability=ARMS, deterministic=True)
    told = [f"{line.label}: {line.text}" for line in report.lines(verdict)]
    assert told[0] == "pass rate: base 100.0%   head 75.0%"
    assert not [line for line in told if line.startswith("suite test")]
    assert told[-1] == "VERDICT: REGRESSION: case case-003 lost, and a rendering has no noise"
