from __future__ import annotations

import math
import threading

import pytest
from support.tiny import expected

from serve.core.guard.checks.asked import NotHere
from serve.guard_ml.vectors import Encoder


@pytest.fixture(scope="module")
def encoder(shelf):
    return Encoder(shelf.place / shelf.encoder.sha256, shelf.encoder)


def test_vectors_are_those_of_transformers(encoder):
    said = expected("bert")["texts"]
    for vector, row in zip(encoder.embed([row["text"] for row in said]), said, strict=True):
        assert vector == pytest.approx(row["vector"], abs=2e-6)


def test_a_vector_depends_on_no_company_and_no_thread(encoder):
    texts = [f"My card was charged {n} times" + " and again" * (n % 9) for n in range(70)]
    together = encoder.embed(texts)
    alone: dict[int, tuple[float, ...]] = {}

    def work(n: int) -> None:
        alone[n] = encoder.embed([texts[n]])[0]

    threads = [threading.Thread(target=work, args=(n,)) for n in (0, 7, 33, 69)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, vector in alone.items():
        assert vector == pytest.approx(together[n], abs=2e-6)


def test_a_text_longer_than_the_model_reads_is_read_whole(encoder):
    long = "My card was charged twice. " * 40
    same, other = encoder.embed([long, long + "Where is my transfer? " * 20])
    assert math.hypot(*same) == pytest.approx(1)
    assert sum(a * b for a, b in zip(same, other, strict=True)) < 0.9999


def test_what_is_no_encoder_is_refused_by_name(shelf, tmp_path):
    with pytest.raises(NotHere, match="weights of models/tiny are no CTranslate2 encoder"):
        Encoder(tmp_path, shelf.encoder)
    with pytest.raises(NotHere, match="weights of models/demo are no CTranslate2 encoder"):
        Encoder(shelf.place / shelf.generator.sha256, shelf.generator)
