"""Documents against their JSON Schemas, said in sentences a writer understands.

The only file that imports jsonschema. A fast validator says whether there is anything to say at all, the slow
one what it is.
It must never show a validator's own dump, nor fetch a schema by network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from registry.authoring.parse import Document, Steps
from registry.authoring.resources import schema_text
from registry.diagnostics import Diagnostic
from registry.validation.mends import Mend, mend_key, mend_value, no_mend
from registry.validation.suggest import did_you_mean, surely
from serve.core.model import Json

if TYPE_CHECKING:
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import ValidationError

_DRAFT_7 = "http://json-schema.org/draft-07/schema"
_BASE = "json-schema:///"  # the fast validator resolves references against whole addresses only
_SHARED = ("model.schema.json",)  # schemas that others point into
_LONG = 160  # characters; a longer example hides the sentence before it
_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}
_TYPES = (
    (type(None), "null"),
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
)
_CLAUSES: Mapping[str, str] = {
    "const": "must be {wanted}",
    "pattern": "must match {wanted}",
    "minLength": "must have at least {wanted} characters",
    "maxLength": "must have at most {wanted} characters",
    "minItems": "must have at least {wanted} items",
    "maxItems": "must have at most {wanted} items",
    "minProperties": "must have at least {wanted} keys",
    "maxProperties": "must have at most {wanted} keys",
    "contains": "lacks an item that must be among the others",
    "uniqueItems": "must not hold the same item twice",
    "minimum": "must be at least {wanted}",
    "maximum": "must be at most {wanted}",
    "exclusiveMinimum": "must be greater than {wanted}",
    "exclusiveMaximum": "must be smaller than {wanted}",
    "not": "has a form that is not allowed here",
    "anyOf": "has none of the allowed forms",
    "oneOf": "must have exactly one of the allowed forms",
    "dependencies": "lacks a key that another key here needs",
}


@dataclass(frozen=True, slots=True)
class _Broken:
    """One broken rule: where, its name, what it wants, what stands there, and the schema it is part of."""

    steps: Steps
    rule: str
    wanted: Any
    found: Json
    schema: Mapping[str, Any]
    of_key: bool


def check(document: Document, schema: str) -> Iterator[Diagnostic]:
    """What a document lacks against a schema by its file name, as SCH001 at the key in question.

    Raises:
        Unavailable: when the installation lacks the schema.
    """
    if _fast_validator(schema).is_valid(document.data):
        return
    errors = _validator(schema).iter_errors(document.data)
    found: dict[tuple[Steps, str], tuple[str, Mend]] = {}
    for steps, message, hint, mend in (finding for error in errors for finding in _findings(_broken(error))):
        found.setdefault((steps, message), (hint, mend))
    for (steps, message), (hint, mend) in found.items():
        said = hint or f"See schemas/{schema}."
        yield Diagnostic("SCH001", "error", document.place(*steps), message, said, mend(document, steps))


@cache
def _fast_validator(name: str) -> jsonschema_rs.Draft7Validator:
    shared = {f"{_BASE}{other}": json.loads(schema_text(other)) for other in _SHARED}
    whole = {**json.loads(schema_text(name)), "$id": f"{_BASE}{name}"}
    registry = jsonschema_rs.Registry([(url, {**held, "$id": url}) for url, held in shared.items()])
    return jsonschema_rs.Draft7Validator(whole, registry=registry)


@cache
def _validator(name: str) -> Draft7Validator:
    from jsonschema import Draft7Validator
    from referencing import Registry, Resource

    registry: Registry[Any] = Registry().with_resource(
        _DRAFT_7, Resource.from_contents(Draft7Validator.META_SCHEMA)
    )
    for other in _SHARED:
        registry = registry.with_resource(other, Resource.from_contents(json.loads(schema_text(other))))
    return Draft7Validator(json.loads(schema_text(name)), registry=registry)


def _broken(error: ValidationError) -> _Broken:
    from jsonschema.exceptions import best_match

    told = isinstance(error.schema, Mapping) and "errorMessage" in error.schema
    inner = best_match(iter([error])) if error.context and not told else None
    chosen = inner or error
    wanted: Any = chosen.validator_value
    found: Any = chosen.instance
    schema: Any = chosen.schema
    return _Broken(
        steps=tuple(chosen.absolute_path),
        rule=str(chosen.validator),
        wanted=wanted,
        found=found,
        schema=schema if isinstance(schema, Mapping) else {},
        of_key="propertyNames" in chosen.absolute_schema_path,
    )


def _findings(broken: _Broken) -> Iterator[tuple[Steps, str, str, Mend]]:
    known: Mapping[str, Any] = broken.schema.get("properties", {})
    if broken.of_key:
        key = (*broken.steps, broken.found)
        yield key, f"The key {broken.found} {_sentence(broken)}.", _hint(broken), no_mend
    elif broken.rule == "additionalProperties" and broken.wanted is False:
        for key in (key for key in broken.found if key not in known):
            hint = _meant(key, known, broken.found)
            yield (*broken.steps, key), f"{key} is not a known key here.", hint, mend_key(key, known)
    elif broken.rule == "required":
        for name in _lacking(broken, known):
            yield broken.steps, f"{_name(broken.steps)} lacks {name}.", _about(known.get(name, {})), no_mend
    else:
        mend = mend_value(broken.rule, broken.wanted, broken.found)
        yield broken.steps, f"{_name(broken.steps)} {_sentence(broken)}.", _hint(broken), mend


def _meant(key: str, known: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What to do about an unknown key. One that is there already is meant only where it is spelt nearly so."""
    sure = surely(key, known)
    free = [name for name in known if name not in found]
    said = f"Did you mean {sure}?" if sure else _home_of(key, known) or did_you_mean(key, free)
    return said or f"The keys here are: {', '.join(known) or 'none'}."


def _home_of(key: str, known: Mapping[str, Any]) -> str:
    """The key here below which an unknown one has its place: a parameter of the model, most often."""
    homes = (name for name, schema in known.items() if key in _inner(schema).get("properties", {}))
    home = next(homes, None)
    return f"It stands below {home}: write {home}: {{{key}: …}}." if home else ""


def _inner(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema, or what it points to in a shared file."""
    name, _, pointer = str(schema.get("$ref", "")).partition("#/definitions/")
    if name not in _SHARED:
        return schema
    shared: Mapping[str, Any] = json.loads(schema_text(name))["definitions"][pointer]
    return shared


def _lacking(broken: _Broken, known: Mapping[str, Any]) -> Iterator[str]:
    """Required keys that are not there, under another spelling neither: that one is told by itself."""
    meant = {surely(key, known) for key in broken.found if key not in known}
    return (key for key in broken.wanted if key not in broken.found and key not in meant)


def _name(steps: Steps) -> str:
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return written.removeprefix(".") or "The file"


def _sentence(broken: _Broken) -> str:
    told = broken.schema.get("errorMessage")
    if broken.rule == "pattern":
        told = told or broken.schema.get("patternErrorMessage")
    if told:
        return str(told)
    if broken.rule == "type":
        wanted = broken.wanted if isinstance(broken.wanted, list) else [broken.wanted]
        found = next((name for kind, name in _TYPES if isinstance(broken.found, kind)), "object")
        return f"must be {' or '.join(_NAMES[name] for name in wanted)}; {_NAMES[found]} stands there"
    if broken.rule == "enum":
        return f"must be one of {', '.join(map(str, broken.wanted))}"
    if broken.rule in ("minLength", "minItems", "minProperties") and broken.wanted == 1:
        return "must not be empty"
    clause = _CLAUSES.get(broken.rule, f"does not fit the schema ({broken.rule})")
    return clause.format(wanted=json.dumps(broken.wanted, ensure_ascii=False) if "{" in clause else "")


def _hint(broken: _Broken) -> str:
    if broken.rule == "enum" and isinstance(broken.found, str):
        return did_you_mean(broken.found, [str(value) for value in broken.wanted]) or _about(broken.schema)
    if broken.rule == "type" and broken.wanted == "string" and isinstance(broken.found, (bool, int, float)):
        return "Quote it, if it is meant as text."
    if broken.rule == "type" and broken.wanted == "string" and isinstance(broken.found, dict):
        return "Quote it, if it is meant as text: what stands before a colon and a space is taken for a key."
    return _about(broken.schema)


def _about(schema: Any) -> str:
    rules = schema if isinstance(schema, Mapping) else {}
    examples = rules.get("examples", ())
    example = json.dumps(examples[0], ensure_ascii=False) if examples else ""
    told = f" Example: {example}" if 0 < len(example) <= _LONG else ""
    return f"{rules.get('description', '')}{told}".strip()
