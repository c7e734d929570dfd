from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from registry.errors import Usage
from registry.evaluation.expectations import check, expectation, functions
from registry.evaluation.records import Check, Completion, Expectation


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_REGISTERED", {})


def found(name: str, text: str = "It is 2026.", threshold: float = 1.0) -> Check:
    return check(
        Expectation("python", name, threshold=threshold), Completion(text, 1, 1), inputs={"year": 2026}
    )


def test_a_registered_function_gets_answer_and_inputs() -> None:
    @expectation("says-the-year")
    def says_the_year(answer: str, inputs: Mapping[str, Any]) -> bool:
        return str(inputs["year"]) in answer

    assert found("says-the-year").status == "pass"
    assert found("says-the-year", "No.").reason == "gets False from says-the-year, where 1 is asked"


def test_a_share_is_compared_with_the_threshold() -> None:
    expectation("half")(lambda answer, inputs: 0.5)
    assert found("half", threshold=0.5).status == "pass"
    assert found("half", threshold=0.6).status == "fail"
    assert found("half", threshold=0.6).score == 0.5


def test_a_function_that_breaks_or_returns_nonsense_is_an_error() -> None:
    def broken(answer: str, inputs: Mapping[str, Any]) -> bool:
        raise KeyError("year")

    expectation("broken")(broken)
    expectation("odd")(lambda answer, inputs: "yes")  # type: ignore[arg-type,return-value]
    expectation("beyond")(lambda answer, inputs: 7)
    assert found("broken").reason == "got KeyError from broken: 'year'"
    assert {found(name).status for name in ("broken", "odd", "beyond")} == {"error"}


def test_one_that_nobody_registered_is_an_error_that_says_where_they_come_from() -> None:
    assert found("nobody").status == "error"
    assert "conftest.py" in found("nobody").reason


def test_a_name_is_registered_once() -> None:
    def first(answer: str, inputs: Mapping[str, Any]) -> bool:
        return True

    def second(answer: str, inputs: Mapping[str, Any]) -> bool:
        return True

    expectation("one")(first)
    expectation("one")(first)
    with pytest.raises(Usage, match="EVL020"):
        expectation("one")(second)
    with pytest.raises(Usage, match="EVL020"):
        expectation("no such name")(first)
