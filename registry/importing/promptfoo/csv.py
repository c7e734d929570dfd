"""Rows of a table as promptfoo's tests: columns with two underscores mean something, the others are variables.

Source: promptfoo's columns ``__expected``, ``__prefix``, ``__description`` and their kin, and its short assertions.
It must never take a column for a variable that promptfoo reads otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from serve.core.model import Json

_CODE = re.compile(r"(javascript|fn|eval):|file://.*\.(c|m)?[jt]s(:|\Z)")
_PYTHON = re.compile(r"python:|file://.*\.py(:|\Z)")
TYPES = frozenset((
    "answer-relevance", "bleu", "classifier", "contains", "contains-all", "contains-any", "contains-html",
    "contains-json", "contains-sql", "contains-xml", "context-faithfulness", "context-recall",
    "context-relevance", "conversation-relevance", "cost", "equals", "factuality", "finish-reason", "g-eval",
    "gleu", "guardrails", "icontains", "icontains-all", "icontains-any", "is-html", "is-json", "is-refusal",
    "is-sql", "is-valid-function-call", "is-valid-openai-function-call", "is-valid-openai-tools-call", "is-xml",
    "javascript", "latency", "levenshtein", "llm-rubric", "meteor", "model-graded-closedqa",
    "model-graded-factuality", "moderation", "perplexity", "perplexity-score", "pi", "python", "regex", "rouge-n",
    "ruby", "search-rubric", "similar", "similar:cosine", "similar:dot", "similar:euclidean",
    "starts-with", "webhook", "word-count",
))  # fmt: skip
_SHORT = re.compile(
    rf"(?P<type>(?:not-)?(?:{'|'.join(sorted(TYPES, key=len, reverse=True))}))"
    r"(?:\((?P<threshold>\d+(?:\.\d+)?)\))?(?::(?P<value>.*))?\Z",
    re.DOTALL,
)
_OPTIONS = {"__prefix": "prefix", "__suffix": "suffix"}


def tests_of(rows: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """A test for each row."""
    return [_test(row, number) for number, row in enumerate(rows, 1)]


def _test(row: Mapping[str, Json], number: int) -> dict[str, Json]:
    variables: dict[str, Json] = {}
    asserts: list[Json] = []
    test: dict[str, Json] = {"description": f"Row #{number}"}
    options: dict[str, Json] = {}
    for key, value in row.items():
        text = value if isinstance(value, str) else "" if value is None else str(value)
        if key.startswith("__expected"):
            asserts += [assertion(text.strip())] if text.strip() else []
        elif key in _OPTIONS:
            options |= {_OPTIONS[key]: text} if text else {}
        elif key == "__description":
            test["description"] = text or test["description"]
        elif key == "__threshold":
            test |= (
                {"threshold": float(text)}
                if re.fullmatch(r"\s*[0-9.]+\s*", text) and text.strip() != "."
                else {}
            )
        elif key == "__metric" or key.startswith(("__metadata", "__config", "__provider")):
            test.setdefault("metadata", {})[key] = text
        else:
            variables[key] = value
    return {**test, "vars": variables, "assert": asserts, "options": options}


def assertion(text: str) -> dict[str, Json]:
    """The assertion that a cell stands for, such as ``icontains: refund``; plain text must be equal."""
    if _CODE.match(text):
        return {"type": "javascript", "value": re.sub(r"\A(javascript|fn|eval):", "", text).strip()}
    if _PYTHON.match(text):
        return {"type": "python", "value": text}
    if text.startswith("grade:"):
        return {"type": "llm-rubric", "value": text[6:]}
    found = _SHORT.match(text)
    if found is None:
        return {"type": "equals", "value": text}
    made: dict[str, Json] = {"type": found["type"]}
    if found["value"] is not None:
        made["value"] = found["value"].strip()
    if found["threshold"]:
        made["threshold"] = float(found["threshold"])
    return made
