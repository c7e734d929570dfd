from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations.transform import (
    NotTransformed,
    steps_of,
    transform_problems,
    transformed,
)


@pytest.mark.parametrize(
    ("steps", "text", "wanted"),
    [
        (["trim"], " a \n", "a"),
        (["lower"], "A", "a"),
        (["first-line"], "\n one \ntwo", " one "),
        (["last-line"], "one\r\ntwo\r\n", "two"),
        (["fenced"], "x\n```json\n{}\n```\ny", "{}"),
        (["fenced", "$.a[0]"], '~~~\n{"a": [5]}\n~~~', "5"),
        (["$.a"], '{"a": "é"}', "é"),
        (["$.a"], '{"a": ["é"]}', '["é"]'),
        ([], "as it is", "as it is"),
    ],
)
def test_each_step_does_what_its_name_says(steps: list[str], text: str, wanted: str) -> None:
    assert transformed(text, steps) == wanted


@pytest.mark.parametrize(("step", "why"), [("fenced", "no fenced"), ("$.a", "not JSON")])
def test_what_does_not_apply_says_why(step: str, why: str) -> None:
    with pytest.raises(NotTransformed, match=why):
        transformed("plain", [step])


def test_one_step_or_a_list_is_the_same() -> None:
    assert steps_of("trim") == steps_of(["trim"]) == ("trim",)
    assert steps_of(None) == ()
    assert list(transform_problems(["trim", "$.a"])) == []


@given(st.text(max_size=60), st.lists(st.sampled_from(["trim", "lower", "first-line", "last-line", "$.a"])))
def test_no_text_breaks_a_transform(text: str, steps: list[str]) -> None:
    with contextlib.suppress(NotTransformed):
        assert isinstance(transformed(text, steps), str)
