from __future__ import annotations

import json

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


def test_explain_needs_no_registry(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    out = run("lint", "--explain", "ref001").stdout
    assert "REF001 Unknown reference" in out
    assert "models/chta" in out


def test_explain_tells_a_program_too(told) -> None:
    assert told("lint", "--explain", "YML001")["canBeExcused"] is False


def test_explain_of_an_unknown_code_says_what_was_meant(error_of) -> None:
    assert "no finding has the code REF01. Did you mean REF001?" in error_of(
        2, ["lint", "--explain", "REF01"]
    )


BROKEN = ("model: models/chat", "modle: models/chatt  # mine")
MENDED = ("model: models/chat", "model: models/chat  # mine")


def test_fix_mends_what_is_safe_and_says_what_is_left(run, yard) -> None:
    before = (yard.root / PROMPT).read_text()
    yard.edit(PROMPT, *BROKEN)
    yard.edit(PROMPT, "owner: support\n", "")
    result = run("lint", "--fix")
    assert (yard.root / PROMPT).read_text() == before.replace(*MENDED).replace("owner: support\n", "")
    assert f"fixed SCH001 {PROMPT}:3:1: Write model" in result.stderr
    assert f"fixed REF001 {PROMPT}:3:1: Write models/chat" in result.stderr
    assert "warning OWN001" in result.stdout
    assert "1 warning: " in result.stderr


def test_a_second_fix_finds_nothing_to_do(run, yard) -> None:
    yard.edit(PROMPT, *BROKEN)
    run("lint", "--fix")
    mended = (yard.root / PROMPT).read_text()
    assert "fixed" not in run("lint", "--fix").stderr
    assert (yard.root / PROMPT).read_text() == mended


def test_a_dry_run_shows_the_difference_and_changes_nothing(run, yard) -> None:
    yard.edit(PROMPT, *BROKEN)
    before = (yard.root / PROMPT).read_text()
    result = run("lint", "--fix", "--dry-run", code=1)
    assert "-modle: models/chatt  # mine" in result.stdout
    assert "+model: models/chat  # mine" in result.stdout
    assert "2 findings would be mended in 1 file; 0 left" in result.stderr
    assert (yard.root / PROMPT).read_text() == before


def test_a_dry_run_with_nothing_to_mend_is_clean(run, yard) -> None:
    assert "nothing to mend; 0 left" in run("lint", "--fix", "--dry-run").stderr


def test_a_dry_run_alone_is_refused(error_of, yard) -> None:
    assert "--dry-run goes with --fix" in error_of(2, ["lint", "--dry-run"])


def test_fixes_are_told_to_a_program(told, yard) -> None:
    yard.edit(PROMPT, *BROKEN)
    assert [each["fix"]["title"] for each in told("lint", "--fix", "--dry-run", code=1)["fixes"]] == [
        "Write model",
        "Write models/chat",
    ]
    assert [each["code"] for each in told("lint", "--fix")["fixed"]] == ["SCH001", "REF001"]


def test_a_file_that_cannot_be_read_is_mended_where_it_is_plain_how(run, yard) -> None:
    before = (yard.root / PROMPT).read_text()
    yard.edit(PROMPT, "      You route tickets.\n", "      You route tickets.\n    Be brief.\n")
    assert "error TXT004" in run("lint", code=1).stdout
    run("lint", "--fix")
    assert (yard.root / PROMPT).read_text() == before.replace(
        "      You route tickets.\n", "      You route tickets.\n      Be brief.\n"
    )


EXCUSE = """\
promptyard: 1
lint:
  exceptions:
    - {code: OWN001, path: "support/*", until: %s, reason: The team is being formed.}
"""


def test_an_excused_finding_is_counted_and_kept(run, told, yard) -> None:
    yard.edit(PROMPT, "owner: support\n", "")
    yard.write("promptyard.yaml", EXCUSE % "2999-12-31")
    result = run("lint")
    assert "OWN001" not in result.stdout
    assert "clean, 1 excused: " in result.stderr
    (excused,) = told("lint")["excused"]
    assert (excused["code"], excused["reason"]) == ("OWN001", "The team is being formed.")


def test_an_exception_past_its_day_is_a_finding_in_the_settings(run, yard) -> None:
    yard.edit(PROMPT, "owner: support\n", "")
    yard.write("promptyard.yaml", EXCUSE % "2020-01-31")
    out = run("lint").stdout
    assert "warning OWN001" in out
    assert "promptyard.yaml:4:7: warning EXC001" in out


def test_an_exception_without_a_reason_stops_everything(error_of, yard) -> None:
    yard.write("promptyard.yaml", EXCUSE.replace("The team is being formed.", '""') % "2999-12-31")
    assert "CFG001 promptyard.yaml:4:7" in error_of(2, ["lint"])


def test_sarif_names_files_from_the_top_and_tells_what_is_excused(run, yard) -> None:
    yard.edit(PROMPT, "owner: support\n", "")
    yard.write("promptyard.yaml", EXCUSE % "2999-12-31")
    log = json.loads(run("lint", "--format", "sarif").stdout)
    (result,) = log["runs"][0]["results"]
    assert result["suppressions"][0]["kind"] == "external"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == PROMPT


def test_line_ends_of_windows_stay_with_every_fix(run, yard) -> None:
    text = (yard.root / PROMPT).read_text().replace("description: Routes", "description: Note: Routes")
    text = text.replace("      You route tickets.\n", "      You route tickets.\n    Be brief.\n")
    (yard.root / PROMPT).write_bytes(text.replace("\n", "\r\n").encode())
    run("lint", "--fix")
    mended = (yard.root / PROMPT).read_bytes()
    assert b'description: "Note: Routes one ticket."\r\n' in mended
    assert b"      Be brief.\r\n" in mended
    assert mended.count(b"\n") == mended.count(b"\r\n")


def test_only_what_is_found_in_the_named_files_is_told_and_counted(run, told, yard) -> None:
    yard.edit(PROMPT, "owner: support\n", "")
    yard.edit("prompts/support/triage.suite.yaml", "contains: I lost my card.", "contans: I lost my card.")
    result = run("lint", PROMPT)
    assert "OWN001" in result.stdout
    assert "triage.suite.yaml" not in result.stdout
    assert "1 warning: 1 file checked" in result.stderr
    assert told("lint", "support/triage", code=1)["files"] == 2
    run("lint", "prompts/support", code=1)


def test_a_named_file_alone_is_mended(run, yard) -> None:
    yard.edit(PROMPT, *BROKEN)
    yard.edit("prompts/support/triage.suite.yaml", "prompt: support", "promt: support")
    run("lint", "--fix", "prompts/support/triage.suite.yaml")
    assert BROKEN[1] in (yard.root / PROMPT).read_text()
    assert "prompt: support" in (yard.root / "prompts/support/triage.suite.yaml").read_text()


def test_a_name_that_is_no_file_is_not_called_clean(error_of, yard) -> None:
    assert "USE003 no file of the registry is called prompts/suport" in error_of(
        2, ["lint", "prompts/suport"]
    )
