"""From one entry of ``expect`` to a typed expectation, or to what is wrong with it.

An entry is one type with its value, beside it weight, threshold, required, transform, metric, judge:
``{contains: refund, weight: 2}``.
It must never let pass what could not be examined later: unknown type, misspelt key, value of the wrong kind.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from registry.evaluation.expectations.judged import TYPES as JUDGED_TYPES
from registry.evaluation.expectations.outcome import Threshold, bad_value
from registry.evaluation.expectations.table import NAMES, NEGATION, SET, TABLE
from registry.evaluation.expectations.transform import steps_of, transform_problems
from registry.evaluation.problem import Problem, did_you_mean
from registry.evaluation.records import Expectation
from serve.core.model import Json

OPTIONS = ("weight", "threshold", "required", "transform", "metric", "judge")
JUDGED = tuple(kind.name for kind in JUDGED_TYPES)
_RENAMED = {  # promptfoo's names for what has one name here
    "is-valid-function-call": "is-valid-tool-call",
    "is-valid-openai-function-call": "is-valid-tool-call",
    "is-valid-openai-tools-call": "is-valid-tool-call",
}
_CODE = ("javascript", "ruby", "webhook")
_DEPTH = 4
_METRIC = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,79}(?<! )\Z")
METRIC_RULE = "a name of letters, digits, blanks, dots, dashes, underscores and slashes, up to 80"


def read(data: Json, depth: int = 0) -> tuple[Expectation | None, tuple[Problem, ...]]:
    """The expectation that an entry stands for; None when a problem was found."""
    if not isinstance(data, dict):
        shown = data if isinstance(data, str) else "contains: refund"
        hint = f"Write {{{shown}: …}}." if isinstance(data, str) else f"Write {{{shown}}}."
        return None, (Problem("SUI002", (), "An expectation must be an object.", hint),)
    names = [key for key in data if key not in OPTIONS]
    if len(names) != 1 or names[0] not in NAMES:
        return None, tuple(_naming_problems(data, names))
    name = names[0]
    negated = name not in TABLE and name != SET
    bare = name.removeprefix(NEGATION) if negated else name
    data = _with_threshold(data, name, bare)
    value, problems = (
        _read_set(data[SET], depth) if bare == SET else (data[name], tuple(TABLE[bare].problems(data[name])))
    )
    found = [problem.below(name) for problem in problems] + list(_option_problems(data, bare))
    if found:
        return None, tuple(found)
    return _made(bare, value, negated, data), ()


def _with_threshold(data: Mapping[str, Json], name: str, bare: str) -> Mapping[str, Json]:
    """The entry with its threshold in place: from the value where it stands there, else the default."""
    kind = TABLE[bare].threshold if bare in TABLE else None
    if kind is None or "threshold" in data:
        return data
    if kind.as_value:
        return {**data, name: None, "threshold": data[name]}
    return data if kind.default is None else {**data, "threshold": kind.default}


def _made(bare: str, value: Json, negated: bool, data: Mapping[str, Json]) -> Expectation:
    threshold = data.get("threshold")
    return Expectation(
        type=bare,
        value=value,
        negated=negated,
        weight=float(data.get("weight", 1.0)),
        threshold=None if threshold is None else float(threshold),
        required=bool(data.get("required", False)),
        transform=steps_of(data.get("transform")),
        metric=data.get("metric"),
        judge=data.get("judge"),
    )


def _naming_problems(data: Mapping[str, Json], names: list[str]) -> Iterator[Problem]:
    if "type" in names:
        kind = data["type"] if isinstance(data["type"], str) else "contains"
        yield Problem(
            "SUI005", ("type",), "The type is the key here.", f"Write {{{kind}: …}}, without type and value."
        )
        return
    if not names:
        yield Problem("SUI005", (), "The expectation names no type.", "Write {contains: refund}.")
    known = [name for name in names if name in NAMES]
    for name in names:
        if name not in NAMES:
            yield _unknown(name, (*OPTIONS,) if known else (*NAMES, *OPTIONS))
    if len(known) > 1:
        hint = "Give each its own entry in the list."
        yield Problem("SUI005", (known[1],), f"One entry holds {' and '.join(known)}.", hint)


def _unknown(name: str, known: tuple[str, ...]) -> Problem:
    negation, bare = ("", name) if not name.startswith(NEGATION) else (NEGATION, name.removeprefix(NEGATION))
    if bare in _RENAMED:
        hint = f"Write {negation}{_RENAMED[bare]}; it reads the calls of every provider."
        return Problem("SUI005", (name,), f"{name} has another name here.", hint)
    if name == "provider":
        hint = "Write judge: models/judge, the id of a model of this registry."
        return Problem("SUI005", (name,), "provider is named judge here.", hint)
    if bare in _CODE:
        hint = "Name a function of your tests with python, or say it with the other types."
        return Problem("SUI005", (name,), f"{name} would run code, which suites do not.", hint)
    return Problem("SUI005", (name,), f"{name} is no type of expectation.", did_you_mean(name, known))


def _read_set(data: Json, depth: int) -> tuple[tuple[Expectation, ...], tuple[Problem, ...]]:
    if not isinstance(data, list) or not data:
        return (), (
            bad_value("assert-set must be a list of expectations.", "Write [{contains: a}, {contains: b}]."),
        )
    if depth >= _DEPTH:
        return (), (bad_value(f"Sets are nested deeper than {_DEPTH} levels.", "Flatten them."),)
    entries = [read(item, depth + 1) for item in data]
    problems = tuple(problem.below(index) for index, (_, found) in enumerate(entries) for problem in found)
    return tuple(entry for entry, _ in entries if entry is not None), problems


def _option_problems(data: Mapping[str, Json], bare: str) -> Iterator[Problem]:
    if "required" in data and not isinstance(data["required"], bool):
        yield Problem("SUI002", ("required",), "required must be true or false.", "Write required: true.")
    if "weight" in data and not _is_number(data["weight"], above=0.0):
        hint = "Leave the expectation out if it should not count."
        yield Problem("SUI002", ("weight",), "weight must be a number above 0.", hint)
    if "transform" in data:
        yield from (problem.below("transform") for problem in transform_problems(data["transform"]))
    if "metric" in data and not is_metric(data["metric"]):
        yield Problem("SUI002", ("metric",), f"metric must be {METRIC_RULE}.", "Write metric: tone.")
    if "judge" in data and not (isinstance(data["judge"], str) and bare in JUDGED):
        hint = f"Write judge: models/judge beside one of {', '.join(JUDGED)}."
        yield Problem("SUI002", ("judge",), "judge must name a model, beside what a judge answers.", hint)
    kind = TABLE[bare].threshold if bare in TABLE else None
    if bare == SET:
        yield from share_problems(data, "threshold")
    elif kind is not None:
        yield from _threshold_problems(data.get("threshold"), bare, kind)
    elif "threshold" in data:
        known = ", ".join(sorted(name for name, each in TABLE.items() if each.threshold is not None))
        hint = f"Remove it; it belongs to assert-set, to cases and to {known}."
        yield Problem("SUI002", ("threshold",), f"{bare} has no threshold.", hint)


def _threshold_problems(value: Json, bare: str, kind: Threshold) -> Iterator[Problem]:
    is_right = _is_number(value, above=kind.above) and value <= kind.most
    if is_right and (not kind.whole or value == int(value)):
        return
    number = "a whole number" if kind.whole else "a number"
    bounds = f"above {kind.above:g}" if not kind.whole else f"from {int(kind.above) + 1} on"
    most = "" if kind.most == math.inf else f" and up to {kind.most:g}"
    written = f"{bare}: {kind.example:g}" if kind.as_value else f"threshold: {kind.example:g}"
    yield Problem(
        "SUI002",
        ("threshold",),
        f"{bare} needs a threshold, {number} {bounds}{most}.",
        f"Write {written}, {kind.meaning}.",
    )


def share_problems(data: Mapping[str, Json], key: str) -> Iterator[Problem]:
    """What is wrong with a key that must be a share above 0 and up to 1, if it is given at all."""
    if key in data and not (_is_number(data[key], above=0.0) and data[key] <= 1):
        yield Problem("SUI002", (key,), f"{key} must be a number above 0 and up to 1.", f"Write {key}: 0.8.")


def is_metric(name: Json) -> bool:
    """True for what may be the name of a metric."""
    return isinstance(name, str) and _METRIC.match(name) is not None


def _is_number(value: Json, *, above: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return above < value <= 1e9 and math.isfinite(value)
