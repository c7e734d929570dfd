from __future__ import annotations

from dataclasses import replace

import pytest
from support.models import WEIGHTS, ask, demo_config

from registry.errors import Usage
from registry.evaluation.engines.batching import BLOCK
from registry.evaluation.engines.decoding import CannotDecode, options_of, room_of, stops_of
from registry.evaluation.engines.folder import read_folder
from registry.evaluation.records import Decode
from serve.core.model import Json

FOLDER = read_folder(WEIGHTS, demo_config())


def options(sample: int = 0, seed: int = 0, logprobs: bool = False, **parameters: Json) -> dict[str, Json]:
    (request,) = ask("hello", **parameters)
    return options_of(replace(request, sample=sample, seed=seed, logprobs=logprobs), demo_config(), FOLDER)


def test_a_greedy_answer_depends_on_neither_seed_nor_sample() -> None:
    assert options() == options(sample=3, seed=9) == {"max_length": 12, "end_token": ["<|end|>"]}
    assert options(seed=4, temperature=0) == options()


def test_samples_of_a_block_share_a_seed_and_have_a_row_each() -> None:
    found = [options(sample=n, temperature=0.7, topK=5, topP=0.9) for n in range(2 * BLOCK)]
    assert [each["row"] for each in found] == [*range(BLOCK), *range(BLOCK)]
    assert len({each["seed"] for each in found}) == 2
    assert (found[0]["sampling_topk"], found[0]["sampling_topp"], found[0]["sampling_temperature"]) == (
        5,
        0.9,
        0.7,
    )
    assert options(temperature=0.7, seed=1)["seed"] != found[0]["seed"]


def test_log_probabilities_are_an_option_only_where_they_are_asked_for() -> None:
    assert "logprobs" not in options()
    assert options(logprobs=True)["logprobs"] is True


def test_a_parameter_that_the_engine_does_not_have_is_refused() -> None:
    with pytest.raises(Usage, match="ENG006 engine ctranslate2 has no parameter frequencyPenalty"):
        options(frequencyPenalty=1)


def test_a_choice_is_tokens_that_end_as_an_answer_ends() -> None:
    (request,) = ask("hello")
    held = options_of(replace(request, decode=Decode("choice", ("cards", "cash"))), demo_config(), FOLDER)
    assert [tokens[-1] for tokens in held["choices"]] == ["<|end|>", "<|end|>"]
    assert room_of(held) == max(map(len, held["choices"]))
    forged = options_of(replace(request, decode=Decode("choice", ("a<|end|>", "b"))), demo_config(), FOLDER)
    assert forged["choices"][0].count("<|end|>") == 1


def test_chance_and_a_form_exclude_each_other() -> None:
    (request,) = ask("hello", temperature=1)
    with pytest.raises(CannotDecode, match="temperature must be 0"):
        options_of(replace(request, decode=Decode("choice", ("a", "b"))), demo_config(), FOLDER)


def test_a_translator_fills_no_form() -> None:
    (request,) = ask("hello")
    with pytest.raises(CannotDecode, match="a translator can only choose"):
        options_of(replace(request, decode=Decode("template")), demo_config(kind="translator"), FOLDER)


def test_one_stop_text_or_several() -> None:
    assert (stops_of({}), stops_of({"stop": "a"}), stops_of({"stop": ["a", "b"]})) == ((), ("a",), ("a", "b"))
