"""An output schema as a form: its braces, names and commas are given, the model fills in the values.

What is listed in the schema is chosen by likelihood, a text is written freely up to its closing quote, a number up
to the first character that is no part of one. It shows what a service that constrains its model would answer.
It must never be the default: a form hides exactly the mistakes that a test of a prompt should show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serve.core.model import Json

_CLOSING = re.compile(r'(?<!\\)(?:\\\\)*"')
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_INTEGER = re.compile(r"\s*(-?\d+)")
_QUOTE = '"'


class NotAForm(ValueError):
    """A schema that says too little for a form; the message is one clause."""


def form_of(schema: Mapping[str, Json]) -> list[Json]:
    """The pieces of a form in order: ``{"write": text}``, ``{"choose": texts}``, ``{"fill": kind of value}``.

    A choice that is followed by fixed text has that text in each of its options, so that a short option is not
    taken for the beginning of a longer one.

    Raises:
        NotAForm: for a schema that is no object, or holds a value whose shape it leaves open.
    """
    if schema.get("type") != "object" or not schema.get("properties"):
        raise NotAForm("it must be an object with properties")
    pieces: list[dict[str, Any]] = []
    for piece in _pieces(schema, "the answer"):
        if "write" in piece and pieces and "write" in pieces[-1]:
            pieces[-1] = {"write": pieces[-1]["write"] + piece["write"]}
        elif "write" in piece and pieces and "choose" in pieces[-1]:
            pieces[-1] = {"choose": [text + piece["write"] for text in pieces[-1]["choose"]]}
        elif "write" in piece and pieces:
            pieces[-1] = {**pieces[-1], "then": pieces[-1]["then"] + piece["write"]}
        else:
            pieces.append(dict(piece))
    return list(pieces)


def _pieces(schema: Mapping[str, Json], name: str) -> Iterator[Mapping[str, Any]]:
    if "const" in schema:
        yield {"write": _text(schema["const"])}
        return
    values = [True, False] if schema.get("type") == "boolean" and "enum" not in schema else schema.get("enum")
    if values:
        texts = list(dict.fromkeys(_text(value) for value in values))
        yield {"choose": texts} if len(texts) > 1 else {"write": texts[0]}
        return
    kind = schema.get("type")
    if kind == "object" and schema.get("properties"):
        lead = "{"
        for key, inner in schema["properties"].items():
            yield {"write": f"{lead}{_text(key)}: "}
            yield from _pieces(inner, key)
            lead = ", "
        yield {"write": "}"}
    elif kind == "string":
        yield {"write": _QUOTE}
        yield {"fill": "string", "then": _QUOTE}
    elif kind in ("number", "integer"):
        yield {"fill": kind, "then": ""}
    elif kind == "null":
        yield {"write": "null"}
    else:
        raise NotAForm(
            f"because {name} is no text, number, boolean, list of values or object with properties"
        )


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass(slots=True)
class Filling:
    """One answer on its way through a form."""

    form: Sequence[Mapping[str, Any]]
    written: str = ""
    at: int = 0
    cut_short: bool = False

    def step(self) -> Mapping[str, Any] | None:
        """What the model is asked for next; None when the form is full."""
        while self.at < len(self.form) and "write" in self.form[self.at]:
            self.written += self.form[self.at]["write"]
            self.at += 1
        return self.form[self.at] if self.at < len(self.form) else None

    def take(self, text: str, *, whole: bool) -> None:
        """Put what the model said into the form. ``whole`` is False where the limit on tokens cut it."""
        piece = self.form[self.at]
        if "choose" in piece:
            self.written += text
        else:
            value = _string(text) if piece["fill"] == "string" else _number(text, piece["fill"])
            self.cut_short |= not whole and value == text
            self.written += value + piece["then"]
        self.at += 1


def closes(token: str) -> bool:
    """True when a token holds a quote that ends a text, so that writing may stop there."""
    return _CLOSING.search(token) is not None


def _string(said: str) -> str:
    """A JSON string's inside, up to its closing quote, whatever the model made of its escapes."""
    match = _CLOSING.search(said)
    inside = said[: match.end() - 1] if match else said.rstrip("\\")
    try:
        return _text(json.loads(f'"{inside}"', strict=False))[1:-1]
    except ValueError:
        return _text(inside)[1:-1]


def _number(said: str, kind: str) -> str:
    match = (_INTEGER if kind == "integer" else _NUMBER).match(said)
    return match[1] if match else ""
