from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.evaluation.conditions import Conditions, Gathering
from registry.evaluation.plan import Item, plan
from registry.evaluation.records import Comparability
from registry.evaluation.runner import stream
from serve.core.codec import from_json, to_json

LOCAL = Comparability("openai", "hosted", "remote")


def gathered(items: Sequence[Item]) -> Gathering:
    found = Gathering()
    for item, sample in stream([items]):
        found.note(item, sample)
    return found


def test_what_a_suite_was_asked_under_is_known_from_its_answers(tmp_path: Path) -> None:
    head, base = arm(write(tmp_path)), arm(tmp_path, "base")
    found = gathered(plan(list(head.suites.values()), [base, head], engines(tmp_path, SpokenEngine())))
    assert set(found.of("words/shout").comparability) == {"base", "head"}
    assert found.of("words/shout").comparability["head"].engine == "spoken"
    assert found.of("words/shown").comparability["head"].engine == "render"
    assert found.of("words/shout").asked == {"base": ("tiny",), "head": ("tiny",)}
    assert found.of("nothing") == Conditions()


def test_only_greedy_answers_of_a_deterministic_engine_must_repeat(tmp_path: Path) -> None:
    head = arm(write(tmp_path))
    suites = [head.suites["words/shout"]]
    assert gathered(plan(suites, [head], engines(tmp_path, SpokenEngine()))).of("words/shout").deterministic
    uneven = engines(tmp_path, SpokenEngine(deterministic=False))
    assert not gathered(plan(suites, [head], uneven)).of("words/shout").deterministic
    hot = FILES["prompts/models/tiny.model.yaml"].replace("maxTokens: 8", "maxTokens: 8, temperature: 1")
    warm = arm(write(tmp_path / "hot", {"prompts/models/tiny.model.yaml": hot}))
    items = plan([warm.suites["words/shout"]], [warm], engines(tmp_path, SpokenEngine()))
    assert not gathered(items).of("words/shout").deterministic


def test_a_name_that_stood_for_another_model_in_each_arm_tells_the_arms_apart() -> None:
    one = Conditions(
        {"base": LOCAL, "head": LOCAL},
        asked={"base": ("gpt",), "head": ("gpt",)},
        served={"base": ("gpt-1",), "head": ("gpt-2",)},
    )
    told = one.compared()
    assert told["base"].details != told["head"].details
    assert "gpt-1" in told["base"].details["model that answered"]
    both = replace(one, served={"base": ("gpt-1",), "head": ("gpt-1", "gpt-2")})
    assert both.compared() == both.comparability
    other = replace(one, asked={"base": ("gpt",), "head": ("gpt-5",)})
    assert other.compared() == other.comparability


def test_the_conditions_of_two_parts_are_those_of_the_whole_and_survive_as_json() -> None:
    first = Conditions({"head": LOCAL}, True, {"head": ("a",)}, {"head": ("x",)})
    second = Conditions({"base": LOCAL}, False, {"head": ("b",)}, {"base": ("y",)})
    whole = first.joined(second)
    assert whole == Conditions(
        {"base": LOCAL, "head": LOCAL}, False, {"head": ("a", "b")}, {"head": ("x",), "base": ("y",)}
    )
    assert from_json(Conditions, to_json(whole)) == whole
