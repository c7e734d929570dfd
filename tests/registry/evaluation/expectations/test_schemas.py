from __future__ import annotations

import pytest

from registry.evaluation.expectations.schemas import misfit, schema_problems


def test_a_value_that_fits_has_no_misfit() -> None:
    assert misfit({"type": "integer"}, 7.0) is None
    assert misfit(None, "anything") is None


def test_a_misfit_says_where() -> None:
    told = misfit({"properties": {"a": {"items": {"type": "integer"}}}}, {"a": [1, "x"]})
    assert told is not None
    assert told.startswith("['a'][1] does not fit the schema")


@pytest.mark.parametrize(
    "schema",
    [{"format": "email"}, {"$schema": "https://json-schema.org/draft/2020-12/schema", "format": "email"}],
)
def test_formats_are_checked(schema: dict[str, str]) -> None:
    assert misfit(schema, "ann@example.org") is None
    assert misfit(schema, "ann") is not None


def test_words_of_draft_7_are_read_as_draft_7() -> None:
    pair = {"items": [{"type": "string"}, {"type": "integer"}], "additionalItems": False}
    assert list(schema_problems(pair)) == []
    assert misfit(pair, ["a", 1]) is None
    assert misfit(pair, ["a", 1, 2]) is not None
    assert misfit({"dependencies": {"a": ["b"]}}, {"a": 1}) is not None


def test_words_of_today_are_read_as_of_today() -> None:
    assert misfit({"prefixItems": [{"type": "string"}], "items": False}, ["a", 1]) is not None


@pytest.mark.parametrize("schema", [{"type": "sting"}, {"$ref": "http://127.0.0.1:9/x.json"}])
def test_what_is_no_schema_is_a_problem_and_nothing_is_fetched(schema: dict[str, str]) -> None:
    (problem,) = schema_problems(schema)
    assert problem.code == "SUI007"


def test_a_value_nested_beyond_all_measure_does_not_crash() -> None:
    value: object = 1
    for _ in range(900):
        value = [value]
    assert misfit({"type": "array"}, value) is None or "nested" in str(misfit({"type": "array"}, value))
