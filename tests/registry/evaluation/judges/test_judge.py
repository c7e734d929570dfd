from __future__ import annotations

from dataclasses import replace

import pytest
from support.models import SpokenEngine, demo_config

from registry.evaluation.judges.judge import Judge
from registry.evaluation.judges.question import Question
from registry.evaluation.records import Decode, JudgeConfig

POLITE = Question("meets", {"criterion": "Is polite.", "input": "Hello.", "answer": "please"})


def judge(engine: str = "ctranslate2", votes: int = 3, **parameters: object) -> Judge:
    model = demo_config(engine=engine, weights=None, parameters=parameters)
    return Judge(JudgeConfig("models/judge", votes), model, SpokenEngine(), "w" * 64)


def test_a_local_judge_chooses_among_the_words_and_nothing_is_left_to_chance() -> None:
    requests = judge(temperature=0.7, maxTokens=8).requests(POLITE)
    assert [request.decode for request in requests] == [Decode("choice", ("yes", "no"))] * 3
    assert all("temperature" not in request.parameters for request in requests)
    assert len({request.messages for request in requests}) == 3


@pytest.mark.parametrize("engine", ["openai", "anthropic", "gemini", "bedrock"])
def test_a_hosted_judge_is_held_to_the_words_by_structured_output(engine: str) -> None:
    (request,) = judge(engine, votes=1).requests(POLITE)
    assert request.output is not None
    assert request.output.schema["properties"]["verdict"]["enum"] == ["yes", "no"]
    assert (request.decode, request.parameters) == (None, {"maxTokens": 64})


def test_a_server_that_may_not_know_structured_output_is_asked_for_the_bare_word() -> None:
    (request,) = judge("openai-compatible", votes=1, maxTokens=4, temperature=1).requests(POLITE)
    assert (request.output, request.parameters) == (None, {"maxTokens": 4, "temperature": 1})


def test_each_vote_on_each_sample_is_a_request_of_its_own() -> None:
    asked = [*judge("openai").requests(POLITE, 0), *judge("openai").requests(POLITE, 1)]
    assert [request.sample for request in asked] == [0, 1, 2, 3, 4, 5]
    again = judge("openai").once_more(POLITE, 1, 2, "Well.")
    assert (again.sample, [m.role for m in again.messages]) == (5, ["system", "user", "assistant", "user"])


def test_another_model_prompt_or_number_of_votes_is_another_judge() -> None:
    one = judge()
    others = [
        judge(votes=5),
        judge(maxTokens=8),
        judge("openai"),
        Judge(one.config, one.model, one.engine, "v" * 64),
        Judge(one.config, one.model, one.engine, "w" * 64, prompt_sha256="p" * 64),
    ]
    assert len({each.digest for each in (one, *others)}) == 6
    same = Judge(replace(one.config, min_kappa=0.9, pinned="1c2d3e4f"), one.model, one.engine, "w" * 64)
    assert same.digest == one.digest
