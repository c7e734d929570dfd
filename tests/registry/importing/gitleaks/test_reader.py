from __future__ import annotations

from pathlib import Path

from registry.authoring.parse import read_yaml
from registry.importing.gitleaks.reader import read, recognises
from registry.importing.port import Foreign

TOML = rb'''
# source: https://example.com/rules
# revision: r7
# licence: MIT
[allowlist]
regexes = ["""^(?:a+|b+)$"""]
[[rules]]
id = "acme-key"
description = "An Acme key."
regex = """\\b(acme_[a-z0-9]{20,})(?:[\\x60'"\\s;]|\\\\[nr]|$)"""
keywords = ["acme_"]
entropy = 3
[[rules.allowlists]]
stopwords = ["sample"]
[[rules]]
id = "files"
path = "x"
'''


def foreign(data: bytes) -> Foreign:
    return Foreign("rules.toml", data, lambda _: None)


def test_a_rule_keeps_keywords_entropy_stop_words_and_where_it_came_from() -> None:
    assert recognises(foreign(TOML))
    imported = read(foreign(TOML), entry_id="guardrails/acme")
    (entry,) = imported.entries
    (rule,) = entry.data["rules"]
    assert rule["source"] == {"url": "https://example.com/rules", "licence": "MIT", "rev": "r7"}
    assert rule["detect"]["keywords"] == ["acme_"]
    assert rule["detect"]["entropy"] == 3
    assert rule["detect"]["stopwords"] == ["sample"]
    assert [test["expect"] for test in rule["tests"]] == ["hit", "pass"]


def test_what_is_changed_or_lost_is_told() -> None:
    told = {(note.level, note.what) for note in read(foreign(TOML), entry_id="a").notes}
    assert {("changed", "rule acme-key"), ("lost", "rule files")} <= told


def test_what_is_no_toml_is_a_fault_and_no_exception() -> None:
    assert [note.level for note in read(foreign(b"[[rules]]\nregex = "), entry_id="a").notes] == ["fault"]


SHIPPED = Path(__file__).parents[4] / "prompts/guardrails/gitleaks.guardrail.yaml"
GITLEAKS = r"""
# https://github.com/gitleaks/gitleaks
# revision: v8.30.1
title = "gitleaks config"
[allowlist]
regexes = [
    '''(?i)^true|false|null$''',
    '''^(?i:a+|b+|c+|d+|e+|f+|g+|h+|i+|j+|k+|l+|m+|n+|o+|p+|q+|r+|s+|t+|u+|v+|w+|x+|y+|z+|\*+|\.+)$''',
]
stopwords = ["014df517-39d1-4453-b7b3-9930c563627c", "abcdefghijklmnopqrstuvwxyz"]
[[rules]]
id = "1password-secret-key"
description = "Uncovered a possible 1Password secret key, potentially compromising access to secrets in vaults."
regex = '''\bA3-[A-Z0-9]{6}-(?:(?:[A-Z0-9]{11})|(?:[A-Z0-9]{6}-[A-Z0-9]{5}))-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b'''
entropy = 3.8
keywords = ["a3-"]
[[rules]]
id = "1password-service-account-token"
description = "Uncovered a possible 1Password service account token, potentially compromising access to secrets in vaults."
regex = '''ops_eyJ[a-zA-Z0-9+/]{250,}={0,3}'''
entropy = 4
keywords = ["ops_"]
[[rules]]
id = "adafruit-api-key"
description = "Identified a potential Adafruit API Key, which could lead to unauthorized access to Adafruit services and sensitive data exposure."
regex = '''(?i)[\w.-]{0,50}?(?:adafruit)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9_-]{32})(?:[\x60'"\s;]|\\[nr]|$)'''
keywords = ["adafruit"]
[[rules]]
id = "adobe-client-secret"
description = "Discovered a potential Adobe Client Secret, which, if exposed, could allow unauthorized Adobe service access and data manipulation."
regex = '''\b(p8e-(?i)[a-z0-9]{32})(?:[\x60'"\s;]|\\[nr]|$)'''
entropy = 2
keywords = ["p8e-"]
"""  # noqa: E501  as gitleaks has them


def test_the_set_that_ships_is_what_an_import_of_its_rules_gives() -> None:
    """With every edit of the importer: a bound, more ends, the file's allow-lists, texts of its own."""
    file = Foreign("gitleaks.toml", GITLEAKS.encode(), lambda _: None)
    (entry,) = read(file, entry_id="guardrails/gitleaks").entries
    document, _ = read_yaml(SHIPPED.name, SHIPPED.read_bytes())
    assert document is not None
    shipped = document.data
    assert {key: entry.data[key] for key in entry.data if key != "rules"} == {
        key: shipped[key] for key in shipped if key != "rules"
    }
    by_id = {rule["id"]: rule for rule in shipped["rules"]}
    assert len(entry.data["rules"]) == 4
    for rule in entry.data["rules"]:
        assert by_id[rule["id"]] == rule
    assert {rule["source"]["rev"] for rule in shipped["rules"]} == {"v8.30.1"}


def test_a_set_without_a_known_source_keeps_its_title() -> None:
    file = Foreign(
        "rules.toml", b'title = "house rules"\n' + TOML.partition(b"licence: MIT")[2], lambda _: None
    )
    (entry,) = read(file, entry_id="a").entries
    assert entry.data["description"] == "Secrets, by the rules of house rules."
    assert "source" not in entry.data["rules"][0]
