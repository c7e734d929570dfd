from __future__ import annotations


def test_a_prompt_is_listed_with_what_a_caller_needs(run, yard) -> None:
    line = run("list").stdout.splitlines()[1].split()
    assert line == ["support/triage", "support", "models/chat", "teams,", "ticket", "short"]


def test_json_has_the_same(told, yard) -> None:
    assert told("list") == [
        {
            "id": "support/triage",
            "description": "Routes one ticket.",
            "owner": "support",
            "model": "models/chat",
            "inputs": ["teams", "ticket"],
            "variants": ["short"],
        }
    ]


def test_a_revision_is_listed_as_it_was(run, yard) -> None:
    (yard.root / "prompts/support/triage.prompt.yaml").unlink()
    assert "support/triage" not in run("list").stdout
    assert "support/triage" in run("list", "--ref", "HEAD").stdout


def test_a_file_that_cannot_be_read_is_not_passed_over_in_silence(run, yard) -> None:
    yard.write("prompts/support/other.prompt.yaml", "messages: [\n")
    assert "promptyard lint" in run("list").stderr


def test_outside_git_a_revision_is_a_usage_error(error_of, plain) -> None:
    assert "GIT001" in error_of(2, ["list", "--ref", "HEAD"])


def test_an_unknown_revision_is_a_usage_error(error_of, yard) -> None:
    assert "GIT002 Git knows no revision nowhere" in error_of(2, ["list", "--ref", "nowhere"])


def test_an_id_stays_whole_on_a_narrow_terminal(run, yard, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert "support/triage " in run("list").stdout
