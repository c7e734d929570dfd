"""Checks of JSON in an answer: is-json, contains-json, json.

It must never accept what a strict parser refuses, nor fetch a schema from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from registry.evaluation.expectations import json_path
from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    bad_value,
    shortened,
    unclear,
)
from registry.evaluation.expectations.pattern import pattern_problems, search
from registry.evaluation.expectations.schemas import misfit, schema_problems
from registry.evaluation.expectations.strict_json import NotJson, find_all, parse, same
from registry.evaluation.problem import Problem, unknown_keys
from registry.evaluation.records import Expectation
from serve.core.model import Json

OWN_SCHEMA = "output"  # the value that stands for the prompt's own output schema
_OPERATORS = ("equals", "in", "matches")
_ASKED = {"equals": "", "in": "one of ", "matches": "a match of "}


def wants_own_schema(expectation: Expectation) -> bool:
    """True where an expectation can only be examined with the prompt's output schema."""
    return expectation.type in ("is-json", "contains-json") and expectation.value == OWN_SCHEMA


def _schema(expectation: Expectation, subject: Subject) -> Mapping[str, Json] | None:
    held: Mapping[str, Json] | None = expectation.value
    return subject.output_schema if expectation.value == OWN_SCHEMA else held


def _is_json(expectation: Expectation, subject: Subject) -> Outcome:
    try:
        value = parse(subject.text)
    except NotJson as problem:
        return Outcome(False, f"is not JSON: {problem}")
    why = misfit(_schema(expectation, subject), value)
    return Outcome(why is None, why or "is JSON of the shape asked for")


def _contains_json(expectation: Expectation, subject: Subject) -> Outcome:
    schema = _schema(expectation, subject)
    values = [piece for value in find_all(subject.text) for piece in _pieces(value, lists=schema is not None)]
    if not values:
        return Outcome(False, "holds no JSON object" if schema is None else "holds no JSON object or list")
    misfits = [misfit(schema, value) for value in values]
    return Outcome(
        None in misfits, "holds JSON of the shape asked for" if None in misfits else str(misfits[0])
    )


def _pieces(value: Json, *, lists: bool) -> Iterator[Json]:
    """Objects, those in lists too; a list itself only where a schema asks, for ``[1]`` is most often a footnote."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict) or (lists and isinstance(item, list)):
            yield item
        if isinstance(item, list):
            waiting += reversed(item)


def _json(expectation: Expectation, subject: Subject) -> Outcome:
    path = expectation.value["path"]
    try:
        value = json_path.look_up(parse(subject.text), path)
    except NotJson as problem:
        return unclear(f"is not JSON: {problem}")
    except json_path.NothingThere:
        return unclear(f"has nothing at {path}")
    word = next(word for word in _OPERATORS if word in expectation.value)
    told = f"has {_shown(value)} at {path}, where {_ASKED[word]}{_shown(expectation.value[word])} is asked"
    return Outcome(_satisfies(expectation.value, value), told)


def _shown(value: Json) -> str:
    """A value as JSON, short enough for one line."""
    return shortened(json.dumps(value, ensure_ascii=False))


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
    yield from schema_problems(value)


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
