from __future__ import annotations

from typing import Any

import pytest

from registry.evaluation.engines.keepable import keepable
from registry.evaluation.engines.openai import read
from registry.evaluation.records import Called, Completion
from serve.core.codec import to_json
from serve.core.digest import canonical


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def test_an_answer_that_can_be_kept_is_kept_as_it_is() -> None:
    plain = Completion("é 😀 \x00", 1, 1, model="m", tool_calls=(Called("1", "look_up", {"a": [1.5, None]}),))
    assert keepable(plain) is plain


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({"a": float("nan")}, '{"a": NaN}'),
        ({"a": "\ud800"}, '{"a": "\\ud800"}'),
        ("not JSON \udfff", "not JSON \ufffd"),
        ({"a": 1}, {"a": 1}),
        (deep(100_000), ""),
    ],
)
def test_arguments_that_json_cannot_say_become_text(arguments: Any, kept: Any) -> None:
    odd = Completion(
        "a \ud800 b", 1, 1, model="m\udc00", tool_calls=(Called("\ud800", "f\ud800", arguments),)
    )
    found = keepable(odd)
    assert found == Completion(
        "a \ufffd b", 1, 1, model="m\ufffd", tool_calls=(Called("\ufffd", "f\ufffd", kept),)
    )
    assert canonical(to_json(found))


def test_arguments_that_are_nested_too_deeply_are_text() -> None:
    text = '{"a":' * 100_000
    call = {"id": "1", "function": {"name": "f", "arguments": text}}
    body = {"choices": [{"message": {"content": None, "tool_calls": [call]}}]}
    assert read(body).tool_calls == (Called("1", "f", text),)
