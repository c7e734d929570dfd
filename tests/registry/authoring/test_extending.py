from __future__ import annotations

import pytest

from registry.authoring.extending import ExtendError, Extending, all_named
from registry.authoring.sources.guardrail import GuardrailSource
from serve.core.codec import from_json, to_json
from serve.core.model import Action, Exemption

TESTS = [{"text": "http", "expect": "hit"}, {"text": "b", "expect": "pass"}]
EXCEPTION = {"segment": {"tenant": "acme"}, "until": "2027-03-31", "owner": "risk", "reason": "RISK-1"}


def rule(name: str, **keys: object) -> dict:
    plain = {
        "id": name,
        "kind": "literals",
        "severity": "low",
        "detect": {"any": ["http"]},
        "action": "redact",
    }
    return {**plain, "tests": TESTS, **keys}


def sets(**written: dict) -> Extending:
    return Extending(
        {name: from_json(GuardrailSource, {"promptyard": 1, **keys}) for name, keys in written.items()}
    )


def refusal(held: Extending, name: str) -> ExtendError:
    with pytest.raises(ExtendError) as caught:
        held.flat(name)
    return caught.value


def test_a_set_takes_the_rules_of_those_that_it_extends_and_keeps_their_own_defaults() -> None:
    held = sets(
        base={"rules": [rule("a")], "defaults": {"stages": ["input"], "onError": "open"}, "owner": "risk"},
        ours={"extends": ["base"], "rules": [rule("b")], "defaults": {"stages": ["output"]}, "owner": "us"},
    )
    flat = held.flat("ours")
    assert [(each.id, each.stages, each.on_error) for each in flat.rules] == [
        ("a", ("input",), "open"),
        ("b", ("output",), "closed"),
    ]
    assert (flat.id, flat.owner) == ("ours", "us")
    assert [(taken.origin, taken.overridden_by) for taken in held.rules("ours")] == [
        ("base", ()),
        ("ours", ()),
    ]


def test_an_override_changes_what_it_names_and_nothing_else() -> None:
    change = {
        "severity": "high",
        "action": {"block": {"fallback": "No."}},
        "stages": ["output"],
        "reason": "Ours.",
    }
    held = sets(
        base={"rules": [rule("a", tags=["x"])]}, ours={"extends": ["base"], "override": {"a": change}}
    )
    (before,), (after,) = held.flat("base").rules, held.flat("ours").rules
    assert (after.severity, after.action, after.stages) == (
        "high", Action("block", {"fallback": "No."}), ("output",),
    )  # fmt: skip
    assert (after.detect, after.tags, after.stream, after.mode, after.on_error) == (
        before.detect, before.tags, before.stream, "enforce", "closed",
    )  # fmt: skip
    assert before.severity == "low"


def test_overrides_follow_each_other_from_set_to_set() -> None:
    held = sets(
        low={"rules": [rule("a", **{"except": [EXCEPTION]})]},
        mid={"extends": ["low"], "override": {"a": {"severity": "medium", "onError": "open", "reason": "M."}}},
        top={"extends": ["mid"], "override": {"a": {"severity": "high", "reason": "T.", "except": [
            {"texts": ["x"], "until": "2027-01-01", "owner": "o", "reason": "r"}]}}},
    )  # fmt: skip
    (taken,) = held.rules("top")
    assert (taken.rule.severity, taken.rule.on_error, taken.overridden_by) == ("high", "open", ("mid", "top"))
    assert taken.rule.except_ == (
        Exemption("2027-03-31", "risk", "RISK-1", {"tenant": "acme"}),
        Exemption("2027-01-01", "o", "r", texts=("x",)),
    )


def test_a_rule_that_is_switched_off_stays_in_the_list_with_its_day() -> None:
    off = {"disabled": {"until": "2027-03-31", "owner": "risk", "reason": "RISK-2"}}
    (flat,) = (
        sets(base={"rules": [rule("a")]}, ours={"extends": ["base"], "override": {"a": off}})
        .flat("ours")
        .rules
    )
    assert flat.except_ == (Exemption("2027-03-31", "risk", "RISK-2"),)


def test_one_rule_by_two_ways_is_one_rule() -> None:
    held = sets(
        base={"rules": [rule("a")]},
        one={"extends": ["base"], "rules": [rule("b")]},
        two={"extends": ["base"], "rules": [rule("c")]},
        ours={"extends": ["one", "two"]},
    )
    assert [each.id for each in held.flat("ours").rules] == ["a", "b", "c"]


def test_what_does_not_go_together_is_refused_with_its_place() -> None:
    change = {"a": {"severity": "high", "reason": "r"}}
    held = sets(
        base={"rules": [rule("a")]},
        other={"extends": ["base"], "override": change},
        twice={"extends": ["base", "other"]},
        own={"extends": ["base"], "rules": [rule("a")]},
        doubled={"rules": [rule("a"), rule("a")]},
        lost={"extends": ["nowhere"]},
        nothing={"extends": ["base"], "override": {"b": {"severity": "high", "reason": "r"}}},
        round_one={"extends": ["round_two"]},
        round_two={"extends": ["round_one"]},
        endless={"extends": ["base"], "override": {"a": {"mode": "shadow", "reason": "r"}}},
        retried={"extends": ["base"], "override": {"a": {"action": "retry", "reason": "r"}}},
    )
    told = {name: (refusal(held, name).code, refusal(held, name).steps) for name in (
        "twice", "own", "doubled", "lost", "nothing", "round_one", "endless", "retried")}  # fmt: skip
    assert told == {
        "twice": ("GRD003", ("extends", 1)),
        "own": ("GRD003", ("rules", 0)),
        "doubled": ("GRD003", ("rules", 1)),
        "lost": ("REF001", ("extends", 0)),
        "nothing": ("GRD031", ("override", "b")),
        "round_one": ("GRD032", ("extends", 0)),
        "endless": ("GRD001", ("override", "a")),
        "retried": ("GRD001", ("override", "a")),
    }
    assert refusal(held, "round_one").set_id == "round_two"


def test_a_release_without_exceptions_has_the_bytes_that_it_had_before_there_were_any() -> None:
    (plain,) = sets(base={"rules": [rule("a")]}).flat("base").rules
    assert set(to_json(plain)) == {"id", "kind", "severity", "action", "detect", "stages", "stream"}


def test_all_that_some_sets_build_on_is_named_once_even_in_a_circle() -> None:
    held = {
        name: from_json(GuardrailSource, {"promptyard": 1, "extends": bases})
        for name, bases in {"a": ["b", "c"], "b": ["c"], "c": ["a", "gone"], "d": []}.items()
    }
    assert all_named(held, ("a", "nowhere")) == ("a", "b", "c")


def test_no_depth_is_too_deep() -> None:
    below = {f"s{n}": {"extends": [f"s{n - 1}"]} for n in range(1, 1500)}
    held = sets(s0={"rules": [rule("a")]}, **below)
    (taken,) = held.rules("s1499")
    assert (taken.origin, taken.rule.id) == ("s0", "a")
    with pytest.raises(ExtendError, match="sets build on each other"):
        sets(**{**below, "s0": {"extends": ["s2"]}}).rules("s5")
