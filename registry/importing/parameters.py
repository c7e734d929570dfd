"""Decoding parameters of a foreign file that our own schema takes, and the report of the rest.

It must never carry a value that lint refuses, nor leave one out in silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

import jsonschema_rs

from registry.authoring.resources import schema_text
from registry.importing.models import parameters_of
from registry.importing.port import Note
from serve.core.model import Json
from serve.core.payloads import PARAMETERS

ANSWER_TOKENS = 1024
_WHY: Mapping[str, str] = {
    "stream": "is the caller's choice, call by call",
    "stream_options": "are the caller's choice, call by call",
    "n": "one answer is asked for here",
    "best_of": "one answer is asked for here",
    "user": "belongs to the call, not to the prompt",
    "tool_choice": "is the caller's choice, call by call",
    "function_call": "is the caller's choice, call by call",
    "logit_bias": "has no counterpart that all engines know",
}


def carried(written: Mapping[str, Json], engine: str) -> tuple[dict[str, Json], tuple[Note, ...]]:
    """The parameters that the engine knows, under our names and with values in range, and what became of the rest."""
    plain, notes = dict[str, Json](), list[Note]()
    for key, value in written.items():
        if key in _WHY:
            if value is not None:
                notes.append(Note("lost", f"parameter {key}", _WHY[key]))
        elif isinstance(value, str) and value.strip().startswith("${"):
            notes.append(
                Note("lost", f"parameter {key}", f"{value.strip()} is filled in by its own tool only")
            )
        else:
            plain[key] = value
    known, told = parameters_of(plain, PARAMETERS[engine])
    notes += told
    kept: dict[str, Json] = {}
    for name, value in known.items():
        fitted = _fitted(name, value)
        if fitted is None:
            notes.append(Note("lost", f"parameter {name}", f"{_short(value)} is out of its range here"))
            continue
        if fitted != value:
            notes.append(Note("changed", f"parameter {name}", f"{_short(value)} is {_short(fitted)} here"))
        kept[name] = fitted
    if engine == "anthropic" and "maxTokens" not in kept:
        kept["maxTokens"] = ANSWER_TOKENS
        why = f"is {ANSWER_TOKENS}, since this engine takes no call without one and the file gives none"
        notes.append(Note("changed", "parameter maxTokens", why))
    return kept, tuple(notes)


def _fitted(name: str, value: Json) -> Json:
    """The value, or the same said as the schema wants it; None where there is no such form."""
    for form in _forms(value, is_whole=_schema(name).get("type") == "integer"):
        if _validator(name).is_valid(form):
            return form
    return None


def _forms(value: Json, *, is_whole: bool) -> list[Json]:
    if isinstance(value, float) and is_whole and value.is_integer():
        return [int(value)]  # 10.0 is a whole number to JSON Schema, and none to every provider
    forms = [value]
    if isinstance(value, str):
        with suppress(ValueError):
            forms.append(json.loads(value))
        forms.append([value])
    return forms


def _short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


@cache
def _validator(name: str) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(_schema(name))


def _schema(name: str) -> dict[str, Json]:
    schema: dict[str, Json] = _schemas()[name]
    return schema


@cache
def _schemas() -> Mapping[str, Json]:
    whole: Mapping[str, Json] = json.loads(schema_text("model.schema.json"))
    held: Mapping[str, Json] = whole["definitions"]["parameters"]["properties"]
    return held
