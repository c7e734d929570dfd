"""What was meant is suggested only when it is close."""

from __future__ import annotations

import pytest

from registry.validation.suggest import did_you_mean, nearest, surely


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("max_tokens", ["maxTokens", "temperature"], "maxTokens"),
        ("temprature", ["maxTokens", "temperature"], "temperature"),
        ("MODEL", ["model", "mode"], "model"),
        ("support/traige", ["support/triage", "support/route"], "support/triage"),
        ("zzz", ["model", "name"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_name_is_found(name, known, found):
    assert nearest(name, known) == found


def test_a_question_is_asked_or_nothing_is_said():
    assert did_you_mean("modle", ["model"]) == "Did you mean model?"
    assert did_you_mean("zzz", ["model"]) == ""


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("modle", ("model", "messages"), "model"),
        ("max_tokens", ("maxTokens", "topP"), "maxTokens"),
        ("partials/tune.md", ("partials/tone.md", "partials/policy.md"), "partials/tone.md"),
        ("models/gpt-4", ("models/gpt-5",), None),
        ("rulse", ("rules", "ruled"), None),
        ("tpo", ("top",), None),
        ("nothing", ("model",), None),
    ],
)
def test_only_one_close_name_is_sure(name, known, meant):
    assert surely(name, known) == meant
