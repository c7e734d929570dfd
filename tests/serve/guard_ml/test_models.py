from __future__ import annotations

import gc
import sys

import pytest

from serve.core.guard.checks.asked import (
    ClassifierDetect,
    JudgeDetect,
    LanguageDetect,
    NotHere,
    Pin,
    SimilarityDetect,
)
from serve.guard_ml.judging import Judge
from serve.guard_ml.models import LocalModels

HOSTED = Pin("models/judge", engine="openai", model="gpt-test")


@pytest.fixture
def models(shelf):
    return LocalModels([shelf.place])


def similarity(pin: Pin | str) -> SimilarityDetect:
    return SimilarityDetect(pin, ("My card was charged twice.",), 0.5)


def test_an_encoder_is_loaded_once_for_all_rules_and_goes_with_the_last(models, shelf):
    near = models.open("similarity", similarity(shelf.encoder))
    assert models.open("similarity", similarity(shelf.encoder)) is near
    labels = {"a": ("My card was charged twice.",), "b": ("Hello.",)}
    told = models.open("classifier", ClassifierDetect(shelf.encoder, labels, ("a",)))
    assert len(models._encoders) == 1
    assert near.shares(["My card was charged twice."])[0]["1"] == pytest.approx(1)
    assert set(told.shares(["Hello."])[0]) == {"a", "b"}
    del near, told
    gc.collect()
    assert not models._encoders
    assert not models._opened


def test_a_local_judge_answers_with_shares(models, shelf):
    judge = models.open("judge", JudgeDetect(shelf.generator, "Is the card lost?"))
    assert sum(judge.shares(["My card is gone"])[0].values()) == pytest.approx(1)


def test_a_hosted_judge_needs_somebody_who_asks_it(shelf):
    with pytest.raises(NotHere, match=r"models/judge is a hosted model \(openai\), and nobody here asks"):
        LocalModels().open("judge", JudgeDetect(HOSTED, "Is it rude?"))
    judge = LocalModels(ask=lambda question: question.words[1]).open(
        "judge", JudgeDetect(HOSTED, "Is it rude?")
    )
    assert isinstance(judge, Judge)
    assert judge.shares(["a text"]) == [{"yes": 0.0, "no": 1.0}]


def test_what_cannot_be_asked_is_named(models, tmp_path):
    with pytest.raises(NotHere, match="runs local weights"):
        models.open("similarity", similarity(HOSTED))
    with pytest.raises(NotHere, match="was not pinned"):
        models.open("similarity", similarity("models/tiny"))
    with pytest.raises(NotHere, match="are not in"):
        LocalModels([tmp_path]).open("similarity", similarity(Pin("models/m", sha256="ab" * 32)))


@pytest.mark.parametrize(
    ("package", "detect"),
    [
        ("py3langid", lambda shelf: LanguageDetect(allow=("en",))),
        ("ctranslate2", lambda shelf: similarity(shelf.encoder)),
        ("tokenizers", lambda shelf: similarity(shelf.encoder)),
        ("ctranslate2", lambda shelf: JudgeDetect(shelf.generator, "Is it rude?")),
    ],
)
def test_a_missing_package_is_named_with_the_extra_that_has_it(models, shelf, monkeypatch, package, detect):
    from serve.guard_ml.language import _identifier

    _identifier.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(NotHere, match=f"{package} is not installed") as told:
        models.open("judge", detect(shelf))
    assert told.value.next_step == "Install it: pip install 'promptyard[guard-ml]'."
