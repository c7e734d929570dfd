from __future__ import annotations

PROMPT = "prompts/support/triage.prompt.yaml"


def test_a_clean_registry_is_clean(run, yard) -> None:
    result = run("lint")
    assert "error" not in result.stdout
    assert "files checked" in result.stderr


def test_a_broken_file_is_named_with_line_and_column(run, yard) -> None:
    yard.edit(PROMPT, "owner: support\n", "owner: support\n  model: [\n")
    result = run("lint", code=1)
    assert f"{PROMPT}:4:8: error YML001" in result.stdout
    assert "error" in result.stderr


def test_an_unknown_reference_is_a_finding_with_its_place(run, yard) -> None:
    yard.edit(PROMPT, "models/chat", "models/chats")
    result = run("lint", code=1)
    assert f"{PROMPT}:4:1: error REF001" in result.stdout
    assert "models/chat" in result.stdout


def test_a_bad_suite_is_a_finding_too(run, yard) -> None:
    yard.edit("prompts/support/triage.suite.yaml", "contains: I lost my card.", "contans: I lost my card.")
    assert "prompts/support/triage.suite.yaml:7:" in run("lint", code=1).stdout


def test_json_tells_all_of_it(told, yard) -> None:
    yard.edit(PROMPT, "models/chat", "models/chats")
    said = told("lint", code=1)
    assert said["clean"] is False
    assert {"REF001", PROMPT} <= {finding["code"] for finding in said["findings"]} | {
        finding["path"] for finding in said["findings"]
    }


def test_github_annotations_name_files_from_the_top_of_the_repository(run, yard, monkeypatch) -> None:
    (yard.root / "bank").mkdir()
    for name in ("prompts", "promptyard.yaml"):
        (yard.root / name).rename(yard.root / "bank" / name)
    yard.edit(f"bank/{PROMPT}", "models/chat", "models/chats")
    monkeypatch.chdir(yard.root / "bank")
    assert (
        f"::error file=bank/{PROMPT},line=4,col=1,title=REF001::"
        in run("lint", "--format", "github", code=1).stdout
    )


def test_warnings_stand_in_the_way_only_where_the_policy_says_so(run, yard) -> None:
    yard.edit(PROMPT, "owner: support\n", "")
    assert "warning OWN001" in run("lint").stdout
    yard.write("promptyard.yaml", "promptyard: 1\npolicy: {warningsAsErrors: true}\n")
    run("lint", code=1)


def test_settings_that_cannot_be_used_stop_it_with_their_place(error_of, yard) -> None:
    yard.write("promptyard.yaml", "promptyard: 1\nstores: file:x\n")
    line = error_of(2, ["lint"])
    assert "CFG001 promptyard.yaml:2:1" in line


def test_a_folder_that_is_no_registry_is_not_called_clean(error_of, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "CFG004 there is no promptyard.yaml" in error_of(2, ["lint"])
