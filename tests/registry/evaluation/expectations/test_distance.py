from __future__ import annotations

import sys

import pytest

from registry.errors import MissingExtra
from registry.evaluation.expectations import check
from registry.evaluation.records import Completion, Expectation


def test_without_the_eval_extra_the_distance_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    with pytest.raises(MissingExtra, match=r"promptyard\[eval\]"):
        check(Expectation("levenshtein", "a", threshold=1.0), Completion("a", 1, 1))
