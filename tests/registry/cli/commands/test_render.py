from __future__ import annotations

import json

import pytest

RENDER = ("render", "support/triage")
GIVEN = ("-i", 'teams=["cards", "loans"]', "-i", "ticket=I lost it.")


def test_the_messages_are_shown_exactly(run, yard) -> None:
    assert run(*RENDER, *GIVEN).stdout.splitlines()[1:] == [
        "── system",
        "You route tickets.",
        "Be calm.",
        "- cards",
        "- loans",
        "",
        "── user",
        "I lost it.",
    ]


def test_a_case_of_the_suite_gives_the_inputs_and_words_win_over_it(run, yard) -> None:
    text = run(*RENDER, "--case", "lost", "-i", "ticket=Another one.").stdout
    assert "- loans" in text
    assert "Another one." in text
    assert "I lost my card." not in text


@pytest.mark.parametrize(
    ("name", "text"),
    [("in.json", '{"ticket": "Hi", "teams": ["x"]}'), ("in.yaml", "{ticket: Hi, teams: [x]}")],
)
def test_inputs_come_from_a_file_in_either_form(run, yard, name: str, text: str) -> None:
    yard.write(name, text)
    assert "- x" in run(*RENDER, "--inputs", name).stdout


def test_a_text_input_can_be_a_file(run, yard) -> None:
    yard.write("mail.txt", "From a file.\n")
    assert "From a file.\n" in run(*RENDER, *GIVEN, "-i", "ticket=@mail.txt").stdout


def test_text_that_looks_like_json_stays_text(run, yard) -> None:
    assert "\n42\n" in run(*RENDER, *GIVEN, "-i", "ticket=42").stdout


def test_markup_in_an_input_is_shown_as_it_is(run, yard) -> None:
    assert "[bold]x[/bold] :smile:" in run(*RENDER, *GIVEN, "-i", "ticket=[bold]x[/bold] :smile:").stdout


def test_every_character_is_shown_as_it_is(run, yard) -> None:
    odd = "a\tb\rc\x07 " + "long " * 100
    assert f"{odd}\n" in run(*RENDER, *GIVEN, "-i", f"ticket={odd}").stdout_bytes.decode()


def test_a_variant_is_shown_with_its_name(run, yard) -> None:
    text = run(*RENDER, *GIVEN, "--variant", "short").stdout
    assert "variant short" in text
    assert "One of: cards, loans." in text


def test_an_older_revision_renders_as_it_was(run, yard) -> None:
    yard.edit("prompts/partials/tone.md", "calm", "kind")
    assert "Be kind." in run(*RENDER, *GIVEN).stdout
    assert "Be calm." in run(*RENDER, *GIVEN, "--ref", "HEAD").stdout


@pytest.mark.parametrize(("form", "key"), [("openai", "max_completion_tokens"), ("anthropic", "max_tokens")])
def test_a_request_body_is_exact_json(run, yard, form: str, key: str) -> None:
    body = json.loads(run(*RENDER, *GIVEN, "--for", form).stdout)
    assert body["model"] == "gpt-test"
    assert body[key] == 50


def test_messages_alone_are_json_too(run, yard) -> None:
    messages = json.loads(run(*RENDER, *GIVEN, "--for", "messages").stdout)
    assert [message["role"] for message in messages] == ["system", "user"]


def test_json_tells_version_and_model(told, yard) -> None:
    said = told(*RENDER, *GIVEN)
    assert said["model"] == "models/chat"
    assert len(said["version"]) == 64
    assert said["messages"][1]["content"] == "I lost it."


CASES = "Cases are: lost, rate."
REFUSED = {
    "support/triag": "PRM001 there is no prompt support/triag (prompts/support/triag.prompt.yaml). Did you mean",
    "support/triage": "INP001 prompt support/triage (release 0): the variable teams is missing",
    "support/triage -i tickets=x": "INP002",
    "support/triage -i teams=cards": "INP004 the input teams must be written as JSON (array). For example",
    "support/triage -i ticket": "INP004",
    "support/triage -i ticket=@nowhere.txt": "INP004 the file nowhere.txt",
    "support/triage --variant long": "PRM002",
    "support/triage --case found": f"INP006 no suite of support/triage has a case found. {CASES}",
    "support/triage --ref v9": "GIT002",
    "support/triage --for gemini": "USE001",
}


@pytest.mark.parametrize(("words", "said"), REFUSED.items())
def test_a_bad_call_is_told_in_one_line(error_of, yard, words: str, said: str) -> None:
    given = GIVEN if " " in words else ()
    assert said in error_of(2, ["render", words.split()[0], *given, *words.split()[1:]])


def test_a_prompt_whose_file_is_broken_is_told_with_the_place(error_of, yard) -> None:
    yard.edit("prompts/support/triage.prompt.yaml", "owner: support", "owner: [support")
    assert "YML001 prompts/support/triage.prompt.yaml:" in error_of(1, [*RENDER, *GIVEN])


def test_a_reference_that_leads_nowhere_is_told(error_of, yard) -> None:
    (yard.root / "prompts/models/chat.model.yaml").unlink()
    assert "REF001 prompts/support/triage.prompt.yaml:4:1 There is no model models/chat." in error_of(
        1, [*RENDER, *GIVEN]
    )


def test_an_inputs_file_that_is_broken_is_told_with_the_place(error_of, yard) -> None:
    yard.write("in.yaml", "ticket: [\n")
    assert "INP005 in.yaml:" in error_of(2, [*RENDER, "--inputs", "in.yaml"])


def test_a_mistake_in_another_prompt_does_not_stand_in_the_way(run, yard) -> None:
    text = (yard.root / "prompts/support/triage.prompt.yaml").read_text()
    yard.write("prompts/support/other.prompt.yaml", text.replace("models/chat", "models/none"))
    assert "I lost it." in run(*RENDER, *GIVEN).stdout


def test_what_lint_knows_about_a_mistake_is_told_with_its_place(error_of, yard) -> None:
    path = "prompts/support/triage.prompt.yaml"
    yard.edit(path, "models/chat", "models/chats")
    line = error_of(1, [*RENDER, *GIVEN])
    assert f"REF001 {path}:4:1" in line
    assert "Did you mean models/chat?" in line
