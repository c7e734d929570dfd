"""How near a text is to examples, and which label they give it.

CTranslate2 keeps no classification head, and a head trained elsewhere would be one more thing to trust. So a text is
compared with the mean vector of each label's examples, and how sharply nearness becomes a share is what makes the
examples themselves likeliest, each judged by the others.
It must never know more than the examples say: what a share of 0.8 is worth must be measured on texts of one's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

Vector = Sequence[float]
_SHARPNESS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_UNMEASURED = 10.0  # where a label has one example, which nothing can be measured on


class Embeds(Protocol):
    """What turns texts into vectors of one length."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector for each text, in order."""


class Nearest:
    """Nearness to examples, each by its number from 1."""

    def __init__(self, examples: Sequence[str], encoder: Embeds) -> None:
        self._encoder = encoder
        self._examples = {str(n): vector for n, vector in enumerate(encoder.embed(examples), 1)}

    def shares(self, texts: Sequence[str], /) -> list[Mapping[str, float]]:
        """The cosine similarity of each text to each example."""
        return [
            {name: cosine(vector, example) for name, example in self._examples.items()}
            for vector in self._encoder.embed(texts)
        ]


class Classifier:
    """Labels by their examples.

    Args:
        labels: the examples of each label, one at least.
        encoder: turns texts into vectors.
    """

    def __init__(self, labels: Mapping[str, Sequence[str]], encoder: Embeds) -> None:
        self._labels = {name: tuple(dict.fromkeys(examples)) for name, examples in labels.items()}
        self._encoder = encoder

    def classify(self, text: str) -> Mapping[str, float]:
        """A share from 0 to 1 for each label; together they are 1."""
        return self.shares([text])[0]

    def shares(self, texts: Sequence[str], /) -> list[Mapping[str, float]]:
        """The same for several texts."""
        return [
            _shares({name: cosine(vector, mean) for name, mean in self._means.items()}, self._sharpness)
            for vector in self._encoder.embed(texts)
        ]

    @cached_property
    def _vectors(self) -> Mapping[str, list[Vector]]:
        texts = [text for examples in self._labels.values() for text in examples]
        known = dict(zip(texts, map(_unit, self._encoder.embed(texts)), strict=True))
        return {name: [known[text] for text in examples] for name, examples in self._labels.items()}

    @cached_property
    def _means(self) -> Mapping[str, Vector]:
        return {name: _mean(vectors) for name, vectors in self._vectors.items()}

    @cached_property
    def _sharpness(self) -> float:
        left_out = list(self._left_out())
        if not left_out or min(map(len, self._labels.values())) < 2:
            return _UNMEASURED
        return max(
            _SHARPNESS,
            key=lambda sharp: sum(
                math.log(max(_shares(near, sharp)[name], 1e-12)) for name, near in left_out
            ),
        )

    def _left_out(self) -> Iterator[tuple[str, Mapping[str, float]]]:
        """Each example's label, and how near it lies to each label without itself."""
        for name, vectors in self._vectors.items():
            for index, vector in enumerate(vectors):
                others = [*vectors[:index], *vectors[index + 1 :]]
                if others:
                    own = {name: cosine(vector, _mean(others))}
                    yield name, {other: cosine(vector, mean) for other, mean in self._means.items()} | own


def cosine(left: Vector, right: Vector) -> float:
    """The cosine of the angle between two vectors; 0 where one of them has no length."""
    length = math.hypot(*left) * math.hypot(*right)
    return math.fsum(a * b for a, b in zip(left, right, strict=True)) / length if length else 0.0


def _unit(vector: Vector) -> Vector:
    length = math.hypot(*vector)
    return [x / length for x in vector] if length else vector


def _mean(vectors: Sequence[Vector]) -> Vector:
    return [math.fsum(column) / len(vectors) for column in zip(*vectors, strict=True)]


def _shares(near: Mapping[str, float], sharpness: float) -> Mapping[str, float]:
    top = max(near.values())
    weights = {name: math.exp(sharpness * (value - top)) for name, value in near.items()}
    whole = math.fsum(weights.values())
    return {name: weight / whole for name, weight in weights.items()}
