from __future__ import annotations

import random
from pathlib import Path

import pytest
from support.detectors import Broken

from registry.authoring.parse import read_yaml
from registry.authoring.sources.guardrail import GuardrailSource
from serve.core.codec import from_json
from serve.core.guard.checks.scan import Scan
from serve.core.guard.engine import Guard, compile_guard
from serve.core.guard.normalise import read
from serve.core.guard.plan import Plan
from serve.core.guard.rule import CompiledRule

SHIPPED = sorted((Path(__file__).parents[4] / "prompts/guardrails").glob("*.guardrail.yaml"))


@pytest.fixture(scope="module")
def shipped() -> tuple[Guard, list[str]]:
    """All rules that ship, and the texts of their tests."""
    sets, texts = [], []
    for place in SHIPPED:
        document, _ = read_yaml(place.name, place.read_bytes())
        assert document is not None
        source = from_json(GuardrailSource, document.data)
        sets.append(source.resolved(place.name))
        texts += [test.text for rule in source.rules for test in rule.tests]
    return compile_guard(sets), texts


def test_a_rule_that_is_left_out_would_have_found_nothing(shipped) -> None:
    guard, texts = shipped
    plan = Plan(guard.rules)
    chance = random.Random(6)
    mixed = [" ".join(chance.sample(texts, 4)) for _ in range(25)]
    disguised = ["\u200b".join(text) for text in chance.sample(texts, 10)]
    for text in (*chance.sample(texts, 60), *mixed, *disguised, "", "İSTANBUL ſecret KEY"):
        reading = read(text)
        due = {id(rule) for rule in plan.due(reading)}
        for rule in guard.rules:
            assert id(rule) in due or rule.look(reading) == ([], False), (rule.rule.id, ascii(text))


def test_most_rules_are_left_out_of_an_ordinary_text(shipped) -> None:
    guard, _ = shipped
    due = Plan(guard.rules).due(read("Thank you for writing to us. We will look at it on Monday."))
    assert len(due) < len(guard.rules) / 4


def test_when_the_scan_gives_up_every_rule_looks(shipped, monkeypatch) -> None:
    guard, _ = shipped
    monkeypatch.setattr("serve.core.guard.plan._watched", lambda _text: b"")
    assert len(Plan(guard.rules).due(read("hello 12345678901234567890"))) == len(guard.rules)


def test_a_fault_in_any_rule_that_ships_counts_as_its_on_error_says(shipped) -> None:
    guard, _ = shipped
    for rule in guard.rules:
        broken = Guard([CompiledRule(rule.rule, rule.set_id, Broken())])
        for stage in rule.rule.stages:
            verdict = broken.check("an ordinary text", stage)
            closed = rule.rule.on_error == "closed"
            assert verdict.errors == (rule.rule.id,)
            assert [hit.failed for hit in verdict.hits] == ([True] if closed else [])
            enforced = closed and rule.rule.mode == "enforce"
            assert verdict.action == (rule.rule.action.kind if enforced else "pass")
            stream = broken.stream(stage)
            shown = stream.feed("an ordinary ") + stream.feed("text")
            tail, streamed = stream.finish()
            assert streamed == verdict
            assert verdict.refused or shown + tail == verdict.text


PIECES = ("a", "1", "1 ", "a@", "a@b.c ", " ", "http://a", "a\u200b", "e\u0301", "{[(", "0-", "A1b2 ", "key=")


def test_the_work_of_every_rule_that_ships_grows_with_the_length_of_a_text(shipped, monkeypatch) -> None:
    guard, texts = shipped
    spent = [0]
    real = Scan.next

    def counted(scan: Scan):
        begun, spans = scan._place, real(scan)
        spent[0] += 1 + (len(scan._text) if spans is None else spans[0][1]) - begun
        return spans

    monkeypatch.setattr(Scan, "next", counted)
    for piece in (*PIECES, *random.Random(3).sample(texts, 12)):
        small, large = ((piece * length)[:length] for length in (500, 2000))
        short, long = read(small), read(large)
        for rule in guard.rules:
            spent[0] = 0
            rule.look(short)
            least, spent[0] = spent[0], 0
            rule.look(long)
            assert spent[0] <= 5 * least + 5000, (rule.rule.id, piece)
