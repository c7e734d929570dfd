"""Rules of kind ``json_schema``: the answer must be JSON of a given shape.

It reads the original text, never the matching copy: normalisation could turn text into syntax.
It must never repair what it reads.

Source: JSON Schema draft 2020-12, by jsonschema-rs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

import re2

from serve.core.guard.checks.port import Found, Unusable, shaped
from serve.core.guard.normalise import Reading
from serve.core.model import Json, Streaming

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_FENCED = re2.compile(r"^\s*```(?:json)?[ \t]*\n((?s:.*))\n```\s*$")
_MOST_ERRORS = 5


@dataclass(frozen=True, slots=True)
class JsonSchemaDetect:
    """``detect`` of a json_schema rule."""

    schema: Mapping[str, Json]
    extract: Literal["whole", "fenced_or_whole"] = "whole"


class JsonSchemaDetector:
    """Finds the whole text when it is not the JSON that was asked for."""

    before = 0
    streaming = Streaming("end")

    def __init__(self, detect: Mapping[str, Json]) -> None:
        import jsonschema_rs  # 10 ms that a release without such a rule need not pay

        asked = shaped(JsonSchemaDetect, detect)
        self._fenced = asked.extract == "fenced_or_whole"
        try:
            self._validator = jsonschema_rs.validator_for(dict(asked.schema))
        except (jsonschema_rs.ValidationError, ValueError) as error:
            raise Unusable("detect.schema is not a JSON Schema") from error

    def find(self, reading: Reading, _start: int) -> Iterator[Found]:
        """One finding that names paths and keywords, never values."""
        text = reading.original
        problem = self._problem(text)
        if problem:
            yield Found(0, len(text), (0, len(text)), problem)

    def settled(self, _reading: Reading) -> int:
        """Nothing is settled before the end."""
        return 0

    def _problem(self, text: str) -> str:
        fence = _FENCED.search(text.encode("utf-8", "replace").decode("utf-8")) if self._fenced else None
        try:
            value = json.loads(text[fence.start(1) : fence.end(1)] if fence else text)
        except (ValueError, RecursionError):
            return "the answer is not JSON"
        errors = islice(self._validator.iter_errors(value), _MOST_ERRORS)
        return "; ".join(map(_said, errors))


def _said(error: ValidationError) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
    keyword = error.schema_path[-1] if error.schema_path else "schema"
    return f"${path} breaks {keyword}"
