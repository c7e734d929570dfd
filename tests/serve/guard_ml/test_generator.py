from __future__ import annotations

import pytest

from serve.core.guard.checks.asked import NotHere
from serve.guard_ml.generator import Generator
from serve.guard_ml.judging import Question, messages_of


@pytest.fixture(scope="module")
def generator(shelf):
    return Generator(shelf.place / shelf.generator.sha256, shelf.generator)


def ask(generator: Generator, pin, text: str):
    return generator(Question(messages_of("Is the card lost?", text), pin))


def test_a_local_model_gives_each_word_its_share(generator, shelf):
    shares = ask(generator, shelf.generator, "My card is gone")
    assert set(shares) == {"yes", "no"}
    assert sum(shares.values()) == pytest.approx(1)
    assert ask(generator, shelf.generator, "My card is gone") == shares


def test_shares_are_those_that_a_test_run_gives(generator, shelf):
    from support.models import WEIGHTS, demo_config

    from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
    from registry.evaluation.engines.port import Request
    from registry.evaluation.engines.weights import digest_of
    from registry.evaluation.records import Decode

    engine = CTranslate2Engine(WEIGHTS, digest_of(WEIGHTS), demo_config(), device="cpu")
    try:
        messages = messages_of("Is the card lost?", "My card is gone")
        request = Request(messages, {}, decode=Decode("choice", ("yes", "no")))
        ((_, done),) = engine.complete(engine.prepare([request]))
    finally:
        engine.close()
    assert done.shares == pytest.approx(ask(generator, shelf.generator, "My card is gone"), abs=1e-4)


def test_a_text_that_the_model_cannot_read_whole_is_no_question(generator, shelf):
    with pytest.raises(ValueError, match="longer than the judge reads"):
        ask(generator, shelf.generator, "card " * 600)


def test_what_is_no_generator_is_refused_by_name(shelf, tmp_path):
    with pytest.raises(NotHere, match="weights of models/demo are no CTranslate2 generator"):
        Generator(tmp_path, shelf.generator)
