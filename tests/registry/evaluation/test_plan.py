from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.errors import Usage
from registry.evaluation.arms import Arm
from registry.evaluation.plan import Scope, chunks, expected, plan
from registry.evaluation.shards import Shard

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


def test_a_part_of_a_run_is_planned_alone_and_the_parts_are_the_whole(tmp_path: Path) -> None:
    head, base = arm(write(tmp_path)), arm(tmp_path, "base")
    suites, arms = list(head.suites.values()), [base, head]
    made = engines(tmp_path, SpokenEngine())
    parts = [plan(suites, arms, made, Scope(shard=Shard(n, 3))) for n in (1, 2, 3)]
    whole = [(i.suite.id, i.case.id, i.arm) for i in plan(suites, arms, made)]
    assert sorted((i.suite.id, i.case.id, i.arm) for part in parts for i in part) == sorted(whole)
    assert [expected(suites, arms, Scope(shard=Shard(n, 3))) for n in (1, 2, 3)] == [len(p) for p in parts]
    assert expected(suites, arms) == len(whole) == 8


def test_a_long_plan_comes_in_chunks_that_together_are_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.evaluation.plan.CHUNK", 3)
    head, base = arm(write(tmp_path)), arm(tmp_path, "base")
    made = engines(tmp_path, SpokenEngine())
    parts = list(chunks(suite_of(head), [base, head], made))
    assert [len(part) for part in parts] == [3, 3]
    assert [i.arm for part in parts for i in part] == ["base", "head"] * 3


def test_a_model_that_is_missing_in_the_last_suite_is_found_before_the_first_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.evaluation.plan.CHUNK", 1)
    lost = FILES["prompts/words/shout.prompt.yaml"].replace("models/tiny", "models/lost")
    model = FILES["prompts/models/tiny.model.yaml"].replace("path: tiny", "path: lost")
    changes = {
        "prompts/words/lost.prompt.yaml": lost,
        "prompts/models/lost.model.yaml": model,
        "prompts/words/zlost.suite.yaml": FILES[SUITE].replace("words/shout", "words/lost"),
    }
    head = arm(write(tmp_path, changes))
    suites = sorted(head.suites.values(), key=lambda suite: suite.id)
    assert suites[-1].id == "words/zlost"
    with pytest.raises(Usage, match="WGT002"):
        next(chunks(suites, [head], engines(tmp_path, SpokenEngine())))
