from __future__ import annotations

PROMPT = "prompts/support/triage.prompt.yaml"


def test_nothing_changed_says_so(run, yard) -> None:
    result = run("diff")
    assert result.stdout == ""
    assert "no entries change" in result.stderr


def test_on_main_the_working_copy_is_compared_with_the_last_commit(run, yard) -> None:
    yard.edit(PROMPT, "You route tickets.", "You sort tickets.")
    lines = run("diff").stdout.splitlines()
    assert lines[0] == "~ prompt support/triage  (message rules)"
    assert "    You [-route-]{+sort+} tickets." in lines


def test_a_partial_is_named_as_the_reason(run, yard) -> None:
    yard.edit("prompts/partials/tone.md", "calm", "kind")
    text = run("diff").stdout
    assert "partial partials/tone.md" in text
    assert "Be [-calm-]{+kind+}." in text


def test_a_branch_is_compared_with_where_it_left_main(run, yard) -> None:
    yard.git("switch", "-qc", "branch")
    yard.edit("prompts/models/chat.model.yaml", "maxTokens: 50", "maxTokens: 60")
    yard.commit()
    text = run("diff").stdout
    assert "~ model models/chat  (parameters)" in text
    assert "~ prompt support/triage  (model models/chat" in text


def test_two_revisions_are_compared_with_each_other(told, yard) -> None:
    first = yard.git("rev-parse", "HEAD")
    yard.edit(PROMPT, "One of:", "Any of:")
    second = yard.commit()
    yard.edit(PROMPT, "Any of:", "Which of:")
    said = told("diff", first, second)
    assert (said["base"], said["head"]) == (first, second)
    (change,) = said["changes"]
    assert change["reasons"] == ["variant short"]
    (message,) = change["messages"]
    assert message["name"] == "rules (variant short)"
    assert {"side": "old", "text": "One"} in message["lines"][0]


def test_added_and_removed_prompts_are_told(run, yard) -> None:
    yard.write("prompts/support/other.prompt.yaml", (yard.root / PROMPT).read_text())
    (yard.root / PROMPT).unlink()
    assert run("diff").stdout.splitlines() == ["+ prompt support/other", "- prompt support/triage"]


def test_outside_git_it_is_a_usage_error(error_of, plain) -> None:
    assert "GIT001" in error_of(2, ["diff"])


def test_a_file_that_cannot_be_read_is_not_shown_as_removed_without_a_word(run, yard) -> None:
    yard.write(PROMPT, "messages: [\n")
    assert "one finding in files left out: promptyard lint" in run("diff").stderr
