from __future__ import annotations

from typing import Any

import pytest

from registry.importing.gitleaks.rule import Shared, take
from serve.core.guard.checks.table import streaming_of
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import Action, GuardrailSet, Rule

END = r"""(?:[\x60'"\s;]|\\[nr]|$)"""
HEADED = {"id": "acme", "regex": rf"\b(acme_[a-z0-9]{{20}}){END}", "keywords": ["ACME_"]}
NAMED = {
    "id": "acme named",
    "regex": rf"(?i)[\w.-]{{0,50}}?(?:acme)(?:[ \t\w.-]{{0,20}})[\s'\"]{{0,3}}(?:=|>|:)[\s'\"=]{{0,5}}([a-f0-9]{{32}}){END}",
    "keywords": ["acme"],
}


def taken(raw: dict[str, Any], shared: Shared | None = None) -> dict[str, Any]:
    data = take(raw, shared or Shared()).data
    assert data is not None
    return data


def guard(data: dict[str, Any]) -> Guard:
    rule = Rule(data["id"], "pattern", "high", Action("redact"), data["detect"], ("input",))
    return compile_guard([GuardrailSet("made", (streaming_of(rule, None),))])


def found(data: dict[str, Any], text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in guard(data).check(text, "input").hits]


@pytest.mark.parametrize("raw", [HEADED, NAMED])
def test_a_rule_comes_with_a_text_that_it_finds_and_one_that_it_lets_through(raw: dict[str, Any]) -> None:
    data = taken(raw)
    hit, passing = (test["text"] for test in data["tests"])
    assert found(data, hit)
    assert not found(data, passing)


@pytest.mark.parametrize("after", [",", ".", ")", " and", "</b>", "]", "&x=1"])
def test_a_token_with_a_head_may_end_before_the_punctuation_of_prose(after: str) -> None:
    token = "acme_0a1b2c3d4e5f6g7h8i9j"
    assert found(taken(HEADED), f"use {token}{after}") == [token]


@pytest.mark.parametrize("text", ["<acmeToken>{}</acmeToken>", "/hook?acme_key={}&page=2", "acme: '{}'"])
def test_a_token_that_its_name_gives_away_may_stand_in_an_element_or_a_query(text: str) -> None:
    token = "0123456789abcdef0123456789abcdef"
    assert found(taken(NAMED), text.format(token)) == [token]


def test_the_last_round_of_a_group_that_repeats_is_not_the_secret() -> None:
    raw = {"id": "hook", "regex": r"https://hook\.example/([a-z0-9]{4}-){3}[a-z0-9]{12}"}
    link = "https://hook.example/0a1b-2c3d-4e5f-6a7b8c9d0e1f"
    assert found(taken(raw), f"see {link} now") == [link]
    assert any("repeats" in note.why for note in take(raw, Shared()).notes)


def test_a_rule_that_looked_into_some_files_only_lets_placeholders_through() -> None:
    raw = {
        "id": "config",
        "regex": r'password\s*=\s*("[a-z0-9]{8,20}")',
        "path": r"\.tf$",
        "keywords": ["password"],
    }
    assert not found(taken(raw), 'password = "changeme"')
    assert not found(taken(raw), 'password = "example1"')
    assert found(taken(raw), 'password = "h0rse7staple"') == ['"h0rse7staple"']


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"id": "files", "path": "x"}, "names of files"),
        ({"id": "ahead", "regex": "a(?=b)"}, "cannot be used"),
        ({"id": "never", "regex": r"a\bb"}, "no text could be made up"),
    ],
)
def test_what_cannot_be_proved_is_not_taken_over_and_told(raw: dict[str, Any], why: str) -> None:
    made = take(raw, Shared())
    assert made.data is None
    assert [note.level for note in made.notes if why in note.why] == ["lost"]


def test_an_allow_list_of_the_file_goes_to_the_rules_that_it_can_concern() -> None:
    shared = Shared(allow=(r"^acme_a{20}$", "^nothing like it$"), stopwords=("acme_sample", "other"))
    detect = taken(HEADED, shared)["detect"]
    assert detect["stopwords"] == ["acme_sample"]
    assert "^nothing like it$" not in detect.get("allow", [])


def test_no_text_of_a_rule_looks_like_a_key_to_those_who_search_files_for_keys() -> None:
    from registry.validation.secret import secrets_in

    made = taken({"id": "gh", "regex": r"ghp_[0-9a-zA-Z]{36}", "keywords": ["ghp_"]})
    assert not any(secrets_in(test["text"]) for test in made["tests"])
