from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring.parse import read_yaml
from registry.authoring.sources.guardrail import GuardrailSource
from registry.validation.proof import Failure, prove
from serve.core.codec import from_json

SHIPPED = sorted((Path(__file__).parents[3] / "prompts" / "guardrails").glob("*.guardrail.yaml"))


def a_set(*tests: dict, **rule: object) -> GuardrailSource:
    plain = {
        "id": "test.word",
        "kind": "literals",
        "severity": "low",
        "detect": {"any": ["refund"]},
        "action": {"redact": {"with": "[X]"}},
        "tests": list(tests),
    }
    return from_json(GuardrailSource, {"promptyard": 1, "rules": [{**plain, **rule}]})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_sets_prove_themselves(path: Path) -> None:
    document, findings = read_yaml(path.name, path.read_bytes())
    assert document is not None
    assert not findings
    assert prove(from_json(GuardrailSource, document.data)) == ()


def test_tests_that_hold_leave_no_failure() -> None:
    good = a_set(
        {"text": "a refund", "expect": "hit", "spans": [[2, 8]], "out": "a [X]"},
        {"text": "nothing", "expect": "pass", "out": "nothing"},
        {"text": "Refund. ", "times": 3, "expect": "hit", "out": "[X]. [X]. [X]. "},
    )
    assert prove(good) == ()


@pytest.mark.parametrize(
    ("test", "problem"),
    [
        ({"text": "a refund", "expect": "pass"}, "expected pass, got hit"),
        ({"text": "refunds", "expect": "hit"}, "expected hit, got pass"),
        ({"text": "a refund", "expect": "hit", "spans": [[0, 8]]}, "matched at [[2, 8]]"),
        ({"text": "a refund", "expect": "hit", "out": "a [Y]"}, "the text that comes out differs"),
    ],
)
def test_a_test_that_does_not_hold_is_named_with_its_place(test: dict, problem: str) -> None:
    assert prove(a_set({"text": "fine", "expect": "pass"}, test)) == (Failure(0, 1, problem),)


def test_a_shadow_rule_is_proved_as_if_it_acted() -> None:
    trial = a_set(
        {"text": "a refund", "expect": "hit", "out": "a [X]"}, mode="shadow", shadowUntil="2027-01-01"
    )
    assert prove(trial) == ()


def test_a_rule_that_cannot_be_used_fails_as_a_whole() -> None:
    broken = a_set({"text": "x", "expect": "hit"}, kind="pattern", detect={"any": ["(?=x)"]})
    (failure,) = prove(broken)
    assert (failure.rule, failure.test) == (0, None)
    assert "not an RE2 pattern" in failure.problem


def test_a_rule_that_a_disguise_gets_past_is_found_out() -> None:
    blunt = a_set({"text": "１２", "expect": "hit"}, kind="unicode", detect={"deny": ["zero_width"]})
    assert prove(blunt) == (Failure(0, 0, "expected hit, got pass"),)
    narrow = a_set(
        {"text": "refund it", "expect": "hit"}, kind="pattern", detect={"any": ["refund it"], "allow": ["ｆ"]}
    )
    assert prove(narrow) == ()
