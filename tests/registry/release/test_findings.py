from __future__ import annotations

from pathlib import Path

from support.content import MODEL, SUITE, TRIAGE, catalog, write

from registry.release.findings import findings_of, found_in


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


def codes(root: Path) -> list[str]:
    return [finding.code for finding in findings_of(catalog(root))]


def test_text_that_left_its_block_is_told_in_place_of_what_yaml_says(tmp_path: Path) -> None:
    text = TRIAGE.replace("      You route tickets.\n", "      You route tickets.\n    Be brief.\n")
    assert codes(write(tmp_path, **{"prompts/support/triage.prompt.yaml": text})) == ["TXT004"]


def test_prose_that_became_a_key_is_told_in_place_of_what_the_schema_says(tmp_path: Path) -> None:
    text = TRIAGE.replace("      {{ ticket }}\n", "      {{ ticket }}\n    Note: be brief.\n")
    assert codes(write(tmp_path, **{"prompts/support/triage.prompt.yaml": text})) == ["TXT004"]


def test_a_suite_does_not_miss_a_prompt_that_cannot_be_read(tmp_path: Path) -> None:
    text = TRIAGE.replace("description: Routes", "description: [Routes")
    assert codes(write(tmp_path, **{"prompts/support/triage.prompt.yaml": text})) == ["YML001"]


def test_what_nothing_uses_is_looked_for_in_the_whole_alone(tmp_path: Path) -> None:
    held = catalog(write(tmp_path, **{"prompts/models/idle.model.yaml": MODEL}))
    assert [finding.code for finding in findings_of(held)] == ["REF002"]
    assert found_in(held) == ()
