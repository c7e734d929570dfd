from __future__ import annotations

from dataclasses import replace

import pytest

from registry.authoring.sources.overriding import ANSWERED, OverrideSource, meaningful
from serve.core.errors import BundleRefused
from serve.core.model import Action, Rule

RULE = Rule("r", "literals", "low", Action("flag"), {"any": ["x"]}, ("input", "output"))


def test_a_trial_has_an_end() -> None:
    with pytest.raises(BundleRefused, match="GRD001 rule r is in shadow without an end"):
        meaningful(replace(RULE, mode="shadow"))
    assert meaningful(replace(RULE, mode="shadow", shadow_until="2027-01-31")).mode == "shadow"


@pytest.mark.parametrize("stage", ["input", "context", "tool_result"])
def test_only_a_model_can_be_asked_again(stage) -> None:
    asks = replace(RULE, action=Action("retry"))
    with pytest.raises(BundleRefused, match=f"GRD001.*stage {stage}"):
        meaningful(replace(asks, stages=("output", stage)))
    assert meaningful(replace(asks, stages=ANSWERED)).stages == ("output", "tool_call")


def test_a_trial_that_ends_takes_its_date_along() -> None:
    trial = replace(RULE, mode="shadow", shadow_until="2027-01-31")
    assert OverrideSource(reason="r", mode="enforce").applied(trial).shadow_until is None
    later = OverrideSource(reason="r", shadow_until="2027-06-30").applied(trial)
    assert (later.mode, later.shadow_until) == ("shadow", "2027-06-30")
