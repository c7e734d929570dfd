from __future__ import annotations

import json

from support.reviews import CHAT, PRICED, dearer, edited, review

from registry.cli.writers.changes_json import review_json


def test_every_word_case_and_cost_is_there(tmp_path) -> None:
    told = review_json(edited(tmp_path, "You route", "You sort"))
    (change,) = told["changes"]
    assert change["messages"][0]["cases"] == ["lost", "rate"]
    assert {"side": "old", "text": "route"} in change["messages"][0]["lines"][0]
    assert change["cases"] == {"rendered": 2, "differing": 2, "refused": []}
    assert [cost["variant"] for cost in change["costs"]] == [None, "short"]
    json.dumps(told, allow_nan=False)


def test_a_rise_is_a_share_and_marked(tmp_path) -> None:
    change = review_json(dearer(tmp_path))["changes"][0]
    assert change["jumps"]
    assert change["costs"][0]["costPerCall"]["rise"] == 0.3
    assert change["costs"][0]["promptTokens"]["rise"] == 0
    assert change["costs"][0]["currency"] == {"old": "USD", "new": "USD"}


def test_a_rise_from_nothing_is_no_number(tmp_path) -> None:
    free = PRICED.replace("input: 1.0, output: 4.0", "input: 0, output: 0")
    change = review_json(review(tmp_path, {CHAT: free}, {CHAT: PRICED}))["changes"][0]
    assert change["costs"][0]["costPerCall"]["rise"] is None
    assert change["jumps"]


def test_a_model_has_reasons_and_no_messages(tmp_path) -> None:
    model = review_json(dearer(tmp_path))["changes"][1]
    assert set(model) == {"what", "kind", "id", "reasons"}


def test_a_limit_that_went_is_json_too(tmp_path) -> None:
    unlimited = PRICED.replace("parameters: {maxTokens: 50}\n", "")
    told = review_json(review(tmp_path, {CHAT: PRICED}, {CHAT: unlimited}))
    cost = json.loads(json.dumps(told, allow_nan=False))["changes"][0]["costs"][0]
    assert (cost["limitGone"], cost["jumps"], cost["costPerCall"]["new"]) == (True, True, None)
