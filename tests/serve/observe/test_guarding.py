from __future__ import annotations

import logging
from pathlib import Path

import pytest
from support.bundles import bundle, prompt, text

from serve.core.bundle import entry_digest
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import Action, GuardrailSet, Reference, Rule, Streaming
from serve.observe.guarding import Guarding

PLANTED = "tok_planted_5f21c0de"
SECRET = Rule(
    "secret.tok",
    "pattern",
    "critical",
    Action("redact", {"with": "[TOKEN]"}),
    {"any": ["tok_[a-z0-9_]{8,30}"], "keywords": ["tok_"]},
    ("input", "output"),
    stream=Streaming("window", 34),
)
WORD = Rule(
    "word", "literals", "low", Action("flag"), {"any": ["hello"]}, ("output",), stream=Streaming("end")
)
JSON = Rule("shape", "json_schema", "low", Action("flag"), {"schema": {"type": "object"}}, ("output",))
HOUSE = GuardrailSet("house", (SECRET, WORD, JSON))


class Broken:
    """A detector that fails and quotes the text, as careless code does."""

    streaming = Streaming("window", 4)
    before = 0

    def find(self, reading, _start):
        raise ValueError(f"cannot read {reading.original}")

    def settled(self, reading):
        return len(reading.original)


@pytest.fixture
def guarded(yard, desk):
    """A client whose prompt names the set."""
    plain = prompt(text("user", "{{ name }}"))
    named = type(plain)(
        **{field: getattr(plain, field) for field in plain.__slots__ if field != "guardrails"},
        guardrails=(Reference(HOUSE.id, entry_digest(HOUSE)),),
    )
    yard.publish(bundle(named, guardrails={HOUSE.id: HOUSE}))
    one = desk()
    one.client.step()
    return one.client


def test_verdicts_hits_and_time_of_each_rule_are_exposed(guarded) -> None:
    render = guarded.render("support/hello", {"name": "Ann"})
    render.check_output(f"hello {PLANTED} and {PLANTED}")
    render.check_output("good bye")
    render.check_input("good bye")
    page = guarded.metrics()
    assert 'promptyard_guard_verdicts_total{stage="output",action="redact"} 1' in page
    assert 'promptyard_guard_verdicts_total{stage="input",action="pass"} 1' in page
    assert 'promptyard_guard_rule_hits_total{set="house",rule="secret.tok"} 2' in page
    assert 'promptyard_guard_rule_looks_total{set="house",rule="secret.tok"} 1' in page
    assert 'promptyard_guard_rule_looks_total{set="house",rule="shape"} 2' in page
    (seconds,) = [
        line
        for line in page.splitlines()
        if line.startswith('promptyard_guard_rule_seconds_total{set="house",rule="shape"}')
    ]
    assert 0 < float(seconds.split()[-1]) < 10


def test_a_stream_counts_once_when_it_is_finished(guarded) -> None:
    stream = guarded.render("support/hello", {"name": "Ann"}).stream()
    for piece in ("hello ", PLANTED[:6], PLANTED[6:], " bye"):
        stream.feed(piece)
    assert "guard_verdicts_total{" not in guarded.metrics()
    stream.finish()
    assert 'promptyard_guard_verdicts_total{stage="output",action="redact"} 1' in guarded.metrics()


def test_nothing_that_is_written_holds_a_planted_secret(guarded, caplog, capfd, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "serve")
    render = guarded.render("support/hello", {"name": PLANTED})
    broken = Guard(
        [
            rule if rule.rule.id != "word" else type(rule)(rule.rule, rule.set_id, Broken())
            for rule in render.compiled.guard.rules
        ]
    )
    verdict = render.check_output(f"hello {PLANTED}")
    failed = broken.check(f"hello {PLANTED}", "output", watch=render.watch)
    stream = render.stream()
    stream.feed(f"so {PLANTED}")
    stream.finish()
    assert [hit.rule for hit in verdict.hits if hit.action == "redact"] == ["secret.tok"]
    assert failed.errors == ("word",)
    out, err = capfd.readouterr()
    files = [
        place.read_bytes().decode("utf-8", "replace") for place in tmp_path.rglob("*") if place.is_file()
    ]
    written = [out, err, caplog.text, guarded.metrics(), repr(verdict.hits), repr(guarded.status()), *files]
    assert len(files) > 3
    assert "rule secret.tok of house, stage output: redact, 20 characters, " in caplog.text
    assert "rule word of house could not be evaluated" in caplog.text
    for piece in (PLANTED, PLANTED[4:], PLANTED[:11]):
        assert not [where for where in written if piece in where]


def test_the_hash_tells_equal_texts_of_one_key_and_nothing_else(caplog) -> None:
    caplog.set_level(logging.INFO, "serve.guard")

    def hashed(guarding: Guarding, secret: str) -> str:
        caplog.clear()
        compile_guard([GuardrailSet("house", (SECRET,))]).check(secret, "output", watch=guarding)
        return caplog.messages[0].rpartition(" ")[2]

    one, same, other = Guarding(b"key"), Guarding(b"key"), Guarding()
    assert hashed(one, PLANTED) == hashed(same, PLANTED)
    assert hashed(one, PLANTED) != hashed(one, PLANTED + "1")
    assert hashed(one, PLANTED) != hashed(other, PLANTED)


def test_sets_that_a_release_does_not_hold_are_retired(guarded, yard) -> None:
    guarded.render("support/hello", {"name": "Ann"}).check_output("x")
    assert 'set="house"' in guarded.metrics()
    yard.publish(bundle(prompt(text("user", "{{ name }}")), release=2))
    guarded.step()
    assert 'set="house"' not in guarded.metrics()
