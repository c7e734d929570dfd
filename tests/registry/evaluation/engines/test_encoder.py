from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.models import WEIGHTS, demo_config
from support.tiny import expected, tiny

from registry.errors import Usage
from registry.evaluation.engines.device import on_cpu
from registry.evaluation.engines.encoder import CTranslate2Encoder
from registry.evaluation.engines.weights import digest_of


def opened(folder: Path, **options: object) -> CTranslate2Encoder:
    config = demo_config(
        id="models/tiny-bert", kind="encoder", context_tokens=options.pop("context_tokens", 64)
    )
    return CTranslate2Encoder(folder, digest_of(folder), config, device="cpu", **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CTranslate2Encoder]:
    made = opened(tiny("bert", tmp_path_factory.mktemp("models")))
    yield made
    made.close()


def cosine(left: tuple[float, ...], right: tuple[float, ...]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True)) / math.hypot(*left) / math.hypot(*right)


def test_vectors_are_those_of_transformers(encoder: CTranslate2Encoder) -> None:
    said = expected("bert")["texts"]
    vectors = encoder.embed([row["text"] for row in said])
    for vector, row in zip(vectors, said, strict=True):
        assert vector == pytest.approx(row["vector"], abs=2e-6)


def test_a_vector_does_not_depend_on_the_company(encoder: CTranslate2Encoder) -> None:
    texts = [f"My card was charged {n} times" + " and again" * (n % 9) for n in range(80)]
    together = encoder.embed(texts)
    encoder._known.clear()
    (alone,) = encoder.embed([texts[7]])
    assert alone == pytest.approx(together[7], abs=2e-6)


def test_a_text_is_computed_once(encoder: CTranslate2Encoder) -> None:
    first = encoder.embed(["twice", "twice"])
    assert first[0] is first[1]
    encoder.close()
    assert encoder.embed(["twice"])[0] is first[0]
    assert encoder._fleet.running == ()


def test_a_text_longer_than_the_model_reads_is_read_whole(encoder: CTranslate2Encoder) -> None:
    long = "My card was charged twice. " * 40
    changed = long + "Where is my transfer? " * 20
    same, other = encoder.embed([long, changed])
    assert math.hypot(*same) == pytest.approx(1)
    assert cosine(same, other) < 0.9999


def test_two_workers_give_what_one_gives(tmp_path: Path, encoder: CTranslate2Encoder) -> None:
    texts = [f"text {n}" for n in range(100)]
    pair = opened(tiny("bert", tmp_path), choice=replace(on_cpu(None, "test"), indexes=(0, 0), threads=1))
    try:
        pair._fleet.start()
        assert len(pair._fleet.running) == 2
        for one, two in zip(encoder.embed(texts), pair.embed(texts), strict=True):
            assert one == pytest.approx(two, abs=2e-6)
    finally:
        pair.close()


def test_a_generator_is_refused() -> None:
    with pytest.raises(Usage, match="ENG004 model models/demo is a generator and gives no vectors"):
        CTranslate2Encoder(WEIGHTS, digest_of(WEIGHTS), demo_config())


def test_where_it_computes_is_told(encoder: CTranslate2Encoder) -> None:
    assert "cpu, profile cpu-f32" in encoder.note
    assert encoder.comparability().details["weights"] == encoder._weights_sha256
