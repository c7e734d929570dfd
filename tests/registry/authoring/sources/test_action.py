from __future__ import annotations

import pytest

from registry.authoring.sources.action import ActionSource, action_of
from serve.core.errors import BundleRefused
from serve.core.model import Action


def test_a_word_and_a_key_without_options_are_the_same_action() -> None:
    assert action_of("drop", "r") == action_of(ActionSource(drop={}), "r") == Action("drop")


def test_options_go_along() -> None:
    assert action_of(ActionSource(redact={"with": "[X]"}), "r") == Action("redact", {"with": "[X]"})


def test_two_actions_are_none() -> None:
    with pytest.raises(BundleRefused, match=r"GRD001 rule r: its action names 2 of the six"):
        action_of(ActionSource(block={}, flag={}), "r")
