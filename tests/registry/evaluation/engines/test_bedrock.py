"""Bedrock through the real boto3, against a server that speaks Converse's wire format."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import botocore
import pytest
from support.providers import Answer, Server, bedrock_answer, echo, serving

from registry.errors import Usage
from registry.evaluation.engines.bedrock import read
from registry.evaluation.engines.budget import Budget
from registry.evaluation.engines.hosted import HostedEngine
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.table import open_hosted
from registry.evaluation.records import Called, Completion
from registry.settings import BedrockSettings, EnginesSettings
from serve.core.model import ChatMessage, ContentPart, ModelConfig

MODEL = "eu.amazon.nova-lite-v1:0"
DATA = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(echo("bedrock")) as made:
        for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testaccess")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testsecret")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", made.url)
        yield made


def opened(**changes: Any) -> HostedEngine:
    settings = BedrockSettings(**({"region": "eu-central-1", "timeout_s": 5.0} | changes))
    config = ModelConfig("models/m", "bedrock", MODEL)
    engine = open_hosted(config, EnginesSettings(bedrock=settings), {}, Budget())
    engine._chance = lambda: 0.0
    return engine


def ask(engine: HostedEngine, *texts: str) -> list[Completion]:
    system = ChatMessage("system", "Shout.")
    requests = [Request((system, ChatMessage("user", text)), {"maxTokens": 8}) for text in texts]
    found = dict(engine.complete(engine.prepare(requests)))
    engine.close()
    return [found[index] for index in range(len(found))]


def test_it_answers_signed_and_for_the_model_in_the_path(server: Server) -> None:
    answers = ask(opened(), "apple", "berry")
    assert [a.text for a in answers] == ["APPLE", "BERRY"]
    assert {(a.prompt_tokens, a.completion_tokens, a.error) for a in answers} == {(20, 5, None)}
    assert {unquote(seen.path) for seen in server.seen} == {f"/model/{MODEL}/converse"}
    assert all("/eu-central-1/bedrock/aws4_request" in seen.headers["authorization"] for seen in server.seen)
    assert server.seen[0].body["inferenceConfig"] == {"maxTokens": 8}


def test_bytes_are_part_of_the_address_and_travel(server: Server) -> None:
    engine = opened()
    requests = [
        Request((ChatMessage("user", (ContentPart(url, "image"), ContentPart("what?"))),), {"maxTokens": 8})
        for url in (DATA, DATA.replace("Ggo=", "Ggs="))
    ]
    first, second = engine.prepare(requests)
    assert first.key != second.key
    list(engine.complete([first]))
    engine.close()
    image = server.seen[0].body["messages"][0]["content"][0]["image"]
    assert image["source"]["bytes"] == "iVBORw0KGgo="


@pytest.mark.parametrize(
    ("status", "name"),
    [(429, "ThrottlingException"), (500, "InternalServerException"), (503, "ServiceUnavailableException"),
     (424, "ModelErrorException"), (408, "ModelTimeoutException")],
)  # fmt: skip
def test_what_may_pass_is_tried_again_by_us_and_not_by_boto(server: Server, status: int, name: str) -> None:
    refused = Answer({"message": "later"}, status, {"x-amzn-ErrorType": name})
    server.script = [refused]
    assert ask(opened(), "apple")[0].text == "APPLE"
    assert len(server.seen) == 2
    server.seen.clear()
    server.script = [refused] * 9
    (answer,) = ask(opened(attempts=2), "apple")
    assert answer.error is not None
    assert answer.error.startswith(f"ENG026 bedrock answered with status {status} ({name}): later.")
    assert len(server.seen) == 2


@pytest.mark.parametrize("fault", ["drop", "cut", "garbage"])
def test_a_broken_answer_is_tried_again(server: Server, fault: str) -> None:
    body: Any = b"<html>" if fault == "garbage" else bedrock_answer("APPLE")
    server.script = [Answer(body, fault="" if fault == "garbage" else fault)]
    assert ask(opened(), "apple")[0].text == "APPLE"
    assert len(server.seen) == 2


def test_a_refusal_for_all_is_asked_once(server: Server) -> None:
    server.say = lambda _: Answer({"message": "no"}, 403, {"x-amzn-ErrorType": "AccessDeniedException"})
    answers = ask(opened(concurrency=1), "a", "b", "c")
    assert all("AccessDeniedException" in str(a.error) for a in answers)
    assert len(server.seen) == 1


def test_no_answer_in_time_is_an_error(server: Server) -> None:
    server.say = lambda _: Answer(b"", fault="hang")
    (answer,) = ask(opened(timeout_s=0.3, attempts=1), "apple")
    assert str(answer.error).startswith("ENG022 bedrock gave no whole answer (ReadTimeoutError)")


def test_missing_credentials_are_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (answer,) = ask(opened(), "apple")
    assert str(answer.error).startswith("ENG024 engine bedrock needs AWS credentials.")
    assert server.seen == []


@pytest.mark.parametrize("region", [None, "evil.example.org/", "eu central"])
def test_a_region_that_is_none_is_refused(
    server: Server, region: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
    monkeypatch.delenv("AWS_REGION", raising=False)
    with pytest.raises(Usage, match="ENG021 engine bedrock"):
        opened(region=region)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"),
     ("guardrail_intervened", "content_filter"), ("content_filtered", "content_filter"),
     ("model_context_window_exceeded", "length")],
)  # fmt: skip
def test_every_way_to_end_has_its_word(reason: str, finish: str) -> None:
    assert read(bedrock_answer("x", finish=reason)).finish == finish


def test_the_reasons_are_those_that_the_service_documents() -> None:
    folder = Path(botocore.__file__).parent / "data/bedrock-runtime/2023-09-30"
    with gzip.open(folder / "service-2.json.gz") as file:
        documented = set(json.load(file)["shapes"]["StopReason"]["enum"])
    broken = {"malformed_model_output", "malformed_tool_use"}
    for reason in documented - broken:
        read(bedrock_answer("x", finish=reason))


def test_calls_of_tools_and_thoughts_are_told_apart() -> None:
    blocks = [
        {"reasoningContent": {"reasoningText": {"text": "hm"}}},
        {"toolUse": {"toolUseId": "t1", "name": "look_up", "input": {"id": 7}}},
    ]
    answer = read(bedrock_answer("so", blocks=blocks, finish="tool_use"))
    assert answer.text == "so"
    assert answer.tool_calls == (Called("t1", "look_up", {"id": 7}),)
