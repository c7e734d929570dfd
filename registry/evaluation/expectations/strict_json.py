"""JSON as RFC 8259 has it, because a service's parser will not be kinder.

It must never accept NaN, comments, trailing commas or a doubled key, nor fall over a deep or huge value.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from serve.core.model import Json

_STARTS = 1000


class NotJson(ValueError):
    """A text that is not one JSON value; says where and why in half a line."""


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"{constant} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in held if keys.count(key) > 1)
        raise NotJson(f"the key {doubled!r} stands twice")
    return held


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse)


def parse(text: str) -> Json:
    """The one JSON value that a text is; white space around it is allowed.

    Raises:
        NotJson: when it is anything else.
    """
    try:
        return _DECODER.decode(text)
    except NotJson:
        raise
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg.removesuffix(' at')} at character {error.pos + 1}") from error
    except (ValueError, RecursionError) as error:
        raise NotJson("a number is too long or it is nested too deeply") from error


def find_all(text: str) -> list[Json]:
    """Every object and array that stands in a text, outermost ones only, from left to right.

    At most a thousand brackets are tried, so that a text of nothing else costs little.
    """
    found: list[Json] = []
    at = 0
    for _ in range(_STARTS):
        starts = [place for place in (text.find("{", at), text.find("[", at)) if place >= 0]
        if not starts:
            break
        at = min(starts)
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
        else:
            found.append(value)
    return found


def same(left: Json, right: Json) -> bool:
    """Equality of JSON values: 1 is 1.0, but true is not 1; the order of keys does not matter."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
