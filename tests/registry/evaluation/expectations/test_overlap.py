from __future__ import annotations

import sys

import pytest

from registry.errors import MissingExtra
from registry.evaluation.expectations import check, overlap
from registry.evaluation.records import Completion, Expectation


def test_a_score_that_only_lacks_the_last_bit_reaches_its_threshold() -> None:
    wanted = Expectation("rouge-n", "it's a dog's life, isn't it?", threshold=0.9)
    assert check(wanted, Completion("it's a dog's life isn't it", 1, 1)).status == "pass"


def test_the_reason_tells_score_and_threshold() -> None:
    found = check(Expectation("gleu", "a b c d", threshold=0.5), Completion("a x y z", 1, 1))
    assert found.reason == "has a GLEU of 0.1000, where 0.5 is asked"
    assert found.score == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("kind", "module"), [("meteor", "snowballstemmer"), ("rouge-l", "rapidfuzz.distance")]
)
def test_without_the_eval_extra_a_metric_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, kind: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    overlap._stemmer.cache_clear()
    with pytest.raises(MissingExtra, match=r"promptyard\[eval\]"):
        check(Expectation(kind, "a b", threshold=0.5), Completion("a c", 1, 1))
