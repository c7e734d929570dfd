from __future__ import annotations

import pytest

from serve.guard_ml.nearest import Classifier, Nearest, cosine


class Letters:
    """A vector of how often a, b and c stand in a text."""

    def embed(self, texts):
        return [tuple(float(text.count(letter)) for letter in "abc") for text in texts]


def test_nearness_is_the_cosine_to_each_example():
    (shares,) = Nearest(["aab", "c"], Letters()).shares(["aab aab"])
    assert shares == pytest.approx({"1": 1.0, "2": 0.0})


def test_a_vector_without_length_is_near_to_nothing():
    assert cosine((0.0, 0.0), (1.0, 0.0)) == 0


def test_the_label_of_the_nearest_examples_has_the_greatest_share():
    classifier = Classifier({"first": ["aa", "aab"], "second": ["bb", "bbc"]}, Letters())
    near, far = classifier.shares(["aaa", "bbb"])
    assert near["first"] > 0.9 > 0.1 > far["first"]
    assert sum(near.values()) == pytest.approx(1)
    assert classifier.classify("aaa") == near
