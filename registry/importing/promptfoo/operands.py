"""What stands behind an assertion of promptfoo, as the value of the expectation that it becomes.

It must never make a value of what promptfoo would not have read so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import re2

from serve.core.model import Json

_LISTS = ("contains-all", "contains-any", "icontains-all", "icontains-any")
_JSON = ("is-json", "contains-json")
_TEXTS = ("contains", "icontains", "starts-with", "ends-with", "levenshtein")
_NOTHING = ("is-html", "contains-html", "is-refusal", "is-valid-tool-call")
GRADED = (
    "rouge-n", "bleu", "gleu", "meteor", "similar", "similar:cosine", "similar:dot", "similar:euclidean",
    "tool-call-f1",
)  # fmt: skip
_FINISHES = ("stop", "length", "content_filter", "tool_calls")
AMOUNTS = ("cost", "latency", "perplexity", "perplexity-score")
_Read = Callable[[Json, Mapping[str, Json]], tuple[Json, str]]


def _text(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, bool | int | float):
        value = json.dumps(value)
    if not isinstance(value, str) or not value:
        return None, "has no text to look for"
    return value, ""


def _equals(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if value is None:
        return None, "has no value to compare with"
    return (json.dumps(value), "") if isinstance(value, bool | int | float) else (value, "")


def _texts(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, str):
        value = [part.strip().strip('"') for part in re.findall(r'"(?:[^"\\]|\\.)*"|[^,]+', value)]
    if not isinstance(value, list):
        return None, "has no list to look for"
    texts = [json.dumps(item) if isinstance(item, bool | int | float) else item for item in value]
    texts = [item for item in texts if item not in ("", None)]
    if not texts or not all(isinstance(item, str) for item in texts):
        return None, "has no list of texts to look for"
    return texts, ""


def _regex(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if not isinstance(value, str) or not value:
        return None, "has no pattern"
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(value, options)
    except re2.error:
        return None, "has a pattern that RE2 does not have, such as a look-ahead"
    return value, ""


def _schema(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if value in (None, "", {}):
        return None, ""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None, "has a value that is no JSON Schema"
    if not isinstance(value, Mapping):
        return None, "has a value that is no JSON Schema"
    return dict(value), ""


def _count(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value, ""
    if isinstance(value, Mapping):
        bounds = {key: whole_number(value[key], -1) for key in ("min", "max") if key in value}
        if bounds and all(bound >= 0 for bound in bounds.values()):
            return bounds, ""
    return None, "has no whole number of words"


def _nothing(_: Json, __: Mapping[str, Json]) -> tuple[Json, str]:
    return None, ""


def _elements(value: Json, item: Mapping[str, Json]) -> tuple[Json, str]:
    if isinstance(value, Mapping):
        value = value.get("requiredElements")
    return (None, "") if value in (None, "", []) else _texts(value, item)


def _sql(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    if value in (None, "", {}):
        return None, ""
    if not isinstance(value, Mapping) or value.keys() - {"databaseType", "allowedTables", "allowedColumns"}:
        return None, "names no database, tables or columns in the way that is read here"
    return dict(value), ""


def _references(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(each, str) and each for each in listed):
        return None, "has no text to compare with"
    return value, ""


def _finish(value: Json, _: Mapping[str, Json]) -> tuple[Json, str]:
    return (value, "") if value in _FINISHES else (None, f"is none of {', '.join(_FINISHES)}")


def _amount(_: Json, item: Mapping[str, Json]) -> tuple[Json, str]:
    bound = item.get("threshold")
    if not isinstance(bound, int | float) or isinstance(bound, bool) or bound <= 0:
        return None, "has no threshold above 0"
    return bound, ""


READ: Mapping[str, _Read] = {
    **dict.fromkeys(_NOTHING, _nothing),
    **dict.fromkeys(GRADED, _references),
    **dict.fromkeys(AMOUNTS, _amount),
    **dict.fromkeys(("is-xml", "contains-xml"), _elements),
    **dict.fromkeys(("is-sql", "contains-sql"), _sql),
    "finish-reason": _finish,
    "equals": _equals,
    "regex": _regex,
    "word-count": _count,
    **dict.fromkeys(_LISTS, _texts),
    **dict.fromkeys(_JSON, _schema),
    **dict.fromkeys(_TEXTS, _text),
}


def whole_number(value: Json, otherwise: int) -> int:
    """A number of nothing or more without its fraction; ``otherwise`` where it is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and value >= 0 else otherwise
