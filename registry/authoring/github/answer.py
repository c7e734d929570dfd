"""Parameters and the shape of the answer, under our names.

It must never make up a value: what cannot be carried over is left out and told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from serve.core.model import Json
from serve.core.payloads import PARAMETERS

Tell = Callable[[str, str], None]
_KNOWN = {re.sub("[-_]", "", name).lower(): name for table in PARAMETERS.values() for name in table}
_ALIASES = {
    **_KNOWN,
    **dict.fromkeys(("maxcompletiontokens", "maxoutputtokens", "maxnewtokens", "maxlength"), "maxTokens"),
    "stopsequences": "stop",
}
_WORDS = ("stop", "reasoningEffort")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?\Z")
_LONG = 300


class _UnusableError(ValueError):
    """A schema that is none, in one clause."""


def parameters(written: Mapping[str, Json], known: Collection[str]) -> Iterator[tuple[str, str, Json, str]]:
    """Each parameter as written: its key, our name for it (empty: left out), its value, and what to tell of it.

    Args:
        written: ``modelParameters``.
        known: the parameters that GitHub's engine takes.
    """
    given: set[str] = set()
    for key, value in written.items():
        name = _ALIASES.get(re.sub("[-_]", "", key).lower(), "")
        if value is None:
            yield key, "", None, ""
        elif name not in known:
            yield key, "", None, f"{key} is no parameter here, so it is left out."
        elif name in given or (name != key and name in written):
            yield key, "", None, f"{key} stands beside {name}, which counts."
        else:
            given.add(name)
            yield key, name, *_value(key, name, value)


def _value(key: str, name: str, value: Json) -> tuple[Json, str]:
    told = f"{key} is {name} here." if name != key else ""
    if name == "stop" and isinstance(value, str):
        return [value], told or "stop is a list here."
    if name in _WORDS or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        whole = isinstance(value, float) and value.is_integer() and name in ("maxTokens", "seed")
        return (int(value) if whole else value), told
    if isinstance(value, str) and _NUMBER.match(value):
        number = float(value) if "." in value else int(value)
        return number, f"{key} is text, read as the number {number}."
    return None, f"{key} must be a number, so it is left out."


def output(data: Mapping[str, Json], tell: Tell) -> Json:
    """Our ``output`` from ``responseFormat`` and ``jsonSchema``; None where the answer is free text."""
    wanted, written = data.get("responseFormat"), data.get("jsonSchema")
    if wanted == "json_object":
        tell("responseFormat: json_object asks for JSON of no particular shape, which is not carried over.",
             "Write output: {schema: {type: object, …}} with the shape, or ask for JSON in a message.")  # fmt: skip
    elif wanted not in (None, "text", "json_schema"):
        tell("responseFormat is none of text, json_object, json_schema, so it is left out.",
             "Write output: {schema: …} where the answer has a shape, else remove it.")  # fmt: skip
    if wanted != "json_schema":
        if written is not None and wanted is None:
            tell("jsonSchema counts only beside responseFormat: json_schema, so it is left out.",
                 "Write output: {schema: …} instead, or remove it.")  # fmt: skip
        return None
    try:
        shape = _shape(written)
    except _UnusableError as fault:
        tell(
            f"{fault}, so the answer is free text.",
            "Write output: {name: answer, schema: {type: object, …}} instead.",
        )
        return None
    tell("responseFormat and jsonSchema are one key here, output.", f"Write {_replacement(shape)} instead.")
    return shape


def _shape(written: Json) -> dict[str, Json]:
    if written is None:
        raise _UnusableError("responseFormat: json_schema has no jsonSchema beside it")
    held = _parsed(written) if isinstance(written, str) else written
    if not isinstance(held, dict):
        raise _UnusableError("jsonSchema holds no schema")
    if "schema" not in held and not {"type", "properties"} & held.keys():
        raise _UnusableError("jsonSchema holds neither schema nor type")
    schema = held.get("schema", held)
    if not isinstance(schema, dict):
        raise _UnusableError("the schema in jsonSchema is none")
    name = held.get("name") if "schema" in held else None
    return {"schema": schema} | ({"name": name} if isinstance(name, str) and _NAME.match(name) else {})


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise _UnusableError("jsonSchema nests too deeply") from error
    except ValueError as error:
        raise _UnusableError(f"jsonSchema is not JSON ({str(error).split(':')[0]})") from error


def _replacement(shape: Mapping[str, Json]) -> str:
    text = f"output: {json.dumps(shape, ensure_ascii=False)}"
    return text if len(text) <= _LONG else "output: {schema: …} with the same schema"
