from __future__ import annotations

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"


def test_each_commit_says_who_when_and_why(run, yard) -> None:
    yard.edit(TONE, "calm", "kind")
    commit = yard.commit("A kinder tone")
    lines = run("log", "support/triage").stdout.splitlines()
    assert lines[0].startswith(f"{commit[:9]}  20")
    assert lines[0].endswith("  Ada  A kinder tone")
    assert lines[1].strip() == "partial partials/tone.md"
    assert [line.strip() for line in lines[2:]][1] == "added"


def test_json_names_everything_and_whether_there_is_more(told, yard) -> None:
    yard.edit(TONE, "calm", "kind")
    commit = yard.commit("A kinder tone")
    said = told("log", "support/triage", "-n", "1")
    (row,) = said["commits"]
    assert (row["commit"], row["author"], row["mail"], row["subject"]) == (
        commit,
        "Ada",
        "ada@example.invalid",
        "A kinder tone",
    )
    assert (row["what"], row["reasons"], row["release"]) == ("changed", ["partial partials/tone.md"], None)
    assert said["more"]


def test_a_rename_is_followed_and_told(run, yard) -> None:
    yard.git("mv", PROMPT, "prompts/support/sort.prompt.yaml")
    yard.git("mv", PROMPT.replace("prompt.yaml", "suite.yaml"), "prompts/support/sort.suite.yaml")
    yard.commit("sorted")
    lines = run("log", "support/sort").stdout.splitlines()
    assert lines[1].strip() == "renamed support/triage → support/sort"
    assert lines[2].endswith("begin")


def test_what_was_left_out_is_told(run, yard) -> None:
    yard.edit(TONE, "calm", "kind")
    yard.commit()
    assert "-n 5 shows more" in run("log", "support/triage", "-n", "1").stderr


def test_a_slip_of_the_pen_is_met_with_the_name_that_was_meant(error_of, yard) -> None:
    assert "PRM001 there is no prompt support/triag at HEAD. Did you mean support/triage?" in error_of(
        2, ["log", "support/triag"]
    )


def test_an_unknown_revision_and_no_git_are_usage_errors(error_of, yard, plain) -> None:
    assert "GIT002" in error_of(2, ["log", "support/triage", "--ref", "nowhere"])


def test_outside_git_there_is_no_history(error_of, plain) -> None:
    assert "GIT001" in error_of(2, ["log", "support/triage"])


def test_a_store_that_cannot_be_read_leaves_out_releases_with_a_word(run, yard) -> None:
    yard.write("promptyard.yaml", "promptyard: 1\nstore: ftp://nowhere\n")
    yard.write("trust/staging.root.json", "{}")
    result = run("log", "support/triage")
    assert "begin" in result.stdout
    assert "releases are left out: STO005" in result.stderr
