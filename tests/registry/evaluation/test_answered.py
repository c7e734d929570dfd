from __future__ import annotations

import random
from dataclasses import replace

import pytest
from support.samples import many, run

from registry.evaluation import answered
from registry.evaluation.answered import Answered, answers
from registry.evaluation.shelf import Shelf


@pytest.mark.parametrize("recent", [1000, 2])
def test_samples_come_in_any_order_and_the_last_of_two_counts(
    recent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answered, "_RECENT", recent)
    monkeypatch.setattr(Shelf.__init__, "__defaults__", (3,))
    of = many(9, samples=3)
    found = run(of, lambda _arm, _case, index: "fail" if index == 1 else "pass")
    wrong = replace(found[0], status="error", completion=replace(found[0].completion, prompt_tokens=10**6))
    random.Random(1).shuffle(found)
    held = answers(of.id, [wrong, *found])
    assert len(held) == len(set(held)) == 18
    for arm, name in held:
        marks = held[arm, name]
        assert [mark.number for mark in marks] == [0, 1, 2]
        assert [mark.status for mark in marks] == ["pass", "fail", "pass"]
    assert (held.mean_tokens("head"), held.mean_tokens("base"), held.cached) == (110, 110, 0)


def test_tokens_are_those_of_answers_and_the_share_from_the_cache_is_of_all() -> None:
    of = many(2)
    live, kept = run(of, lambda _arm, _case, _index: "pass", arms=("head",))
    kept = replace(kept, completion=replace(kept.completion, cached=True, seconds=None))
    held = answers(of.id, [live, kept])
    assert (held.mean_tokens("head"), held.mean_tokens("base"), held.cached) == (110, None, 0.5)
    assert (Answered().mean_tokens("head"), Answered().cached) == (None, 0.0)


def test_of_a_text_only_the_beginning_is_held_and_only_where_it_may_be_shown() -> None:
    of = many(1)
    found = run(of, lambda arm, _case, _index: "pass" if arm == "head" else "fail")
    held = answers(of.id, [replace(it, completion=replace(it.completion, text="x" * 900)) for it in found])
    (base,), (head,) = held.of("base", "case-000"), held.of("head", "case-000")
    assert (base.text, head.text) == ("x" * 500, "")
    assert base.said == head.said is not None
    assert held.of("head", "no such case") == ()
