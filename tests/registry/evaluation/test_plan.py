from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.errors import Usage
from registry.evaluation.arms import Arm
from registry.evaluation.plan import Scope, comparability, deterministic, plan

SUITE = "prompts/words/shout.suite.yaml"


def suite_of(head: Arm, name: str = "words/shout") -> list:  # type: ignore[type-arg]
    return [head.suites[name]]


def test_base_and_head_stand_side_by_side(tmp_path: Path) -> None:
    head, base = arm(write(tmp_path)), arm(tmp_path, "base")
    items = plan(suite_of(head), [base, head], engines(tmp_path, SpokenEngine()))
    assert [(i.case.id, i.arm) for i in items[:4]] == [
        ("a", "base"),
        ("a", "head"),
        ("b", "base"),
        ("b", "head"),
    ]
    assert items[0].prepared.key == items[1].prepared.key


def test_the_base_is_asked_only_what_it_was_asked_before(tmp_path: Path) -> None:
    changed = FILES[SUITE].replace("word: cherry", "word: citron")
    base = arm(write(tmp_path / "base"), "base")
    head = arm(write(tmp_path / "head", {SUITE: changed}))
    items = plan(suite_of(head), [base, head], engines(tmp_path, SpokenEngine()))
    assert {i.case.id for i in items if i.arm == "base"} == {"a", "b"}
    assert {i.case.id for i in items if i.arm == "head"} == {"a", "b", "c"}


def test_a_prompt_that_the_base_did_not_have_is_asked_in_head_alone(tmp_path: Path) -> None:
    gone = {name: "" for name in FILES if name.startswith("prompts/words/")}
    base, head = arm(write(tmp_path / "base", gone), "base"), arm(write(tmp_path / "head"))
    items = plan(suite_of(head), [base, head], engines(tmp_path, SpokenEngine()))
    assert {item.arm for item in items} == {"head"}


def test_rendering_needs_no_model(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    (item,) = plan(suite_of(head, "words/shown"), [head], engines(tmp_path, SpokenEngine()))
    assert item.completion is not None
    assert item.completion.text == "system: Shout.\nuser: apple"
    assert comparability([item], "words/shown")["head"].engine == "render"


def test_inputs_that_the_prompt_refuses_are_an_error_of_the_case(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    suite = head.suites["words/shout"]
    odd = replace(suite, cases=(replace(suite.cases[0], inputs={"word": 7}),))
    (item,) = plan([odd], [head], engines(tmp_path, SpokenEngine()))
    assert item.completion is not None
    assert item.completion.error is not None
    assert "word" in item.completion.error


def test_a_scope_narrows_cases_and_moves_samples(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    scope = Scope(frozenset(("b",)), samples=2, first=5)
    items = plan(suite_of(head), [head], engines(tmp_path, SpokenEngine()), scope)
    assert [(i.case.id, i.index) for i in items] == [("b", 5), ("b", 6)]


def test_a_suite_without_its_prompt_is_refused(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    lost = replace(head.suites["words/shout"], prompt="words/gone")
    with pytest.raises(Usage, match="EVL002 suite words/shout tests prompt words/gone"):
        plan([lost], [head], engines(tmp_path, SpokenEngine()))


def test_only_greedy_answers_of_a_deterministic_engine_must_repeat(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    made = engines(tmp_path, SpokenEngine())
    assert deterministic(plan(suite_of(head), [head], made), "words/shout")
    assert not deterministic(
        plan(suite_of(head), [head], engines(tmp_path, SpokenEngine(deterministic=False))), "words/shout"
    )
    hot = FILES["prompts/models/tiny.model.yaml"].replace("maxTokens: 8", "maxTokens: 8, temperature: 1")
    warm = arm(write(tmp_path / "hot", {"prompts/models/tiny.model.yaml": hot}))
    items = plan(suite_of(warm), [warm], engines(tmp_path, SpokenEngine()))
    assert not deterministic(items, "words/shout")
