"""Checks of JSON in an answer: is-json, contains-json, json.

It must never accept what a strict parser refuses, nor fetch a schema from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NoReturn

import jsonschema_rs

from registry.evaluation.expectations import json_path
from registry.evaluation.expectations.outcome import ExpectationType, Outcome, Subject, bad_value, excerpt
from registry.evaluation.expectations.pattern import pattern_problems, search
from registry.evaluation.expectations.strict_json import NotJson, find_all, parse, same
from registry.evaluation.problem import Problem, unknown_keys
from registry.evaluation.records import Expectation
from serve.core.model import Json

OWN_SCHEMA = "output"  # the value that stands for the prompt's own output schema
_OPERATORS = ("equals", "in", "matches")


def wants_own_schema(expectation: Expectation) -> bool:
    """True where an expectation can only be examined with the prompt's output schema."""
    return expectation.type in ("is-json", "contains-json") and expectation.value == OWN_SCHEMA


def _no_fetching(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is outside of the schema")


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    return jsonschema_rs.validator_for(json.loads(schema), retriever=_no_fetching)


def _misfit(schema: Mapping[str, Json] | None, value: Json) -> str | None:
    """Where and why a value does not fit a schema, or None when it fits."""
    if schema is None:
        return None
    error = next(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value), None)
    if error is None:
        return None
    place = "".join(f"[{step!r}]" for step in error.instance_path) or "it"
    return f"{place} does not fit the schema: {error.message}"


def _schema(expectation: Expectation, subject: Subject) -> Mapping[str, Json] | None:
    held: Mapping[str, Json] | None = expectation.value
    return subject.output_schema if expectation.value == OWN_SCHEMA else held


def _is_json(expectation: Expectation, subject: Subject) -> Outcome:
    try:
        value = parse(subject.text)
    except NotJson as problem:
        return Outcome(False, f"is not JSON: {problem}")
    misfit = _misfit(_schema(expectation, subject), value)
    return Outcome(misfit is None, misfit or "is JSON of the shape asked for")


def _contains_json(expectation: Expectation, subject: Subject) -> Outcome:
    values = find_all(subject.text)
    if not values:
        return Outcome(False, "holds no JSON object or array")
    misfits = [_misfit(_schema(expectation, subject), value) for value in values]
    return Outcome(
        None in misfits, "holds JSON of the shape asked for" if None in misfits else str(misfits[0])
    )


def _json(expectation: Expectation, subject: Subject) -> Outcome:
    path = expectation.value["path"]
    try:
        value = json_path.look_up(parse(subject.text), path)
    except NotJson as problem:
        return Outcome(False, f"is not JSON: {problem}", decided=False)
    except json_path.NothingThere:
        return Outcome(False, f"has nothing at {path}", decided=False)
    asked = {word: wanted for word, wanted in expectation.value.items() if word != "path"}
    told = f"has {excerpt(json.dumps(value))} at {path}, asked {excerpt(json.dumps(asked))}"
    return Outcome(_satisfies(expectation.value, value), told)


def _satisfies(rule: Mapping[str, Json], value: Json) -> bool:
    if "equals" in rule:
        return same(value, rule["equals"])
    if "in" in rule:
        return any(same(value, item) for item in rule["in"])
    return isinstance(value, str) and search(rule["matches"], value) is not None


def _schema_problems(value: Json) -> Iterator[Problem]:
    if value is None or value == OWN_SCHEMA:
        return
    if not isinstance(value, dict):
        hint = f"Write {OWN_SCHEMA} for the prompt's own schema, or a JSON Schema, or nothing."
        yield bad_value("The value must be a schema.", hint)
        return
    try:
        _validator(json.dumps(value, sort_keys=True))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        why = str(error).splitlines()[0].rstrip(".")
        yield bad_value(f"This is not a JSON Schema: {why}.", "Mend the schema; references stay within it.")


def _json_problems(value: Json) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield bad_value(
            "The value must say path and one of equals, in, matches.",
            "Write {path: $.team, equals: billing}.",
        )
        return
    yield from unknown_keys(value, ("path", *_OPERATORS), "json")
    given = [key for key in _OPERATORS if key in value]
    if len(given) != 1:
        yield bad_value(
            "Exactly one of equals, in, matches is needed.",
            "Split it into two expectations if both must hold.",
        )
    if "in" in value and (not isinstance(value["in"], list) or not value["in"]):
        yield bad_value("in must be a list with at least one value.", "Write in: [first, second].", "in")
    if "matches" in value:
        yield from pattern_problems(value["matches"], "matches")
    yield from _path_problems(value.get("path"))


def _path_problems(path: Json) -> Iterator[Problem]:
    if not isinstance(path, str):
        yield bad_value("path is missing or is not text.", "Write path: $.team.", "path")
        return
    try:
        json_path.steps_of(path)
    except json_path.PathError as error:
        yield bad_value(
            f"The path does not parse: {error}.", "Write $.name, $.list[0] or $['odd name'].", "path"
        )


TYPES = (
    ExpectationType("is-json", _is_json, _schema_problems),
    ExpectationType("contains-json", _contains_json, _schema_problems),
    ExpectationType("json", _json, _json_problems),
)
