from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.models import SpokenEngine
from support.yard_of_cases import FILES, arm, engines, write

from registry.evaluation.cache import ResponseCache
from registry.evaluation.plan import Item, plan
from registry.evaluation.record import Record, read_record
from registry.evaluation.records import Completion, Sample
from registry.evaluation.runner import rerun, run


def planned(tmp_path: Path, engine: SpokenEngine, **changes: str) -> tuple[Item, ...]:
    head, base = arm(write(tmp_path / "yard", changes)), arm(tmp_path / "yard", "base")
    return plan([head.suites["words/shout"]], [base, head], engines(tmp_path, engine))


def test_samples_come_back_in_the_order_of_the_plan_and_are_judged(tmp_path: Path) -> None:
    samples = run(planned(tmp_path, SpokenEngine(lambda text: "BERRY" if text == "berry" else "no")))
    assert [(s.case, s.arm, s.status) for s in samples if s.arm == "head"] == [
        ("a", "head", "fail"), ("b", "head", "pass"), ("c", "head", "fail"),
    ]  # fmt: skip
    assert [s.required for s in samples] == [False, False, True, True, False, False]


def test_a_question_of_both_arms_is_asked_once(tmp_path: Path) -> None:
    engine = SpokenEngine()
    samples = run(planned(tmp_path, engine))
    assert sorted(engine.asked) == ["apple", "berry", "cherry"]
    assert len(samples) == 6


def test_what_the_cache_knows_is_not_asked(tmp_path: Path) -> None:
    engine, cache = SpokenEngine(), ResponseCache(tmp_path / "cache")
    first = run(planned(tmp_path, engine), cache=cache)
    engine.asked.clear()
    again = run(planned(tmp_path, engine), cache=cache)
    assert engine.asked == []
    assert all(s.completion.cached and s.completion.seconds is None for s in again)
    assert [s.completion.text for s in again] == [s.completion.text for s in first]
    run(planned(tmp_path, engine))
    assert len(engine.asked) == 3


def test_trouble_is_an_error_of_its_cases_and_is_asked_again(tmp_path: Path) -> None:
    broken = Completion("", 3, 0, error="ENG010 no answer")
    engine, cache = (
        SpokenEngine(lambda text: broken if text == "apple" else text.upper()),
        ResponseCache(tmp_path),
    )
    samples = run(planned(tmp_path, engine), cache=cache)
    assert [s.status for s in samples] == ["error", "error", "pass", "pass", "pass", "pass"]
    engine.asked.clear()
    run(planned(tmp_path, engine), cache=cache)
    assert engine.asked == ["apple"]


def test_an_interrupted_run_keeps_what_is_done_and_goes_on_from_its_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    def stopping(text: str) -> str:
        if text == "apple":
            raise KeyboardInterrupt
        return text.upper()

    with Record(path) as record, pytest.raises(KeyboardInterrupt):
        run(planned(tmp_path, SpokenEngine(stopping)), record=record)
    assert {s.case for s in read_record(path)} == {"b", "c"}
    engine = SpokenEngine()
    with Record(path) as record:
        run(planned(tmp_path, engine), record=record)
    assert engine.asked == ["apple"]
    assert len(list(read_record(path))) == 6


def test_every_sample_is_told_as_it_comes(tmp_path: Path) -> None:
    told: list[Sample] = []
    samples = run(planned(tmp_path, SpokenEngine()), watch=told.append)
    assert sorted(told, key=repr) == sorted(samples, key=repr)


def test_two_engines_take_turns(tmp_path: Path) -> None:
    order: list[str] = []
    base = arm(write(tmp_path / "base"), "base")
    head = arm(write(tmp_path / "head", {"prompts/models/tiny/model.bin": "more"}))

    def opened(digest: str) -> SpokenEngine:
        def say(text: str) -> str:
            order.append(digest)
            return text.upper()

        return SpokenEngine(say, name=digest)

    run(plan([head.suites["words/shout"]], [base, head], engines(tmp_path, opened)))
    assert order == [order[0], order[1]] * 3
    assert order[0] != order[1]


def test_a_rerun_asks_anew_with_fresh_samples(tmp_path: Path) -> None:
    hot = FILES["prompts/models/tiny.model.yaml"].replace("maxTokens: 8", "maxTokens: 8, temperature: 1")
    head = arm(write(tmp_path, {"prompts/models/tiny.model.yaml": hot}))
    engine = SpokenEngine()
    again = rerun(head.suites["words/shout"], [head], engines(tmp_path, engine))
    samples = again(["b"], first=1, count=3)
    assert [(s.case, s.index) for s in samples] == [("b", 1), ("b", 2), ("b", 3)]
    assert len({s.key for s in samples}) == 3
    assert engine.asked == ["berry"] * 3


def test_a_request_that_cannot_be_asked_is_not_answered_from_the_cache(tmp_path: Path) -> None:
    engine, cache = SpokenEngine(), ResponseCache(tmp_path / "cache")
    items = planned(tmp_path, engine)
    run(items, cache=cache)
    too_long = [replace(i, prepared=replace(i.prepared, problem="ENG009 too long")) for i in items]
    engine.say = lambda _: Completion("", 3, 0, error="ENG009 too long")
    assert {sample.status for sample in run(too_long, cache=cache)} == {"error"}


def test_what_was_only_replayed_does_not_enter_the_cache(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path / "cache")
    replayed = Completion("APPLE", 1, 1, cached=True)
    items = planned(tmp_path, SpokenEngine(lambda _: replayed))
    run(items, cache=cache)
    assert all(cache.get(item.prepared.key) is None for item in items)
