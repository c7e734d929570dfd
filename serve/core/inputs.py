"""Strict, typed inputs: what a caller hands over is checked before a template sees it.

A missing, extra or wrongly typed variable is the caller's mistake and is named, never papered over.
It must never quote a value in a message: values may be secrets or strangers' words.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from serve.core.errors import InputsRefused
from serve.core.model import Json, Placeholder, Prompt

CANARY = "canary"  # the input that is filled in by whoever renders
GREATEST = 1e300  # of any number in an input
_COMPOSED = ("anyOf", "oneOf", "allOf")
_SCHEMAS = frozenset(("items", "properties", "additionalProperties", *_COMPOSED))
_TEXT: Json = {"type": "string"}
_NAME: Json = {"type": "string", "minLength": 1}
_CALL: Json = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "name", "arguments"],
    "properties": {"id": _NAME, "name": _NAME, "arguments": {"type": "object"}},
}
_TURN: Json = {
    "user": {"required": ["role", "content"], "properties": {"role": True, "content": _TEXT}},
    "assistant": {
        "anyOf": [{"required": ["role", "content"]}, {"required": ["role", "toolCalls"]}],
        "properties": {
            "role": True,
            "content": _TEXT,
            "toolCalls": {"type": "array", "minItems": 1, "items": _CALL},
        },
    },
    "tool": {
        "required": ["role", "content", "toolCallId"],
        "properties": {"role": True, "content": _TEXT, "toolCallId": _NAME},
    },
}
_HISTORY: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["role"],
        "properties": {"role": {"enum": list(_TURN)}},
        "allOf": [
            {
                "if": {"properties": {"role": {"const": role}}},
                "then": {"additionalProperties": False, **turn},
            }
            for role, turn in _TURN.items()
        ],
    },
}
_HISTORY_FORM = (
    "A history holds turns {role: user, content}, {role: assistant, content, toolCalls: [{id, name, arguments}]} "
    "and {role: tool, toolCallId, content}."
)


def marker_of(prompt: str, key: bytes = b"") -> str:
    """The canary of a prompt: the same in every process that has the same key, and nowhere else in any text.

    Without a key it can be worked out by whoever knows the prompt's id; it is as good a tripwire all the same.
    """
    return f"py-{hmac.new(key, f'promptyard canary {prompt}'.encode(), hashlib.sha256).hexdigest()[:16]}"


def with_marker(prompt: str, inputs: Mapping[str, Mapping[str, Json]]) -> Mapping[str, Mapping[str, Json]]:
    """Declared inputs in which one named ``canary`` has the prompt's marker as its default, if it has no other."""
    declared = inputs.get(CANARY)
    if declared is None or "default" in declared:
        return inputs
    return {**inputs, CANARY: {**declared, "default": marker_of(prompt)}}


def history_names(prompt: Prompt) -> frozenset[str]:
    """The names of a prompt's placeholders, in all its variants."""
    arms = [prompt.messages, *(variant.messages for variant in prompt.variants.values())]
    return frozenset(item.history for items in arms for item in items if isinstance(item, Placeholder))


class Inputs:
    """The compiled check of one prompt's inputs."""

    __slots__ = (
        "_accepts",
        "_defaults",
        "_histories",
        "_names",
        "_nullable",
        "_prompt",
        "_required",
        "_schemas",
    )

    def __init__(self, prompt: Prompt) -> None:
        import jsonschema_rs  # 10 ms that nothing needs before the first prompt

        self._prompt = prompt.id
        self._schemas: dict[str, Json] = {name: _plain(schema) for name, schema in prompt.inputs.items()}
        self._nullable = [name for name, schema in self._schemas.items() if _is_nullable(schema)]
        self._histories = sorted(history_names(prompt))
        self._schemas.update(dict.fromkeys(self._histories, _HISTORY))
        self._names = self._schemas.keys()
        self._defaults = {
            n: s["default"] for n, s in self._schemas.items() if isinstance(s, dict) and "default" in s
        }
        self._required = self._names - self._defaults.keys()
        whole = {"type": "object", "properties": self._schemas, "required": sorted(self._names)}
        self._accepts = jsonschema_rs.validator_for(whole | {"additionalProperties": False}).is_valid

    def check(self, values: Mapping[str, Any], release: int) -> Mapping[str, Any]:
        """The values with defaults filled in.

        Raises:
            InputsRefused: INP001 missing, INP002 not declared, INP003 not what the schema says, INP007 a
                history in which calls of tools and their answers do not go together.
        """
        whole = {**self._defaults, **values} if self._defaults or type(values) is not dict else values
        try:
            accepted = self._accepts(whole)
        except ValueError:  # the validator's word for a value that JSON does not have
            accepted = False
        if not accepted:
            raise self._refusal(whole, release)
        for name in self._nullable:
            if not _is_json(whole[name]):
                what = f"prompt {self._prompt}{_of(release)}: the variable {name} holds a number that JSON has not"
                raise InputsRefused("INP003", what, f"Pass finite numbers, up to {GREATEST:g}.")
        for name in self._histories:
            if not all(_is_json(turn["toolCalls"]) for turn in whole[name] if "toolCalls" in turn):
                what = f"prompt {self._prompt}{_of(release)}: the history {name} has a call that is not JSON"
                raise InputsRefused("INP003", what, "Pass finite numbers only.")
            problem = _loose_end(whole[name])
            if problem is not None:
                what = f"prompt {self._prompt}{_of(release)}: the history {name}{problem}"
                advice = (
                    "After toolCalls comes one tool turn for each call, with its id, before anything else."
                )
                raise InputsRefused("INP007", what, advice)
        return whole

    def _refusal(self, whole: Mapping[str, Any], release: int) -> InputsRefused:
        where = f"prompt {self._prompt}{_of(release)}"
        unknown = sorted(map(str, whole.keys() - self._names))
        missing = sorted(self._required - whole.keys())
        for name in missing:
            also = f" No variable {unknown[0]} is declared." if unknown else ""
            advice = (
                f"Pass {name}, [] where nothing was said before."
                if name in self._histories
                else f"Pass {name}."
            )
            if len(missing) > 1:
                names = f"{', '.join(missing[:-1])} and {missing[-1]}"
                return InputsRefused(
                    "INP001",
                    f"{where}: the variables {names} are missing",
                    f"Pass {', '.join(missing)}.{also}",
                )
            return InputsRefused("INP001", f"{where}: the variable {name} is missing", advice + also)
        for name in unknown:
            known = ", ".join(sorted(self._names)) or "none"
            return InputsRefused(
                "INP002", f"{where}: no variable {name} is declared", f"Declared are: {known}."
            )
        for name in sorted(self._names):
            for place, rule in _misfits(self._schemas[name], whole[name]):
                if name in self._histories:
                    what = f"{where}: the history {name}{place} is not a turn of a conversation"
                    return InputsRefused("INP003", what, _HISTORY_FORM)
                what = f"{where}: the variable {name}{place} does not fit its schema ({rule})"
                end = f" Numbers go up to {GREATEST:g}." if rule.endswith(("minimum", "maximum")) else ""
                return InputsRefused("INP003", what, "Pass a value of the declared type and size." + end)
        return InputsRefused("INP003", f"{where}: the inputs are not JSON values", "Pass JSON values only.")


def _of(release: int) -> str:
    """Which release a prompt is of; 0 stands for files that were never released."""
    return f" (release {release})" if release else ""


def _misfits(schema: Json, value: Any) -> Iterator[tuple[str, str]]:
    """Where in a value which rule of its schema is broken."""
    import jsonschema_rs

    try:
        for error in jsonschema_rs.validator_for(schema).iter_errors(value):
            place = "".join(f"[{step!r}]" for step in error.instance_path)
            yield place, "/".join(str(step) for step in error.schema_path)
    except ValueError:
        yield "", "not a JSON value"


def _loose_end(earlier: Sequence[Mapping[str, Any]]) -> str | None:
    """Where calls of tools and their answers do not go together; every provider refuses such a history."""
    waiting: set[str] = set()
    for place, message in enumerate(earlier):
        if message["role"] == "tool":
            if message["toolCallId"] not in waiting:
                return f"[{place}] answers no call before it"
            waiting.remove(message["toolCallId"])
        elif waiting:
            return f"[{place}] comes before every call was answered"
        elif "toolCalls" in message:
            waiting = {call["id"] for call in message["toolCalls"]}
            if len(waiting) < len(message["toolCalls"]):
                return f"[{place}] has two calls of one id"
    return " ends before every call was answered" if waiting else None


def _is_json(value: Any) -> bool:
    """False where a number is none, or endless: the validator takes it for null."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _plain(schema: Mapping[str, Json]) -> Json:
    return _with_limits({key: value for key, value in schema.items() if key != "trust"})


def _is_nullable(schema: Json) -> bool:
    """True where null fits some part that the schema names."""
    if not isinstance(schema, Mapping):
        return False
    kinds = schema.get("type")
    if (kinds == "null" or "null" in (kinds or ())) or None in (
        schema.get("const", 0),
        *schema.get("enum", ()),
    ):
        return True
    held = [schema[key] for key in _SCHEMAS & schema.keys() if key not in ("properties", *_COMPOSED)]
    held += [
        *schema.get("properties", {}).values(),
        *(each for key in _COMPOSED for each in schema.get(key, ())),
    ]
    return any(map(_is_nullable, held))


def _with_limits(schema: Json) -> Json:
    """The schema with an end to every number: beyond it Python can neither add nor print them all."""
    if not isinstance(schema, Mapping):
        return schema
    made = {key: value for key, value in schema.items() if key not in _SCHEMAS}
    for key in _SCHEMAS & schema.keys():
        held = schema[key]
        if key in _COMPOSED:
            made[key] = [_with_limits(each) for each in held]
        elif key == "properties":
            made[key] = {name: _with_limits(each) for name, each in held.items()}
        else:
            made[key] = _with_limits(held)
    kinds = made.get("type")
    if {"number", "integer"} & set([kinds] if isinstance(kinds, str) else kinds or ()):
        made["minimum"] = max(made.get("minimum", -GREATEST), -GREATEST)
        made["maximum"] = min(made.get("maximum", GREATEST), GREATEST)
    return made
