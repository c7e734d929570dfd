"""Verdicts of the real promptfoo (its version is in the file), asked with its own assertion functions, as an oracle.

A verdict that ours differs from says why, by the name of a section of docs/expectations.md.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry.evaluation.expectations import judge
from registry.evaluation.expectations.read import read
from registry.evaluation.records import Case, Completion, Expectation

VERDICTS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("promptfoo.json").read_text(encoding="utf-8")
)["verdicts"]
DOCS = Path(__file__).parents[4] / "docs/expectations.md"
OTHER_SCORES = (
    "not-tool-call-f1",
    "is-refusal",
    "not-is-refusal",
)  # promptfoo does not turn these scores round


def entry(assertion: Mapping[str, Any]) -> dict[str, Any]:
    kind = assertion["type"]
    value = [entry(item) for item in assertion["assert"]] if kind == "assert-set" else assertion.get("value")
    return {kind: value, **{key: assertion[key] for key in ("weight", "threshold") if key in assertion}}


def ours(recorded: Mapping[str, Any]) -> tuple[bool, float] | None:
    """Our verdict and score, None where our reader refuses an assertion."""
    made: list[Expectation] = []
    for assertion in recorded["assert"]:
        expectation, problems = read(entry(assertion))
        if expectation is None:
            assert problems
            return None
        made.append(expectation)
    response = recorded.get("response", {})
    answer = Completion(
        recorded["output"],
        1,
        1,
        finish=response.get("finishReason", "stop"),
        cost=response.get("cost"),
        logprobs=tuple(response.get("logProbs", ())),
        seconds=recorded["latencyMs"] / 1000 if "latencyMs" in recorded else None,
    )
    case = Case("one", "one", {}, tuple(made), threshold=recorded.get("threshold"))
    status, score, _ = judge(case, answer)
    assert status in ("pass", "fail")
    return status == "pass", score


def test_at_least_97_of_100_verdicts_are_promptfoos() -> None:
    agreed = sum((found := ours(item)) is not None and found[0] == item["pass"] for item in VERDICTS)
    assert len(VERDICTS) > 1000
    assert agreed / len(VERDICTS) >= 0.97


def test_every_verdict_that_differs_is_one_that_is_meant_to() -> None:
    surprising = [
        item
        for item in VERDICTS
        if ((found := ours(item)) is None or found[0] != item["pass"]) != ("differs" in item)
    ]
    assert surprising == []


def test_where_verdicts_agree_scores_do() -> None:
    for item in VERDICTS:
        found = ours(item)
        if "differs" not in item and item["assert"][0]["type"] not in OTHER_SCORES:
            assert found is not None
            assert found[1] == pytest.approx(item["score"], abs=1e-9), item


def test_the_record_covers_every_deterministic_type_with_passes_and_failures() -> None:
    seen = Counter((item["assert"][0]["type"].removeprefix("not-"), item["pass"]) for item in VERDICTS)
    kinds = {kind for kind, _ in seen}
    assert len(kinds) >= 29
    assert all(seen[kind, True] and seen[kind, False] for kind in kinds)


def test_the_documentation_explains_every_difference() -> None:
    told = DOCS.read_text(encoding="utf-8")
    for why in {item["differs"] for item in VERDICTS if "differs" in item}:
        assert f"**{why}**" in told, why
