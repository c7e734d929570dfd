"""Test data and evaluators in our shape.

Users of the format made up keys of their own (``regex``, ``pattern``, evaluators under a row); what has one meaning
is carried over, the rest is told.
It must never let an evaluator ask for something else than was written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping

from registry.authoring.parse import Steps
from registry.authoring.sources.prompt import EvaluatorSource, StringCheck
from serve.core.codec import ShapeError, from_json, keys_of
from serve.core.model import Json

Tell = Callable[[Steps, str, str], None]
_PATTERNS = ("regex", "pattern")
_STRING = keys_of(StringCheck)
_KINDS = tuple(key for key in keys_of(EvaluatorSource) if key != "name")


def rows(
    written: list[Json], names: Mapping[str, str], texts: Collection[str], tell: Tell
) -> list[tuple[int, Json]]:
    """The rows with our names of variables, each with its place in the file; other keys than variables are left out.

    Args:
        written: ``testData``.
        names: our name of each variable that a message or ``inputs`` has.
        texts: variables (ours) that take text alone, for which numbers and truth values are written out.
        tell: is told once of each key that is left out.
    """
    told: set[str] = set()
    kept: list[tuple[int, Json]] = []
    for index, row in enumerate(written):
        if not isinstance(row, Mapping):
            tell(("testData", index), "A row must be keys with values, so this one is left out.",
                 "Write one key for each variable, and expected.")  # fmt: skip
            continue
        for key in [key for key in row if key not in names and key != "expected" and key not in told]:
            told.add(key)
            instead = (
                "Write it beside testData, where it is asked of every row."
                if key == "evaluators"
                else f"Write {{{{{key}}}}} where it belongs, or remove it."
            )
            tell(
                ("testData", index, key), f"{key} is no variable of a message, so nothing reads it.", instead
            )
        values = {names[key]: _text(value) if names[key] in texts else value
                  for key, value in row.items() if key in names}  # fmt: skip
        kept.append((index, values | ({"expected": row["expected"]} if "expected" in row else {})))
    return kept


def _text(value: Json) -> Json:
    return json.dumps(value) if isinstance(value, (bool, int, float)) else value


def evaluators(written: list[Json], tell: Tell) -> list[tuple[int, Json]]:
    """The evaluators that ask something, in our shape, each with its place in the file."""
    kept: list[tuple[int, Json]] = []
    for index, item in enumerate(written):
        made = _evaluator(item, index, tell) if isinstance(item, Mapping) else {}
        try:
            from_json(EvaluatorSource, made)
        except ShapeError as error:
            where = ".".join(map(str, error.steps)) or "it"
            tell(("evaluators", index), f"The evaluator is left out: {where} {error.problem}.", _EXAMPLE)
            continue
        if made.keys() == {"name"}:
            tell(
                ("evaluators", index),
                "The evaluator asks nothing that is known here, so it is left out.",
                _EXAMPLE,
            )
            continue
        kept.append((index, made))
    return kept


_EXAMPLE = "Write {name: greets, string: {contains: Hello}}, or one of json, jsonSchema, llm and uses."


def _evaluator(item: Mapping[str, Json], index: int, tell: Tell) -> dict[str, Json]:
    steps: Steps = ("evaluators", index)
    made: dict[str, Json] = {"name": str(item["name"]) if item.get("name") else f"evaluator {index + 1}"}
    kinds = [key for key in _KINDS if item.get(key) not in (None, "", {})]
    made |= {key: item[key] for key in kinds[:1]}
    for key in kinds[1:]:
        tell(
            (*steps, key), f"{key} stands beside {kinds[0]}, which counts.", "Give each an entry of its own."
        )
    if isinstance(made.get("string"), Mapping):
        made["string"] = _string(made["string"], (*steps, "string"), tell)
        if not made["string"]:
            del made["string"]
    for key in [key for key in item if key not in made and key not in (*_KINDS, "name", "type")]:
        if key in _PATTERNS and isinstance(item[key], str) and "string" not in made:
            made["string"] = {"matches": item[key]}
            told = f"{key} is not of GitHub's format; it is read as string: {{matches: …}}."
            tell(
                (*steps, key),
                told,
                f"Write string: {{matches: {json.dumps(item[key], ensure_ascii=False)}}}.",
            )
        else:
            tell((*steps, key), f"{key} is no key of an evaluator, so nothing reads it.", f"Remove {key}.")
    if isinstance(made.get("llm"), Mapping):
        known = ("modelId", "prompt", "choices", "systemPrompt")
        made["llm"] = {key: value for key, value in made["llm"].items() if key in known}
    return made


def _string(written: Mapping[str, Json], steps: Steps, tell: Tell) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for key, value in written.items():
        name = "matches" if key in _PATTERNS else key
        if name not in _STRING:
            tell(
                (*steps, key),
                f"{key} is none of {', '.join(_STRING)}, so nothing reads it.",
                f"Remove {key}.",
            )
        elif value not in (None, ""):
            made[name] = value if isinstance(value, (str, list, dict)) else _text(value)
            if name != key:
                tell((*steps, key), f"{key} is read as matches.", f"Write matches instead of {key}.")
    return made
