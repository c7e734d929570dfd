"""Schema findings in sentences, at the key in question."""

from __future__ import annotations

import pytest

from registry.authoring.parse import read_yaml
from registry.validation import schema

PROMPT = "promptyard: 1\nmodel: models/chat\nmessages:\n  - {role: user, content: Hello.}\n"
MODEL = "promptyard: 1\nengine: openai\nmodel: gpt-test\n"


def check(text: str, kind: str):
    document, findings = read_yaml("a.yaml", text.encode())
    assert document is not None, findings
    found = sorted(schema.check(document, f"{kind}.schema.json"), key=lambda finding: finding.place)
    assert all(finding.code == "SCH001" for finding in found)
    return [
        (f"{finding.place.line}:{finding.place.column}", finding.message, finding.hint) for finding in found
    ]


def test_a_file_that_fits_has_no_findings():
    assert check(PROMPT, "prompt") == []
    assert check(MODEL, "model") == []


@pytest.mark.parametrize(
    ("text", "kind", "place", "message", "hint"),
    [
        (PROMPT + "modle: x\n", "prompt", "5:1", "modle is not a known key here.", "Did you mean model?"),
        (
            PROMPT + "zzz: x\n",
            "prompt",
            "5:1",
            "zzz is not a known key here.",
            "The keys here are: promptyard, name,",
        ),
        (PROMPT + "prompt: x\n", "prompt", "5:1", "prompt is not a known key here.", "The keys here are"),
        (
            PROMPT + "temperature: 0\n",
            "prompt",
            "5:1",
            "temperature is not a known",
            "It stands below modelParam",
        ),
        (
            PROMPT + "schema: {}\n",
            "prompt",
            "5:1",
            "schema is not a known key here.",
            "It stands below output:",
        ),
        ("", "prompt", "1:1", "The file must be keys with values; nothing", "A prompt: its messages"),
        ("promptyard: 1\nmodel: m\n", "prompt", "1:1", "The file lacks messages.", "What is sent"),
        ("promptyard: 2\nengine: openai\nmodel: m\n", "model", "1:1", "promptyard must be 1.", "The version"),
        (
            PROMPT.replace("user", "usr"),
            "prompt",
            "4:6",
            "messages[0].role must be one of",
            "Did you mean user?",
        ),
        (
            PROMPT.replace("Hello.", "7"),
            "prompt",
            "4:18",
            "messages[0].content must be text or keys",
            "A Jinja2",
        ),
        (PROMPT.replace("Hello.", '""'), "prompt", "4:18", "messages[0].content must not be empty.", ""),
        (
            PROMPT + "owner: 7\n",
            "prompt",
            "5:1",
            "owner must be text; a whole number stands there.",
            "Quote it",
        ),
        (PROMPT + "owner:\n", "prompt", "5:1", "owner must be text; nothing stands there.", "The team"),
        (
            PROMPT + "inputs: {my-name: {type: string}}\n",
            "prompt",
            "5:10",
            "The key my-name must be a plain name",
            "",
        ),
        (
            PROMPT + "inputs: {a: {maxLenght: 5}}\n",
            "prompt",
            "5:14",
            "maxLenght is not a known",
            "Did you mean maxLength?",
        ),
        (PROMPT + "inputs: {a: {type: strin}}\n", "prompt", "5:14", "inputs.a.type", ""),
        (PROMPT + "output: {schema: {type: strin}}\n", "prompt", "5:19", "output.schema.type", ""),
        (
            PROMPT.replace("Hello.", "[{text: a, image: b}]"),
            "prompt",
            "4:28",
            "messages[0].content[0] has exactly one",
            "",
        ),
        (
            PROMPT.replace("models/chat", "https://x.test/v1"),
            "prompt",
            "2:1",
            "model must be the id of a model",
            "The id",
        ),
        (
            PROMPT + "modelParameters: {temperature: 9}\n",
            "prompt",
            "5:19",
            "modelParameters.temperature must be at most 2.",
            "",
        ),
        (
            MODEL + "weights: {path: a, huggingface: a/b@c}\n",
            "model",
            "4:1",
            "weights has exactly one of path and",
            "",
        ),
        (
            MODEL + "weights: {path: ../a}\n",
            "model",
            "4:11",
            "weights.path must be a folder beside this file.",
            "",
        ),
        (MODEL + "fallbacks: [a, a]\n", "model", "4:1", "fallbacks must not hold the same item twice.", ""),
        ("- 1\n", "model", "1:1", "The file must be keys with values; a list stands there.", ""),
        ("promptyard: 1\nchannels: {A: {}}\n", "settings", "2:12", "The key A must be small letters", ""),
        (
            "promptyard: 1\nname: a b\ndescription: d\nparameters: {}\n",
            "tool",
            "2:1",
            "name must be letters",
            "",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(text, kind, place, message, hint):
    (found,) = check(text, kind)
    assert found[0] == place
    assert found[1].startswith(message)
    assert found[2].startswith(hint)


def test_each_of_several_troubles_is_told_once():
    text = "promptyard: 1\nmodel: m\nmessages:\n  - {rol: user}\n"
    assert sorted(message for _, message, _ in check(text, "prompt")) == [
        "messages[0] lacks content.",
        "messages[0] lacks role.",
        "rol is not a known key here.",
    ]


def test_no_sentence_shows_what_the_file_holds():
    secret = "my secret sentence"
    for text in (PROMPT.replace("user", secret), PROMPT.replace("models/chat", secret)):
        assert secret not in str(check(text, "prompt"))
