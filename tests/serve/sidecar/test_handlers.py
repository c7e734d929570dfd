"""What each address answers, without a server."""

from __future__ import annotations

import json

import pytest
from support.bundles import bundle, prompt, text

from serve.core.model import Message, Output, Part
from serve.core.payloads import BODIES
from serve.sidecar import handlers


@pytest.fixture
def live(yard, desk):
    hello = prompt(
        text("system", "Be kind."),
        text("user", "Hello {{ name }}"),
        variants={"short": (text("user", "Hi {{ name }}"),)},
        description="Says hello.",
        output=Output({"type": "object"}, "answer"),
    )
    yard.publish(bundle(hello, release=3))
    made = desk()
    made.client.step()
    return made


def ask(client, body, prompt="support/hello"):
    answer = handlers.render(client, prompt, body if isinstance(body, bytes) else json.dumps(body).encode())
    return answer.status, json.loads(answer.body), answer


def test_a_render_answers_with_all_that_belongs_to_it(live):
    status, body, answer = ask(live.client, {"inputs": {"name": "Ann"}})
    assert status == 200
    assert body["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello Ann"},
    ]
    assert (body["release"], body["variant"], body["reason"]) == (3, None, "DEFAULT")
    assert body["model"] == {"id": "models/chat", "engine": "openai", "model": "gpt-test"}
    assert body["output"] == {"schema": {"type": "object"}, "name": "answer"}
    assert answer.headers["X-Promptyard-Render-Id"] == body["renderId"]
    assert "warnings" not in body


def test_a_variant_and_a_providers_body_can_be_asked_for(live):
    status, body, _ = ask(live.client, {"inputs": {"name": "Ann"}, "variant": "short", "format": "openai"})
    assert (status, body["variant"], body["reason"]) == (200, "short", "STATIC")
    assert body["request"]["messages"] == [{"role": "user", "content": "Hi Ann"}]


@pytest.mark.parametrize("form", sorted(BODIES))
def test_every_body_that_render_knows_can_be_asked_for(live, form):
    status, body, _ = ask(live.client, {"inputs": {"name": "Ann"}, "format": form})
    assert (status, "Hello Ann" in json.dumps(body["request"])) == (200, True)


def test_bytes_in_a_body_come_as_base64(yard, desk):
    parts = (Part("Look at {{ name }}"), Part("data:image/png;base64,aGk=", "image"))
    yard.publish(bundle(prompt(Message("user", parts)), release=3))
    made = desk()
    made.client.step()
    status, body, _ = ask(made.client, {"inputs": {"name": "it"}, "format": "bedrock"})
    assert status == 200
    assert body["request"]["messages"][0]["content"][1]["image"]["source"] == {"bytes": "aGk="}


def test_a_stale_answer_says_so(live):
    live.clock.advance(days=8)
    assert ask(live.client, {"inputs": {"name": "Ann"}})[1]["warnings"] == ["stale"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "HTP001"),
        (b"[" * 100_000, 400, "HTP001"),
        (b"[]", 400, "HTP002"),
        (b'{"input": {}}', 400, "HTP002"),
        (b'{"inputs": []}', 400, "HTP002"),
        (b'{"inputs": {}, "variant": 1}', 400, "HTP002"),
        (b'{"inputs": {}, "format": "x"}', 400, "HTP002"),
        (b'{"inputs": {"name": "A"}, "variant": "no"}', 404, "PRM002"),
    ],
)
def test_a_bad_request_is_a_problem_with_a_code(live, body, status, code):
    got, problem, answer = ask(live.client, body)
    assert (got, problem["status"], problem["code"]) == (status, status, code)
    assert answer.media_type == "application/problem+json"
    assert problem["nextStep"]


def test_inputs_that_do_not_fit_are_unprocessable_and_not_quoted(live):
    status, problem, _ = ask(live.client, {"inputs": {"name": 4711, "more": "x"}})
    assert status == 422
    assert "4711" not in json.dumps(problem)


def test_an_unknown_prompt_is_not_found(live):
    assert ask(live.client, {"inputs": {}}, "no/such")[0] == 404
    assert handlers.prompt(live.client, "no/such", None).status == 404


def test_prompts_are_listed_and_described_under_the_releases_tag(live):
    listed = handlers.prompts(live.client, None)
    rows = json.loads(listed.body)
    assert rows["release"] == 3
    assert [(row["id"], row["description"]) for row in rows["prompts"]] == [("support/hello", "Says hello.")]
    described = json.loads(handlers.prompt(live.client, "support/hello", None).body)
    assert described["inputs"] == {"name": {"type": "string", "maxLength": 40}}
    assert described["variants"] == ["short"]
    assert "messages" not in described
    again = handlers.prompts(live.client, listed.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_without_a_release_it_is_healthy_but_not_ready(desk):
    client = desk().client
    assert handlers.health().status == 200
    ready = handlers.ready(client)
    assert ready.status == 503
    assert json.loads(ready.body)["state"] == "empty"
    for answer in (
        handlers.prompts(client, None),
        handlers.prompt(client, "a", None),
        ask(client, {"inputs": {}})[2],
    ):
        assert answer.status == 503
        assert answer.headers["Retry-After"]


def test_ready_tells_release_state_and_age(live):
    body = json.loads(handlers.ready(live.client).body)
    assert (body["state"], body["release"]) == ("fresh", 3)
    assert body["secondsSincePoll"] >= 0
    assert body["secondsToExpiry"] > 0


def test_half_a_character_is_given_back_as_it_came(live):
    status, body, _ = ask(live.client, b'{"inputs": {"name": "A\\ud800"}}')
    assert (status, body["messages"][1]["content"]) == (200, "Hello A\ud800")
