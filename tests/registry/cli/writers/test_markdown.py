from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.samples import ARMS, case, many, marks, sample, suite

from registry.cli.writers import markdown
from registry.evaluation import gate, report
from registry.evaluation.report import Report


def regressed(answer: str = "cards") -> Report:
    of = suite(case("must", required=True), *many(11).cases)
    found = [
        *marks(of, base="1" * 12, head="1" * 12),
        sample(of, of.cases[0], "head", 0, "fail", answer=answer),
    ]
    verdict = gate.decide(of, of, found, comparability=ARMS, deterministic=True)
    return report.make([verdict], head="9f8e7d6", base="main")


def test_the_comment_begins_with_its_marker_and_the_overview() -> None:
    lines = markdown.verdicts(regressed()).splitlines()
    assert lines[0] == "<!-- promptyard:test -->"
    assert lines[5] == ("| `support/triage` | ❌ **REGRESSION** | `required case must failed` |")


def test_blocking_details_are_open_and_name_the_case() -> None:
    text = markdown.verdicts(regressed())
    assert "<details open><summary>support/triage  base main -&gt; head 9f8e7d6" in text
    assert "| `must` (required) | lost | 1/1 -> 0/1 |" in text
    assert "Reproduce: `promptyard test`" in text


def test_a_good_run_is_folded_away() -> None:
    verdict = gate.absolute(many(3), marks(many(3), head="111"))
    text = markdown.verdicts(report.make([verdict]))
    assert "<details><summary>" in text
    assert "Reproduce" not in text


def test_an_answer_cannot_break_out_of_its_cell() -> None:
    text = markdown.verdicts(regressed("`` | <img src=x> @team\n## heading"))
    row = next(line for line in text.splitlines() if line.startswith("| `must`"))
    assert row.endswith("| ``` `` \\| <img src=x> @team ## heading ``` |")
    assert "\n## heading" not in text


@given(st.text(max_size=80))
def test_code_spans_are_fenced_longer_than_what_they_hold(text: str) -> None:
    safe = report.one_line(text)
    span = markdown.code(safe)
    if safe:
        fence = (
            span[: len(span) - len(span.lstrip("`"))] if not safe.startswith("`") else span.split(" ", 1)[0]
        )
        assert fence not in safe
        assert span.endswith(fence)


def test_a_comment_never_outgrows_what_github_takes() -> None:
    of = many(3000)
    verdict = gate.absolute(of, [sample(of, one, "head", 0, "fail", answer="x" * 400) for one in of.cases])
    text = markdown.verdicts(report.make([verdict] * 10))
    assert len(text) <= 60_001
    assert text.startswith(markdown.MARKER)


def test_a_comment_that_would_be_too_long_is_cut_between_rows_and_leaves_no_span_open() -> None:
    verdict = gate.absolute(many(3), marks(many(3), head="111"))
    long = [replace(verdict, suite=f"{n:04}/{'x' * 90}", reasons=("@team " * 20,)) for n in range(400)]
    text = markdown.verdicts(report.make(long))
    assert 50_000 < len(text) <= 60_000
    assert "Details are in the run's record." in text
    assert all(line.endswith(" |") for line in text.splitlines() if line.startswith("| `"))


def test_what_a_record_names_stays_in_its_cell() -> None:
    found = regressed()
    odd = "\x1b[31m\n\n# heading | @team"
    verdict = replace(found.verdicts[0], suite=f"s{odd}", reasons=(f"r{odd}",))
    text = markdown.verdicts(
        replace(found, verdicts=(verdict,), removed=(f"gone{odd}",), reproduce=f"test{odd}")
    )
    assert "\x1b" not in text
    assert "\n# heading" not in text
    assert text.count(r"\x1b[31m\n\n# heading \| ") == 4
