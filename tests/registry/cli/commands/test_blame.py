from __future__ import annotations

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"


def test_each_message_has_the_commit_that_touched_it_last(run, yard) -> None:
    yard.edit(TONE, "calm", "kind")
    commit = yard.commit("A kinder tone")
    rules, user, short = run("blame", "support/triage").stdout.splitlines()
    assert rules.split()[:2] == ["rules", commit[:9]]
    assert rules.endswith("A kinder tone  (2 commits; with prompts/partials/tone.md)")
    assert user.endswith("begin")
    assert short.startswith("rules (variant short)")


def test_every_line_stands_with_its_place(run, yard) -> None:
    lines = run("blame", "support/triage", "--lines").stdout.splitlines()
    assert any("tone.md:1" in line and line.endswith("Be calm.") for line in lines)
    assert any("triage.prompt.yaml:12" in line and line.endswith("You route tickets.") for line in lines)


def test_what_is_not_committed_says_so(run, yard) -> None:
    yard.edit(PROMPT, "You route", "You sort")
    assert "not committed" in run("blame", "support/triage").stdout.splitlines()[0]
    assert "not committed" not in run("blame", "support/triage", "--ref", "HEAD").stdout


def test_a_new_file_is_not_committed_as_a_whole(run, yard) -> None:
    yard.write("prompts/support/new.prompt.yaml", (yard.root / PROMPT).read_text())
    assert "not committed" in run("blame", "support/new").stdout.splitlines()[1]


def test_json_has_the_commit_of_every_line(told, yard) -> None:
    rules = told("blame", "support/triage")["messages"][0]
    assert rules["author"] == "Ada"
    assert {line["path"] for line in rules["lines"]} == {PROMPT, TONE}
    assert all(len(line["commit"]) == 40 for line in rules["lines"])


def test_a_file_that_cannot_be_read_is_told_with_its_place(error_of, yard) -> None:
    yard.write(PROMPT, "messages: [\n")
    assert f"YML001 {PROMPT}:" in error_of(1, ["blame", "support/triage"])


def test_a_prompt_that_is_not_there_is_a_usage_error(error_of, yard) -> None:
    assert "Did you mean support/triage?" in error_of(2, ["blame", "support/triagee"])
