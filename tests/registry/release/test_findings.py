from __future__ import annotations

from pathlib import Path

from support.content import SUITE, TRIAGE, catalog, write

from registry.release.findings import findings_of


def test_findings_of_lint_and_of_suites_stand_in_one_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{
            "prompts/support/triage.prompt.yaml": TRIAGE.replace("models/chat", "models/none"),
            "prompts/support/triage.suite.yaml": SUITE.replace("{contains: I", "{contans: I"),
        },
    )
    errors = [finding for finding in findings_of(catalog(tmp_path)) if finding.level == "error"]
    assert [finding.place.path.rsplit(".", 2)[1] for finding in errors] == sorted(
        finding.place.path.rsplit(".", 2)[1] for finding in errors
    )
    assert {finding.place.path for finding in errors} == {
        "prompts/support/triage.prompt.yaml",
        "prompts/support/triage.suite.yaml",
    }


def test_a_clean_catalog_has_no_errors(tmp_path: Path) -> None:
    assert [f for f in findings_of(catalog(write(tmp_path))) if f.level == "error"] == []


def test_one_mistake_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, **{"prompts/support/triage.suite.yaml": SUITE.replace("support/triage", "support/none")})
    suite = [f for f in findings_of(catalog(tmp_path)) if f.level == "error"]
    assert [finding.code for finding in suite] == ["REF001"]
