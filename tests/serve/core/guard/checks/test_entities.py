from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from serve.core.errors import BundleRefused
from serve.core.guard.checks.asked import LATER, NO_MODELS, Asked, AskedDetect, Models, Shares
from serve.core.guard.checks.entities import Spot
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import Action, GuardrailSet, Rule, RuleKind, Streaming


class Names:
    """Whatever begins with a capital letter is a person; a text that says so breaks it."""

    def open(self, _kind: RuleKind, _detect: AskedDetect, /) -> Asked:
        return self

    def shares(self, _texts: Sequence[str], /) -> Sequence[Shares]:
        raise AssertionError("not asked for shares")

    def spots(self, text: str, /) -> list[Spot]:
        if "BREAK" in text:
            raise RuntimeError("broken")
        places = [place for place, sign in enumerate(text) if sign.isupper()]
        return [Spot(place, text.find(" ", place), "PERSON", 0.85) for place in places]


def guard(models: Models, *, stream: str = "buffer", **detect: Any) -> Guard:
    action = Action("redact", {"with": "[NAME]"})
    settled = {"entities": ["PERSON"], **detect}
    rule = Rule("n", "entities", "high", action, settled, ("input",), stream=Streaming(stream))  # type: ignore[arg-type]
    return compile_guard([GuardrailSet("s", (rule,))], models)


def test_each_entity_is_one_hit_that_tells_its_kind_and_score() -> None:
    verdict = guard(Names()).check("yes Anna and Bert came", "input")
    assert verdict.text == "yes [NAME] and [NAME] came"
    assert [hit.detail for hit in verdict.hits] == ["PERSON 0.85", "PERSON 0.85"]


def test_it_reads_the_matching_copy_and_covers_the_original() -> None:
    assert guard(Names()).check("\uff21nna\u200b came", "input").text == "[NAME]\u200b came"


def test_a_stream_is_held_back_to_its_end() -> None:
    stream = guard(Names()).stream("input")
    assert "".join(map(stream.feed, ("An", "na ca", "me"))) == ""
    assert stream.finish()[0] == "[NAME] came"


def test_what_breaks_is_a_hit_where_the_rule_fails_closed() -> None:
    for models in (Names(), LATER):
        (hit,) = guard(models).check("BREAK it ", "input").hits
        assert hit.failed


@pytest.mark.parametrize(
    "detect",
    [
        {"entities": []},
        {"entities": ["person"]},
        {"threshold": 0},
        {"pipelineSha256": "0" * 64},
        {"nothing": 1},
    ],
)
def test_what_it_is_asked_is_checked(detect: dict[str, Any]) -> None:
    with pytest.raises(BundleRefused) as refused:
        guard(Names(), **detect)
    assert refused.value.code == "GRD001"


def test_without_anybody_who_finds_entities_the_release_is_refused_by_name() -> None:
    with pytest.raises(BundleRefused) as refused:
        guard(NO_MODELS)
    assert refused.value.code == "GRD020"
    assert "rule n of kind entities" in refused.value.what


def test_a_window_cannot_hold_it() -> None:
    with pytest.raises(BundleRefused) as refused:
        guard(Names(), stream="window")
    assert refused.value.code == "GRD002"
