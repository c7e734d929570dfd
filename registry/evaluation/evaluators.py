"""An evaluator of a prompt's file as entries of ``expect``, filled from one row of test data.

``string`` means what it means on GitHub: white space around the answer does not count, capitals do only for
``equals`` (and for ``matches``, which GitHub does not have). What asks a model there asks a judge here, and holds
from the least worth on that GitHub would let pass; the answer stands behind the judge's marks, not in the question.
It must never judge an answer itself: every entry is one that a suite could hold.

Source: ``runStringEvaluator``, ``runLLMEvaluator`` and the built-in evaluators in github/gh-models, 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from registry.authoring.sources.prompt import EvaluatorSource, ModelCheck, StringCheck
from serve.core.codec import to_json
from serve.core.model import Json

EXPECTED = "expected"
_SLOT = re.compile(r"\{\{\s*([A-Za-z_][\w-]*(?:\.[\w-]+)*)\s*\}\}")
_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*\Z")
_BLANK = " \t\n\f\r"  # what RE2 means by \\s
_ANSWER = "completion"
_NONE = "none"
_PASSES = 0.125  # of five grades GitHub lets the second pass, so half the way to it is asked
_GITHUBS = "github/"
_BUILT_IN = {
    "similarity": "It says what this correct answer says, whatever its words:\n{expected}",
    "groundedness": "All that it says is backed by this context, and it takes from it what was asked for:\n{expected}",
    "relevance": "It answers what was asked, correctly and in full.",
    "coherence": "Its ideas follow each other in a clear and logical order, and it speaks to what was asked.",
    "fluency": "It is written in correct, clear and readable language.",
}
_ASKS_NOTHING = {"contains": ""}  # refused by the reader of expectations, in its own words


class MissingError(LookupError):
    """A slot for which a row has no value; its text is what the slot names."""


def slots(evaluator: EvaluatorSource) -> tuple[str, ...]:
    """What an evaluator wants to know of a row: ``expected.team``."""
    named = _SLOT.findall(json.dumps(to_json(evaluator), ensure_ascii=False))
    named += [EXPECTED] if f"{{{EXPECTED}}}" in _BUILT_IN.get(_name(evaluator), "") else []
    return tuple(name for name in named if evaluator.llm is None or name != _ANSWER)


def is_known(evaluator: EvaluatorSource) -> bool:
    """False for one that GitHub is said to bring along and does not."""
    return evaluator.uses is None or _name(evaluator) in _BUILT_IN


def entries(evaluator: EvaluatorSource, row: Mapping[str, Json]) -> Iterator[Json]:
    """The entries of ``expect`` for one row; an evaluator that is not known has none.

    Raises:
        MissingError: for a slot that the row cannot fill.
    """
    if evaluator.string is not None:
        yield from _of_text(evaluator.string, row)
    if evaluator.json is not None:
        yield {"json": {key: _of_json(key, value, row) for key, value in evaluator.json.items()}}
    if evaluator.json_schema is not None:
        yield {"is-json": evaluator.json_schema}
    if evaluator.llm is not None:
        yield _of_model(evaluator.llm, row)
    if evaluator.uses is not None and is_known(evaluator):
        criterion = _BUILT_IN[_name(evaluator)]
        wants = f"{{{EXPECTED}}}" in criterion
        asked = criterion.format(expected=_as_text(_value(EXPECTED, row))) if wants else criterion
        yield {"g-eval": asked, "threshold": _PASSES}


def entries_of_expected(expected: Json) -> Iterator[Json]:
    """The entries that compare an answer with a row's ``expected``: key by key for an object, else as a whole."""
    if isinstance(expected, str):
        yield _equals(expected)
    elif isinstance(expected, Mapping):
        yield from ({"json": {"path": _step(key), "equals": value}} for key, value in expected.items())
    else:
        yield {"equals": expected}


def _of_text(check: StringCheck, row: Mapping[str, Json]) -> Iterator[Json]:
    if check.contains is not None:
        yield {"icontains": _filled(check.contains, row)}
    if check.starts_with is not None:
        wanted = _filled(check.starts_with, row).lstrip(_BLANK)
        yield {"regex": rf"(?i)\A\s*{re.escape(wanted)}"} if wanted else _ASKS_NOTHING
    if check.ends_with is not None:
        wanted = _filled(check.ends_with, row).rstrip(_BLANK)
        yield {"regex": rf"(?i){re.escape(wanted)}\s*\z"} if wanted else _ASKS_NOTHING
    if check.equals is not None:
        yield _equals(_filled(check.equals, row))
    if check.matches is not None:
        yield {"regex": _filled(check.matches, row, re.escape)}


def _of_model(check: ModelCheck, row: Mapping[str, Json]) -> Json:
    told = [text for text in (check.system_prompt, check.prompt) if text]
    question = _filled("\n\n".join(told), {**row, _ANSWER: "(the ANSWER)"})
    most = max([1.0, *(choice.score for choice in check.choices)])
    worth: dict[str, float] = {}
    for choice in check.choices:  # of equal words the first counts
        worth.setdefault(choice.choice.strip().casefold(), max(0.0, choice.score) / most)
    if all(worth.values()):  # a judge must be able to say that none of them fits, which is worth nothing
        worth[_NONE if _NONE not in worth else f"{_NONE} of these"] = 0.0
    least = min((score for score in worth.values() if score), default=1.0)
    choices = [{"choice": word, "score": score} for word, score in worth.items()]
    return {"llm-choice": {"question": question, "choices": choices}, "threshold": least / 2}


def _name(evaluator: EvaluatorSource) -> str:
    return (evaluator.uses or "").removeprefix(_GITHUBS)


def _equals(wanted: str) -> Json:
    bare = wanted.strip(_BLANK)
    return {"regex": rf"\A\s*{re.escape(bare)}\s*\z"} if bare else _ASKS_NOTHING


def _of_json(key: str, value: Json, row: Mapping[str, Json]) -> Json:
    if key == "path" and isinstance(value, str) and not value.startswith("$"):
        return f"${value}" if value.startswith("[") else f"$.{value}"
    if key == "matches" and isinstance(value, str):
        return _filled(value, row, re.escape)
    return _deep(value, row)


def _deep(value: Json, row: Mapping[str, Json]) -> Json:
    if isinstance(value, dict):
        return {key: _deep(inner, row) for key, inner in value.items()}
    if isinstance(value, list):
        return [_deep(inner, row) for inner in value]
    if not isinstance(value, str):
        return value
    whole = _SLOT.fullmatch(value.strip())
    return _value(whole[1], row) if whole else _filled(value, row)


def _filled(text: str, row: Mapping[str, Json], written: Callable[[str], str] = str) -> str:
    """A text with its slots filled; what a text is filled with is text, so 5 and true are spelt as in JSON."""
    return _SLOT.sub(lambda slot: written(_as_text(_value(slot[1], row))), text)


def _value(name: str, row: Mapping[str, Json]) -> Json:
    value: Json = row
    for step in name.split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise MissingError(name)
    return value


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _step(key: str) -> str:
    if _PLAIN_KEY.match(key):
        return f"$.{key}"
    return f'$["{key}"]' if "'" in key else f"$['{key}']"
