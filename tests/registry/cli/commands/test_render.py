from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from support.content import SUITE

from registry.authoring import catalog as catalogs

WEIGHTS = Path(__file__).parents[4] / "prompts/models/demo-triage"
LOCAL = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\n"

RENDER = ("render", "support/triage")
GIVEN = ("-i", 'teams=["cards", "loans"]', "-i", "ticket=I lost it.")


def test_the_messages_are_shown_exactly(run, yard) -> None:
    assert run(*RENDER, *GIVEN).stdout.splitlines()[1:-1] == [
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


BODIES = {
    "openai": {"model": "gpt-test", "max_completion_tokens": 50},
    "openai-responses": {"model": "gpt-test", "max_output_tokens": 50},
    "anthropic": {"model": "gpt-test", "max_tokens": 50},
    "gemini": {"generationConfig": {"maxOutputTokens": 50}},
    "bedrock": {"modelId": "gpt-test", "inferenceConfig": {"maxTokens": 50}},
}


@pytest.mark.parametrize("form", BODIES)
def test_a_request_body_is_exact_json_and_alone_on_stdout(run, yard, form: str) -> None:
    done = run(*RENDER, *GIVEN, "--for", form)
    body = json.loads(done.stdout)
    assert {key: body[key] for key in BODIES[form]} == BODIES[form]
    assert "I lost it." in done.stdout
    assert done.stderr.startswith("≈ ")


def test_bytes_in_a_body_are_base64_in_json(run, yard) -> None:
    path = "prompts/support/triage.prompt.yaml"
    yard.edit(path, "content: |\n      {{ ticket }}", "content: [{text: Look.}, {image: '{{ ticket }}'}]")
    words = (*RENDER, *GIVEN[:2], "-i", "ticket=data:image/png;base64,aGk=", "--for", "bedrock")
    block = json.loads(run(*words).stdout)["messages"][0]["content"][1]
    assert block == {"image": {"format": "png", "source": {"bytes": "aGk="}}}


PRICED = """\
promptyard: 1
engine: openai
model: gpt-test
contextTokens: 1000
parameters: {maxTokens: 50}
prices: {currency: USD, perMillion: {input: 10, output: 20}, source: a list, effectiveFrom: 2026-11-01}
"""


def test_the_last_line_says_tokens_and_cost_and_what_they_are_of_their_bounds(run, yard) -> None:
    yard.write("prompts/models/chat.model.yaml", PRICED)
    yard.edit(
        "prompts/support/triage.prompt.yaml",
        "owner: support",
        "owner: support\nbudget: {maxPromptTokens: 20}",
    )
    line = run(*RENDER, *GIVEN).stdout.splitlines()[-1]
    found = re.fullmatch(
        r"≈ (\d+) tokens · \$(\S+) for the prompt · at most \$(\S+) with 50 tokens of answer · "
        r"(\d+) % of the context · (\d+) % of the budget's 20 tokens",
        line,
    )
    assert found is not None, line
    tokens, cost, most = int(found[1]), float(found[2]), float(found[3])
    assert cost == pytest.approx(tokens * 10 / 1_000_000, rel=0.005)
    assert most == pytest.approx(cost + 0.001, rel=0.005)
    assert (int(found[4]), int(found[5])) == (round((tokens + 50) / 10), round(tokens * 5))


def test_without_prices_and_bounds_the_last_line_says_the_tokens(run, yard) -> None:
    assert re.fullmatch(r"≈ \d+ tokens", run(*RENDER, *GIVEN).stdout.splitlines()[-1])


def test_a_local_model_is_counted_and_its_prompt_shown_with_its_tokens(run, yard) -> None:
    shutil.copytree(WEIGHTS, yard.root / "prompts/models/tiny")
    yard.write("prompts/models/chat.model.yaml", LOCAL)
    assert re.match(r"\d+ tokens · no cost|\d+ tokens$", run(*RENDER, *GIVEN).stdout.splitlines()[-1])
    done = run(*RENDER, *GIVEN, "--for", "ctranslate2")
    shown = json.loads(done.stdout)
    assert shown["text"].startswith("<|system|>You route tickets.")
    assert shown["tokens"][0] == "<|system|>"
    assert done.stderr.split()[0] == str(len(shown["tokens"]))


def test_calls_of_tools_in_a_history_are_shown(run, yard) -> None:
    path = "prompts/support/triage.prompt.yaml"
    yard.edit(path, "  - role: user\n", "  - history: talk\n  - role: user\n")
    call = {"id": "c1", "name": "lookup", "arguments": {"ref": "é"}}
    talk = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "toolCalls": [call]},
        {"role": "tool", "toolCallId": "c1", "content": "sent"},
    ]
    text = run(*RENDER, *GIVEN, "-i", f"talk={json.dumps(talk)}").stdout
    assert '── assistant\n[call c1] lookup {"ref": "é"}\n── tool c1\nsent\n' in text
    messages = json.loads(run(*RENDER, *GIVEN, "-i", f"talk={json.dumps(talk)}", "--for", "messages").stdout)
    assert messages[2] == {"role": "assistant", "content": "", "toolCalls": [call]}
    assert messages[3] == {"role": "tool", "content": "sent", "toolCallId": "c1"}


def test_any_revision_renders_in_a_bare_clone(run, yard, tmp_path) -> None:
    yard.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    words = ("-C", str(tmp_path / "bare.git"), *RENDER, "--case", "lost", "--ref", "main")
    assert "I lost my card." in run(*words).stdout
    assert json.loads(run(*words, "--for", "gemini").stdout)["contents"]


def test_a_bare_clone_asks_for_a_revision(error_of, yard, tmp_path) -> None:
    yard.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    words = ["-C", str(tmp_path / "bare.git"), *RENDER, "--case", "lost"]
    assert "GIT005 bare.git is a bare repository" in error_of(2, words)


def test_a_file_of_github_is_told_with_its_place_too(error_of, yard) -> None:
    path = "prompts/support/asked.prompt.yml"
    yard.write(path, "model: openai/gpt-4o\nmessages:\n  - {role: user, content: Hi}\nguardrails: [none]\n")
    assert f"REF001 {path}:4:" in error_of(1, ["render", "support/asked"])
    yard.write(path, "messages: [\n")
    assert f"YML001 {path}:" in error_of(1, ["render", "support/asked"])


def test_one_prompt_among_many_is_read_alone(run, yard, monkeypatch) -> None:
    text = (yard.root / "prompts/support/triage.prompt.yaml").read_text()
    for number in range(30):
        yard.write(f"prompts/many/p{number}.prompt.yaml", text)
        yard.write(f"prompts/many/p{number}.suite.yaml", SUITE.replace("support/triage", f"many/p{number}"))
    parsed: list[str] = []
    real = catalogs.read_yaml
    monkeypatch.setattr(catalogs, "read_yaml", lambda path, data: parsed.append(path) or real(path, data))
    assert "I lost my card." in run(*RENDER, "--case", "lost").stdout
    assert not [path for path in parsed if "many" in path]


def test_a_limit_that_is_no_number_is_left_to_lint(run, told, yard) -> None:
    yard.edit("prompts/models/chat.model.yaml", "maxTokens: 50", "maxTokens: lots")
    assert told(*RENDER, *GIVEN)["estimate"]["maxAnswerTokens"] is None
    assert run("diff").stdout.startswith("~ prompt support/triage")


def test_messages_alone_are_json_too(run, yard) -> None:
    messages = json.loads(run(*RENDER, *GIVEN, "--for", "messages").stdout)
    assert [message["role"] for message in messages] == ["system", "user"]


def test_json_tells_version_and_model(told, yard) -> None:
    said = told(*RENDER, *GIVEN)
    assert said["model"] == "models/chat"
    assert len(said["version"]) == 64
    assert said["messages"][1]["content"] == "I lost it."
    assert said["estimate"]["promptTokens"] > 10
    assert (said["estimate"]["exact"], said["estimate"]["maxAnswerTokens"]) == (False, 50)
    assert said["shares"] == {"context": None, "budgetTokens": None, "budgetCost": None}


CASES = "Cases are: lost, rate."
REFUSED = {
    "support/triag": "PRM001 there is no prompt support/triag. Did you mean support/triage?",
    "support/triage": "INP001 prompt support/triage: the variables teams and ticket are missing",
    "support/triage -i tickets=x": "INP002",
    "support/triage -i teams=cards": "INP004 the input teams must be written as JSON (array). For example",
    "support/triage -i ticket": "INP004",
    "support/triage -i ticket=@nowhere.txt": "INP004 the file nowhere.txt",
    "support/triage --variant long": "PRM002",
    "support/triage --case found": f"INP006 no suite of support/triage has a case found. {CASES}",
    "support/triage --ref v9": "GIT002",
    "support/triage --for mistral": "USE001",
    "support/triage --for ctranslate2": "WGT001 model models/chat names no weights in this repository",
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
