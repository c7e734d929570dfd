from __future__ import annotations

PROMPT = "prompts/support/triage.prompt.yaml"


def test_a_prompt_is_listed_with_what_a_caller_needs(run, yard) -> None:
    line = run("list").stdout.splitlines()[1].split()
    assert line == ["support/triage", "support", "models/chat", "teams,", "ticket", "short"]


def test_json_says_all_that_a_caller_needs(told, yard) -> None:
    assert told("list") == [
        {
            "id": "support/triage",
            "description": "Routes one ticket.",
            "owner": "support",
            "model": "models/chat",
            "engine": "openai",
            "modelName": "gpt-test",
            "models": ["models/chat"],
            "inputs": ["teams", "ticket"],
            "variables": [
                {
                    "name": "teams",
                    "type": "array",
                    "required": True,
                    "trust": "operator",
                    "bounds": {"maxItems": 20},
                },
                {
                    "name": "ticket",
                    "type": "string",
                    "required": True,
                    "trust": "user",
                    "bounds": {"maxLength": 8000},
                },
            ],
            "variants": ["short"],
            "guardrails": [],
            "tools": [],
            "suites": 1,
        }
    ]


def test_owner_and_model_choose_and_may_have_stars(told, yard) -> None:
    text = (yard.root / PROMPT).read_text()
    yard.write(
        "prompts/bank/other.prompt.yaml",
        text.replace("owner: support", "owner: bank").replace("models/chat", "models/big"),
    )
    assert [row["id"] for row in told("list", "--owner", "bank")] == ["bank/other"]
    assert [row["id"] for row in told("list", "--owner", "*")] == ["bank/other", "support/triage"]
    assert [row["id"] for row in told("list", "--model", "models/c*")] == ["support/triage"]
    assert told("list", "--owner", "nobody") == []


def test_a_model_of_a_variant_counts(told, yard) -> None:
    yard.edit(PROMPT, "  short:\n", "  short:\n    model: models/big\n")
    assert [row["models"] for row in told("list", "--model", "models/big")] == [["models/chat", "models/big"]]


def test_a_placeholder_and_a_default_are_told_as_such(told, yard) -> None:
    yard.edit(PROMPT, "  - role: user\n", "  - history: earlier\n  - role: user\n")
    yard.edit(PROMPT, "trust: user}", "trust: user, default: none}")
    found = {variable["name"]: variable for variable in told("list")[0]["variables"]}
    assert found["earlier"]["type"] == "history"
    assert not found["ticket"]["required"]


def test_a_bare_repository_wants_a_revision(run, error_of, yard, tmp_path) -> None:
    yard.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    bare = str(tmp_path / "bare.git")
    assert "support/triage" in run("-C", bare, "list", "--ref", "main").stdout
    assert "GIT005" in error_of(2, ["-C", bare, "list"])


def test_two_places_at_once_are_refused(error_of, yard) -> None:
    assert "USE002" in error_of(2, ["list", "--ref", "HEAD", "--release", "1"])


def test_a_release_that_never_was_is_a_usage_error(error_of, yard) -> None:
    assert "REL002 no channel of the store ever held release 4" in error_of(2, ["list", "--release", "4"])


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
