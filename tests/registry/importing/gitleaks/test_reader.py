from __future__ import annotations

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
