"""docs/json.md against what the commands really say: no key without its line, no line without its key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).parents[3] / "docs/json.md").read_text(encoding="utf-8")
PROMPT = "prompts/support/triage.prompt.yaml"
MODEL = "prompts/models/chat.model.yaml"
PRICES = "prices: {currency: USD, perMillion: {input: 10, output: 20}, source: a list, effectiveFrom: 2026-11-01}\n"


def documented(command: str) -> set[str]:
    section = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None
    return set(re.findall(r"^\| `([^`]+)`", section[1], re.MULTILINE))


def paths(value: Any, opaque: set[str], here: str = "") -> Iterator[str]:
    """The path of every leaf; what is described elsewhere is one."""
    if f"{here}{{…}}" in opaque:
        yield f"{here}{{…}}"
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from paths(held, opaque, f"{here}.{key}" if here else key)
    elif isinstance(value, list):
        for held in value:
            yield from paths(held, opaque, f"{here}[]")
    else:
        yield here


def parents(path: str) -> set[str]:
    return {path[: found.start()] for found in re.finditer(r"\.|\[\]", path)}


@pytest.fixture
def said(yard, told) -> dict[str, list[Any]]:
    """The output of each command over a small history with a rename, a refused case and a higher price."""
    before = yard.git("rev-parse", "HEAD").strip()
    listed = [told("list")]
    shown = [told("show", "support/triage"), told("show", "support/triage@HEAD")]
    yard.edit(PROMPT, "You route", "You now route")
    yard.write(MODEL, (yard.root / MODEL).read_text() + PRICES)
    yard.write("prompts/extra.prompt.yaml", (yard.root / PROMPT).read_text())
    yard.commit("say it otherwise")
    yard.git("mv", PROMPT, "prompts/support/sort.prompt.yaml")
    suite = "prompts/support/triage.suite.yaml"
    yard.edit(suite, "prompt: support/triage", "prompt: support/sort")
    yard.commit("rename")
    renamed = [told("log", "support/sort"), told("log", "support/sort", "-n", "1")]
    return {
        "list": listed,
        "show": [*shown, told("show", "support/sort")],
        "log": renamed,
        "blame": [told("blame", "support/sort")],
        "diff": [told("diff", before, "HEAD")],
    }


def test_every_key_has_its_line_on_the_page_and_every_line_its_key(said):
    log_keys = {
        f"lastChange.{key.removeprefix('commits[].')}"
        for key in documented("log")
        if key.startswith("commits[]")
    }
    for command, outputs in said.items():
        lines = documented(command)
        if command == "show":
            lines |= log_keys
        found = {path for each in outputs for path in paths(each, lines)}
        known = lines | {parent for line in lines for parent in parents(line)}
        assert found <= known, (command, found - known)
        rare = {
            line
            for line in lines - found
            if line.startswith(("changes[].was", "changes[].cases.refused", "problems"))
        }
        empty = {line for line in lines - found if line.endswith("[]") or "{…}" in line or "refused" in line}
        assert lines - found <= rare | empty | {"lastChange"}, (command, lines - found)


@pytest.fixture
def rolled(promoted, told) -> dict[str, list[Any]]:
    """The output of the commands that ship, with a release on its way and a service that refused it."""
    begun = told("promote", "staging", "production", "--canary", "10", "--yes")
    now = datetime.now(UTC).isoformat()
    refusal = {"code": "BND008", "reason": "other bytes", "at": now, "release": 2}
    report = {
        "instance": "web-1", "channel": "production", "state": "fresh", "at": now, "since": now,
        "release": 1, "sha256": "a" * 64, "lastRefusal": refusal,
    }  # fmt: skip
    path = promoted.root / ".promptyard/store/status/production/web-1.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(report))
    return {
        "promote": [begun],
        "rollout": [told("rollout", "show", "production")],
        "fleet": [told("fleet", "production")],
        "history": [told("history", "production")],
    }


def test_what_the_shipping_commands_say_is_on_the_page_key_by_key(rolled):
    for command, outputs in rolled.items():
        lines = documented(command)
        found = {path for each in outputs for path in paths(each, lines)}
        assert found == lines, (command, found ^ lines)


SET = """promptyard: 1
owner: support
rules:
  - id: mail
    kind: pattern
    severity: medium
    stages: [output]
    source: {url: https://rules.example/, licence: MIT, rev: abc}
    detect: {any: ['[a-z]{1,20}@x']}
    action: {redact: {with: "[MAIL]"}}
    tests:
      - {text: ann@x, expect: hit}
      - {text: ann, expect: pass}
      - {text: ann at x, expect: pass, knownGap: spelt out}
"""


@pytest.fixture
def guarded(yard, told) -> dict[str, list[Any]]:
    """The output of the guard commands over a set of one rule."""
    yard.write("prompts/guardrails/house.guardrail.yaml", SET)
    yard.write("prompts/guardrails/benign/a.txt", "ann@x")
    yard.write("mail.txt", "ask ann@x")
    return {
        "guard check": [told("guard", "check", "mail.txt", "--show", code=1)],
        "guard explain": [told("guard", "explain", "mail", "mail.txt", "--show")],
        "guard benign": [told("guard", "benign", code=1)],
    }


def test_what_the_guard_commands_say_is_on_the_page_key_by_key(guarded):
    for command, outputs in guarded.items():
        lines = documented(command)
        found = {path for each in outputs for path in paths(each, lines)}
        empty = {line for line in lines if line.endswith("[]")}
        assert found - {"overriddenBy"} <= lines, (command, found - lines)
        assert lines - found <= empty, (command, lines - found)


def test_what_the_keys_commands_say_is_on_the_page_key_by_key(yard, told):
    uri = "file:.promptyard/keys/ann.pem"
    said = {
        "keys public": [told("keys", "public", uri)],
        "keys init": [told("keys", "init", "production", "--key", f"ann={uri}")],
        "keys status": [told("keys", "status", "production")],
    }
    told("keys", "sign", "production", "--key", uri)
    said["keys status"].append(told("keys", "status", "production"))
    for command, outputs in said.items():
        lines = documented(command)
        found = {path for each in outputs for path in paths(each, lines)}
        known = lines | {parent for line in lines for parent in parents(line)}
        assert found <= known, (command, found - known)
        rare = {line for line in lines if line.endswith("[]") or "missing" in line or "signed" in line}
        assert lines - found <= rare, (command, lines - found)
