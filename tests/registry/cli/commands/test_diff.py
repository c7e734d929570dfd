from __future__ import annotations

from registry.authoring import catalog as catalogs

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
    assert "~ model models/chat  (parameters.maxTokens 50 → 60)" in text
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
    assert message["cases"] == []
    assert {"side": "old", "text": "One"} in message["lines"][0]


def test_a_prompt_that_moved_is_one_rename(run, yard) -> None:
    yard.write("prompts/support/other.prompt.yaml", (yard.root / PROMPT).read_text())
    (yard.root / PROMPT).unlink()
    assert run("diff").stdout.splitlines() == ["R prompt support/triage → support/other"]


def test_added_and_removed_prompts_are_told(run, yard) -> None:
    other = "promptyard: 1\nmodel: models/chat\nmessages:\n  - {role: user, content: Something else.}\n"
    yard.write("prompts/support/other.prompt.yaml", other)
    (yard.root / PROMPT).unlink()
    assert run("diff").stdout.splitlines() == ["+ prompt support/other", "- prompt support/triage"]


def test_outside_git_it_is_a_usage_error(error_of, plain) -> None:
    assert "GIT001" in error_of(2, ["diff"])


def test_a_file_that_cannot_be_read_is_not_shown_as_removed_without_a_word(run, yard) -> None:
    yard.write(PROMPT, "messages: [\n")
    result = run("diff")
    assert result.stdout == ""
    assert f"one finding in files left out: promptyard lint ({PROMPT}" in result.stderr


def test_the_cases_of_the_suite_are_read_on_both_sides(run, yard) -> None:
    yard.edit(PROMPT, "You route tickets.", "You sort tickets.")
    assert "    rules, in 2 of 2 cases: lost, rate" in run("diff").stdout.splitlines()


def test_a_dearer_model_jumps_to_the_eye(run, told, yard) -> None:
    chat = "prompts/models/chat.model.yaml"
    prices = "prices: {currency: USD, perMillion: {input: 1, output: 4}, source: list, effectiveFrom: 2026-01-01}\n"
    yard.write(chat, (yard.root / chat).read_text() + prices)
    yard.commit()
    yard.edit(chat, "output: 4", "output: 9")
    assert "▲ a quarter more or above" in run("diff").stdout
    assert told("diff")["changes"][0]["jumps"]


def test_the_comment_goes_to_a_file_or_alone_to_standard_output(run, yard, tmp_path) -> None:
    yard.edit(PROMPT, "You route tickets.", "You sort tickets.")
    place = tmp_path / "comment.md"
    result = run("diff", "--markdown", str(place))
    assert result.stdout.startswith("~ prompt support/triage")
    assert place.read_text(encoding="utf-8") == run("diff", "--markdown", "-").stdout
    assert place.read_text(encoding="utf-8").startswith(
        "<!-- promptyard:diff -->\n## Promptyard: one prompt changes"
    )


def test_two_ends_may_be_written_in_one_word_as_git_does(told, yard) -> None:
    base = yard.git("rev-parse", "HEAD")
    yard.git("switch", "-qc", "branch")
    yard.edit("prompts/partials/tone.md", "calm", "kind")
    mine = yard.commit()
    yard.git("switch", "-q", "main")
    yard.edit(PROMPT, "You route", "You sort")
    theirs = yard.commit()
    said = told("diff", "main...branch")
    assert (said["base"], said["head"], said["changes"][0]["reasons"]) == (
        base,
        mine,
        ["partial partials/tone.md"],
    )
    said = told("diff", "branch..")
    assert (said["base"], said["head"]) == (mine, theirs)


def test_a_registry_in_a_subfolder_is_compared_as_one_at_the_top(run, yard) -> None:
    yard.git("mv", "prompts", "promptyard.yaml", "-k", ".")
    (yard.root / "reg").mkdir()
    yard.git("mv", "prompts", "promptyard.yaml", "reg/")
    yard.commit("moved")
    yard.edit("reg/prompts/partials/tone.md", "calm", "kind")
    assert "partial partials/tone.md" in run("-C", str(yard.root / "reg"), "diff").stdout


def test_an_ignored_draft_is_seen_as_it_is_when_rendered(run, yard) -> None:
    yard.write(".gitignore", ".promptyard/\ndrafts/\n")
    yard.commit()
    yard.write("prompts/drafts/new.prompt.yaml", (yard.root / PROMPT).read_text())
    assert run("diff").stdout.splitlines()[0] == "+ prompt drafts/new"


def test_line_ends_of_windows_are_no_change(run, yard) -> None:
    place = yard.root / PROMPT
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))
    assert run("diff").stdout == ""


def test_a_bare_repository_has_two_revisions_to_compare(run, error_of, yard, tmp_path) -> None:
    yard.edit(PROMPT, "You route", "You sort")
    yard.commit()
    yard.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    bare = str(tmp_path / "bare.git")
    assert run("-C", bare, "diff", "main~1", "main").stdout.startswith("~ prompt support/triage")
    assert "GIT005" in error_of(2, ["-C", bare, "diff", "main~1"])


def test_a_base_that_a_shallow_clone_lacks_is_refused(error_of, yard, tmp_path) -> None:
    yard.write("README.md", "x")
    yard.commit()
    yard.git("clone", "-q", "--depth=1", f"file://{yard.root}", str(tmp_path / "shallow"))
    assert "git fetch --unshallow" in error_of(2, ["-C", str(tmp_path / "shallow"), "diff", "main~1"])


def test_one_edit_among_many_prompts_reads_few_files(run, yard, monkeypatch) -> None:
    text = (yard.root / PROMPT).read_text()
    for number in range(200):
        yard.write(
            f"prompts/many/p{number}.prompt.yaml", text.replace("partials/tone.md", f"partials/t{number}.md")
        )
        yard.write(f"prompts/partials/t{number}.md", "Be calm.\n")
    yard.commit()
    yard.write("prompts/partials/t7.md", "Be kind.\n")
    parsed: list[str] = []
    real = catalogs.read_yaml
    monkeypatch.setattr(catalogs, "read_yaml", lambda path, data: parsed.append(path) or real(path, data))
    assert run("diff").stdout.startswith("~ prompt many/p7  (partial partials/t7.md)")
    assert sorted(parsed) == ["prompts/many/p7.prompt.yaml", "prompts/models/chat.model.yaml"]
