from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from registry.evaluation.expectations import Surroundings, check
from registry.evaluation.records import Check, Completion, Expectation


class Letters:
    """Texts as counts of a, b and c: small, and the same on every machine."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[float(text.count(letter)) for letter in "abc"] for text in texts]


class Shouting:
    def classify(self, text: str) -> Mapping[str, float]:
        share = sum(char.isupper() for char in text) / max(len(text), 1)
        return {"loud": share, "calm": 1 - share}


AROUND = Surroundings(encoder=Letters(), classifier=Shouting())


def found(kind: str, value: object, threshold: float, text: str, *, negated: bool = False) -> Check:
    return check(
        Expectation(kind, value, negated, threshold=threshold), Completion(text, 1, 1), around=AROUND
    )


@pytest.mark.parametrize(
    ("kind", "threshold", "near", "far"),
    [
        ("similar", 0.9, "aabb", "cc"),
        ("similar:cosine", 1.0, "aabb", "abb"),
        ("similar:dot", 3.0, "aab", "ac"),
        ("similar:euclidean", 1.0, "abb", "aabbcc"),
    ],
)
def test_nearness_is_measured_by_the_encoders_vectors(
    kind: str, threshold: float, near: str, far: str
) -> None:
    assert found(kind, "ab", threshold, near).status == "pass"
    assert found(kind, "ab", threshold, far).status == "fail"
    assert found(kind, "ab", threshold, far, negated=True).status == "pass"


def test_the_nearest_reference_counts() -> None:
    assert found("similar", ["c", "ab"], 0.9, "aabb").status == "pass"
    assert found("similar", ["c", "ab"], 0.9, "aabb", negated=True).status == "fail"


def test_a_text_that_the_encoder_knows_nothing_of_is_near_to_nothing() -> None:
    assert (
        found("similar", "ab", 0.1, "xyz").reason == "has a cosine similarity of 0.0000, where 0.1 is asked"
    )


def test_a_label_needs_its_share() -> None:
    assert found("classifier", "loud", 0.9, "NO").status == "pass"
    assert found("classifier", "loud", 0.9, "no").reason == "is loud with 0.0000, where 0.9 is asked"


def test_an_unknown_label_is_an_error() -> None:
    told = found("classifier", "rude", 0.5, "NO")
    assert told.status == "error"
    assert "calm, loud" in told.reason
