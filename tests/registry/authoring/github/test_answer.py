"""Parameters and the shape of the answer under our names; what cannot be carried over is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.authoring.github.answer import output, parameters
from serve.core.payloads import PARAMETERS

KNOWN = PARAMETERS["openai-compatible"]
SCHEMA = {"type": "object", "properties": {"team": {"type": "string"}}}


@pytest.mark.parametrize(
    ("key", "value", "name", "ours", "told"),
    [
        ("maxTokens", 5, "maxTokens", 5, ""),
        ("max_tokens", 5, "maxTokens", 5, "max_tokens is maxTokens here."),
        ("maxCompletionTokens", 5.0, "maxTokens", 5, "maxCompletionTokens is maxTokens here."),
        ("max_completion_tokens", 5, "maxTokens", 5, "max_completion_tokens is maxTokens here."),
        ("top_p", 0.5, "topP", 0.5, "top_p is topP here."),
        ("temperature", "0.7", "temperature", 0.7, "temperature is text, read as the number 0.7."),
        ("temperature", "hot", "temperature", None, "temperature must be a number, so it is left out."),
        ("temperature", True, "temperature", None, "temperature must be a number, so it is left out."),
        ("temperature", "NaN", "temperature", None, "temperature must be a number, so it is left out."),
        ("stop", "END", "stop", ["END"], "stop is a list here."),
        ("top_k", 3, "", None, "top_k is no parameter here, so it is left out."),
        ("seed", None, "", None, ""),
    ],
)
def test_a_parameter_is_carried_over_or_told(key: str, value: Any, name: str, ours: Any, told: str) -> None:
    assert list(parameters({key: value}, KNOWN)) == [(key, name, ours, told)]


def test_of_two_names_for_one_parameter_ours_counts_else_the_first() -> None:
    found = list(parameters({"max_tokens": 1, "maxTokens": 2, "top_p": 1, "TopP": 0.5}, KNOWN))
    assert [(name, value) for _, name, value, _ in found] == [
        ("", None),
        ("maxTokens", 2),
        ("topP", 1),
        ("", None),
    ]
    assert found[0][3] == "max_tokens stands beside maxTokens, which counts."


def shape(**data: Any) -> tuple[Any, list[str]]:
    told: list[str] = []
    made = output(data, lambda what, instead: told.append(f"{what} {instead}"))
    return made, told


@pytest.mark.parametrize(
    "written", [json.dumps({"name": "t", "strict": True, "schema": SCHEMA}), {"name": "t", "schema": SCHEMA}]
)
def test_a_schema_comes_as_text_or_as_keys(written: Any) -> None:
    made, (told,) = shape(responseFormat="json_schema", jsonSchema=written)
    assert made == {"schema": SCHEMA, "name": "t"}
    assert f"Write output: {json.dumps(made)} instead." in told


def test_a_schema_without_its_wrapper_is_one_too() -> None:
    assert shape(responseFormat="json_schema", jsonSchema=SCHEMA)[0] == {"schema": SCHEMA}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"responseFormat": "json_object"}, "no particular shape"),
        ({"responseFormat": "xml"}, "none of text, json_object, json_schema"),
        ({"responseFormat": "json_schema"}, "has no jsonSchema"),
        ({"responseFormat": "json_schema", "jsonSchema": "{"}, "jsonSchema is not JSON"),
        ({"responseFormat": "json_schema", "jsonSchema": "[" * 10_000}, "jsonSchema"),
        ({"responseFormat": "json_schema", "jsonSchema": "[]"}, "holds no schema"),
        ({"responseFormat": "json_schema", "jsonSchema": {"name": "x"}}, "neither schema nor type"),
        ({"responseFormat": "json_schema", "jsonSchema": {"schema": 5}}, "the schema in jsonSchema is none"),
        ({"jsonSchema": "{}"}, "only beside responseFormat: json_schema"),
    ],
)
def test_what_has_no_shape_is_told_and_the_answer_is_free_text(data: dict[str, Any], words: str) -> None:
    made, (told,) = shape(**data)
    assert made is None
    assert words in told


def test_free_text_needs_no_word() -> None:
    assert shape(responseFormat="text") == (None, [])
    assert shape() == (None, [])


def test_a_name_that_no_provider_takes_is_left_out() -> None:
    assert shape(responseFormat="json_schema", jsonSchema={"name": "a b", "schema": SCHEMA})[0] == {
        "schema": SCHEMA
    }
