"""Every lint on small trees of files: what it finds and where, and what it lets pass."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.content import TRIAGE, catalog, write

from registry.diagnostics import Diagnostic, in_order
from registry.validation.lint import lint
from registry.validation.overall import overall
from registry.validation.table import LINTS, OVERALL

TREES = Path(__file__).parent / "lints"
TODAY = date(2026, 11, 21)
CODES = [each.CODE for each in (*LINTS, *OVERALL)]


def found(tree: Path) -> tuple[Diagnostic, ...]:
    held = catalog(tree)
    return (*lint(held, today=TODAY), *overall(held, today=TODAY))


def places(tree: Path, code: str) -> list[str]:
    return [str(finding.place) for finding in found(tree) if finding.code == code]


@pytest.mark.parametrize("code", CODES)
def test_a_lint_finds_what_it_is_for_and_where(code):
    expected = (TREES / code / "expected.txt").read_text().split()
    assert places(TREES / code / "fail", code) == expected


@pytest.mark.parametrize("code", CODES)
def test_a_lint_lets_pass_what_is_right(code):
    assert places(TREES / code / "pass", code) == []


@pytest.mark.parametrize("code", CODES)
def test_every_finding_says_what_to_do(code):
    for finding in found(TREES / code / "fail"):
        assert finding.message.endswith((".", "…"))
        assert finding.hint


def test_a_registry_in_order_has_no_findings(tmp_path):
    assert lint(catalog(write(tmp_path)), today=TODAY) == ()


def test_findings_come_in_one_order(tmp_path):
    bad = TRIAGE.replace("owner: support\n", "").replace("models/chat", "models/nothing")
    held = catalog(
        write(tmp_path, **{"prompts/support/triage.prompt.yaml": bad, "prompts/a.prompt.yaml": "x: [\n"})
    )
    findings = lint(held, today=TODAY)
    assert findings == in_order(findings) == lint(held, today=TODAY)
    assert [finding.code for finding in findings] == ["YML001", "OWN001", "REF001"]


def test_a_schema_finding_takes_the_place_of_the_plainer_one(tmp_path):
    bad = TRIAGE.replace("description:", "descripton:")
    findings = lint(catalog(write(tmp_path, **{"prompts/support/triage.prompt.yaml": bad})))
    assert [finding.code for finding in findings] == ["SCH001"]
    assert findings[0].hint == "Did you mean description?"


def test_an_ill_formed_input_does_not_bring_a_lint_down(tmp_path):
    bad = TRIAGE.replace("maxLength: 8000", "maxLength: much").replace("maxItems: 20", "maxItems: 1.5")
    codes = {
        finding.code
        for finding in lint(catalog(write(tmp_path, **{"prompts/support/triage.prompt.yaml": bad})))
    }
    assert codes == {"SCH001"}


def test_nothing_counts_as_stale_without_a_day():
    assert not [finding for finding in lint(catalog(TREES / "KNW001" / "fail")) if finding.code == "KNW001"]


def test_the_settings_file_is_held_to_its_schema(tmp_path):
    root = write(tmp_path, **{"promptyard.yaml": "promptyard: 1\nstore: ftp://x\nchanels: {}\n"})
    found = [(str(finding.place), finding.hint) for finding in lint(catalog(root))]
    assert found[0][0] == "promptyard.yaml:2:1"
    assert found[1] == ("promptyard.yaml:3:1", "Did you mean channels?")


def test_a_partial_is_told_where_it_was_written(tmp_path):
    root = write(tmp_path, **{"prompts/partials/tone.md": "Be calm.\nSign as {{ agent }}.\n"})
    (finding,) = lint(catalog(root))
    assert (finding.code, str(finding.place)) == ("VAR001", "prompts/partials/tone.md:2:12")


def test_two_rules_of_one_id_are_told_at_the_second(tmp_path):
    path = "prompts/guardrails/links.guardrail.yaml"
    text = (TREES / "GRD001" / "pass" / path).read_text().replace("id: more", "id: links")
    (finding,) = lint(catalog(write(tmp_path, **{path: text})))
    assert (finding.code, str(finding.place)) == ("GRD003", f"{path}:12:5")


def test_a_secret_is_never_shown():
    for finding in lint(catalog(TREES / "SEC002" / "fail"), today=TODAY):
        assert "q7w2e9r4" not in f"{finding.message}{finding.hint}"
