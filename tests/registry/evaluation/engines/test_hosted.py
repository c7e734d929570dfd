"""Hosted engines against a server that speaks the real wire format, and fails in the real ways."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from support.providers import ANSWERS, Answer, Server, echo, openai_answer, serving

from registry.evaluation.engines.budget import Budget
from registry.evaluation.engines.hosted import HostedEngine
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.table import open_hosted
from registry.evaluation.records import Completion
from registry.settings import CallSettings, EngineSettings, EnginesSettings
from serve.core.model import ChatMessage, ContentPart, ModelConfig, Prices, Tool

KEY = "test-key-of-nobody"
HTTP = ("openai", "openai-compatible", "anthropic", "gemini")
VARIABLES = {
    "openai": "OPENAI_API_KEY",
    "openai-compatible": "OPENAI_COMPATIBLE_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
}
PRICES = Prices("USD", {"input": 1.0, "output": 2.0, "cachedInput": 0.5}, "test", "2026-11-01")


def config(engine: str = "openai", **changes: Any) -> ModelConfig:
    return ModelConfig(**({"id": "models/m", "engine": engine, "model": "test", "prices": PRICES} | changes))


def questions(*texts: str, **parameters: Any) -> list[Request]:
    system = ChatMessage("system", "Shout.")
    return [Request((system, ChatMessage("user", text)), {"maxTokens": 8, **parameters}) for text in texts]


@contextmanager
def engine_at(
    server: Server, name: str = "openai", *, budget: Budget | None = None, **changes: Any
) -> Iterator[HostedEngine]:
    calls = EngineSettings(**({"timeout_s": 5.0} | changes))
    settings = EnginesSettings(**{name.replace("-", "_"): calls})
    variable = f"PROMPTYARD_{name.upper().replace('-', '_')}_ENDPOINT"
    environment = {variable: f"{server.url}/v1" if "openai" in name else server.url, VARIABLES[name]: KEY}
    engine = open_hosted(config(name), settings, environment, budget or Budget())
    engine._chance = lambda: 0.0  # the dice, so that waits are short
    try:
        yield engine
    finally:
        engine.close()


def ask(engine: HostedEngine, *texts: str, **parameters: Any) -> list[Completion]:
    found = dict(engine.complete(engine.prepare(questions(*texts, **parameters))))
    return [found[index] for index in range(len(found))]


@pytest.mark.parametrize("name", HTTP)
def test_every_provider_answers_in_its_own_language(name: str) -> None:
    with serving(echo(name)) as server, engine_at(server, name) as engine:
        answers = ask(engine, "apple", "berry")
        assert [a.text for a in answers] == ["APPLE", "BERRY"]
        assert {(a.prompt_tokens, a.completion_tokens, a.finish) for a in answers} == {(20, 5, "stop")}
        assert all(a.cost == pytest.approx((20 * 1.0 + 5 * 2.0) / 1e6) for a in answers)
        assert all(a.seconds is not None and a.seconds > 0 and a.error is None for a in answers)
        assert not engine.deterministic
        header, value = {
            "anthropic": ("x-api-key", KEY),
            "gemini": ("x-goog-api-key", KEY),
        }.get(name, ("authorization", f"Bearer {KEY}"))
        assert {seen.headers[header] for seen in server.seen} == {value}


@pytest.mark.parametrize("name", HTTP)
def test_the_body_on_the_wire_is_that_of_the_payloads_with_its_keys_in_order(name: str) -> None:
    schema = {"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "string"}}}
    tool = Tool("t", "look_up", "Looks up.", schema)
    with serving(echo(name)) as server, engine_at(server, name) as engine:
        (request,) = questions("apple")
        (prepared,) = engine.prepare([Request(request.messages, request.parameters, (tool,))])
        list(engine.complete([prepared]))
        assert server.seen[0].body == prepared.options
        assert '"z"' in str(server.seen[0].body).replace("'", '"').split('"a"')[0]


def test_a_key_covers_all_that_an_answer_depends_on() -> None:
    (plain,) = questions("apple")
    with serving(echo("openai")) as server:
        with engine_at(server) as engine:
            keys = [
                engine.prepare([request])[0].key
                for request in (
                    plain,
                    questions("pear")[0],
                    questions("apple", temperature=1)[0],
                    Request(plain.messages, plain.parameters, sample=1),
                )
            ]
            assert engine.prepare([plain])[0].key == keys[0]
        other = open_hosted(
            config(model="other"),
            EnginesSettings(),
            {"PROMPTYARD_OPENAI_ENDPOINT": f"{server.url}/v1"},
            Budget(),
        )
        elsewhere = open_hosted(config(), EnginesSettings(), {}, Budget())
        compatible = EnginesSettings(openai_compatible=EngineSettings(endpoint=f"{server.url}/v1"))
        cousin = open_hosted(config("openai-compatible"), compatible, {}, Budget())
        keys += [each.prepare([plain])[0].key for each in (other, elsewhere, cousin)]
    assert len(set(keys)) == 7


def test_repeats_under_a_seed_are_repeats() -> None:
    with serving(echo("openai")) as server, engine_at(server) as engine:
        (plain,) = questions("apple", seed=7, temperature=1)
        prepared = engine.prepare([Request(plain.messages, plain.parameters, sample=n) for n in range(3)])
        assert [p.options["seed"] for p in prepared] == [7, 8, 9]


FAULTS = {
    "out of breath": Answer({"error": {"message": "slow down", "type": "rate_limit"}}, 429),
    "its own mistake": Answer({"error": {"message": "oops"}}, 500),
    "overloaded": Answer({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, 529),
    "timed out there": Answer(b"", 408),
    "conflict": Answer(b"", 409),
    "dropped": Answer(b"", fault="drop"),
    "cut short": Answer(openai_answer("APPLE"), fault="cut"),
    "no JSON": Answer(b"<html>bad gateway</html>"),
    "other JSON": Answer({"choices": []}),
    "a list": Answer([1, 2]),
    "null choice": Answer({"choices": [None]}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_may_pass_is_tried_again(fault: str) -> None:
    with serving(echo("openai")) as server, engine_at(server) as engine:
        server.script = [FAULTS[fault]]
        (answer,) = ask(engine, "apple")
        assert (answer.text, answer.error) == ("APPLE", None)
        assert len(server.seen) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_an_error_after_the_allowed_attempts(fault: str) -> None:
    with serving(lambda _: FAULTS[fault]) as server, engine_at(server, attempts=2) as engine:
        (answer,) = ask(engine, "apple")
        assert answer.error is not None
        assert answer.error[:6] in ("ENG022", "ENG023", "ENG026")
        assert KEY not in answer.error
        assert "apple" not in answer.error
        assert len(server.seen) == 2


def test_a_server_that_says_nothing_is_given_up_after_the_time_out() -> None:
    with (
        serving(lambda _: Answer(b"", fault="hang")) as server,
        engine_at(server, timeout_s=0.3, attempts=1) as engine,
    ):
        (answer,) = ask(engine, "apple")
        assert answer.error is not None
        assert answer.error.startswith("ENG022 openai gave no whole answer (it took too long)")


def test_an_answer_that_trickles_is_bounded_as_a_whole() -> None:
    trickle = Answer(openai_answer("x" * 400), fault="slow")
    with serving(lambda _: trickle) as server, engine_at(server, timeout_s=0.5, attempts=1) as engine:
        (answer,) = ask(engine, "apple")
        assert "not whole after 0.5 s" in str(answer.error)
        assert server.at_once == 1  # it is still being sent


def test_nobody_there_is_an_error_and_no_exception() -> None:
    with serving(echo("openai")) as server:
        url = server.url
    settings = EnginesSettings(openai_compatible=EngineSettings(endpoint=url, attempts=2, timeout_s=2))
    engine = open_hosted(config("openai-compatible"), settings, {}, Budget())
    engine._chance = lambda: 0.0
    (answer,) = ask(engine, "apple")
    assert str(answer.error).startswith("ENG022 openai-compatible gave no whole answer (no connection)")
    engine.close()


@pytest.mark.parametrize("form", ["seconds", "date", "milliseconds", "gemini"])
def test_a_wait_that_is_asked_for_is_kept(form: str) -> None:
    name = "gemini" if form == "gemini" else "openai"
    # A date has whole seconds, so that of two seconds from now asks for more than one.
    soon = format_datetime(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2), usegmt=True)
    headers = {
        "seconds": {"Retry-After": "1"},
        "date": {"Retry-After": soon},
        "milliseconds": {"retry-after-ms": "900", "Retry-After": "30"},
        "gemini": {},
    }[form]
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
    body = {"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED", "details": [info]}}
    with serving(echo(name)) as server, engine_at(server, name) as engine:
        server.script = [Answer(body, 429, headers)]
        (answer,) = ask(engine, "apple")
        assert answer.text == "APPLE"
        first, second = (seen.at for seen in server.seen)
        assert 0.8 <= second - first < 4


def test_all_threads_keep_a_wait_that_one_was_asked_for() -> None:
    with serving(echo("openai")) as server, engine_at(server, concurrency=2) as engine:
        server.script = [Answer(b"", 429, {"Retry-After": "1"})]
        assert [a.text for a in ask(engine, "a", "b", "c", "d", "e", "f")] == ["A", "B", "C", "D", "E", "F"]
        begun = sorted(seen.at - server.seen[0].at for seen in server.seen)
        assert sum(0.3 < at < 0.9 for at in begun) == 0


def test_a_wait_beyond_all_patience_ends_the_asking() -> None:
    with (
        serving(lambda _: Answer(b"", 429, {"Retry-After": "3600"})) as server,
        engine_at(server, concurrency=1) as engine,
    ):
        answers = ask(engine, "a", "b", "c")
        assert all("ENG028" in str(a.error) and "asks to wait 3600 s" in str(a.error) for a in answers)
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"error": {"message": f"Incorrect key {KEY}", "code": "invalid_api_key"}}, "invalid_api_key"),
        (403, {"error": {"message": "no", "type": "permission_error"}}, "permission_error"),
        (404, {"error": {"message": "no model test"}}, "no model test"),
        (
            429,
            {"error": {"message": "no credit", "code": "insufficient_quota"}},
            "Check the account's credit",
        ),
    ],
)
def test_what_would_fail_for_all_is_asked_once(status: int, body: Any, told: str) -> None:
    with serving(lambda _: Answer(body, status)) as server, engine_at(server, concurrency=1) as engine:
        answers = ask(engine, *"abcdefgh")
        assert len(server.seen) == 1
        assert all(told in str(a.error) and KEY not in str(a.error) for a in answers)


def test_a_request_that_is_refused_is_its_own_error_and_the_others_go_on() -> None:
    def say(seen: Any) -> Answer:
        if "bad" in str(seen.body):
            return Answer({"error": {"message": f"too\nlong {KEY}", "type": "invalid_request_error"}}, 400)
        return echo("openai")(seen)

    with serving(say) as server, engine_at(server) as engine:
        good, bad = ask(engine, "good", "bad")
        assert good.text == "GOOD"
        assert bad.error == "ENG026 openai answered with status 400: too long …. See what the provider says."
        assert len(server.seen) == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_so_no_key_goes_elsewhere(status: int) -> None:
    with serving(echo("openai")) as thief:
        away = Answer(b"", status, {"Location": f"{thief.url}/v1/chat/completions"})
        with serving(lambda _: away) as server, engine_at(server) as engine:
            (answer,) = ask(engine, "apple")
            assert "redirect, which is not followed" in str(answer.error)
            assert len(server.seen) == 1
        assert thief.seen == []


def test_not_more_than_the_allowed_number_is_on_its_way() -> None:
    def slowly(seen: Any) -> Answer:
        time.sleep(0.05)
        return echo("openai")(seen)

    with serving(slowly) as server, engine_at(server, concurrency=3) as engine:
        assert len(ask(engine, *"abcdefghijkl")) == 12
        assert server.most_at_once == 3


def test_answers_come_as_they_are_ready_and_not_in_order() -> None:
    def say(seen: Any) -> Answer:
        if "slow" in str(seen.body):
            time.sleep(0.5)
        return echo("openai")(seen)

    with serving(say) as server, engine_at(server, concurrency=2) as engine:
        order = [index for index, _ in engine.complete(engine.prepare(questions("slow", "a", "b", "c")))]
        assert order[-1] == 0


def test_requests_keep_the_pace_of_a_minute() -> None:
    with serving(echo("openai")) as server, engine_at(server, requests_per_minute=600) as engine:
        ask(engine, *"abcdef")
        begun = sorted(seen.at for seen in server.seen)
        assert begun[-1] - begun[0] >= 0.45


def test_tokens_keep_the_pace_of_a_minute() -> None:
    text = "a word or two " * 70
    with serving(echo("openai")) as server, engine_at(server, tokens_per_minute=120_000) as engine:
        ask(engine, *(f"{text}{n}" for n in range(5)))
        begun = sorted(seen.at for seen in server.seen)
        assert begun[-1] - begun[0] >= 0.4


def test_stopping_early_ends_all_threads_at_once() -> None:
    before = threading.active_count()
    with serving(lambda _: Answer(b"", fault="hang")) as server, engine_at(server, timeout_s=60) as engine:
        server.script = [Answer(openai_answer("A"))]
        coming = engine.complete(engine.prepare(questions(*"abcdefgh")))
        assert next(coming)[1].text == "A"
        coming.close()
        assert server.at_once > 0  # nobody waited for what is on its way
        mine = [t for t in threading.enumerate() if t.name == "promptyard-hosted"]
        assert mine == []
    assert threading.active_count() <= before + 10


def test_stopping_while_it_waits_to_try_again_ends_the_wait() -> None:
    with (
        serving(lambda _: Answer(b"", 429, {"Retry-After": "60"})) as server,
        engine_at(server, concurrency=2) as engine,
    ):
        coming = engine.complete(engine.prepare(questions(*"abcd")))
        threading.Timer(0.3, engine.close).start()
        errors = [answer.error for _, answer in coming]
        assert all(error is not None for error in errors)
        assert len(server.seen) <= 2  # a minute later they would be asked again


def test_what_a_provider_cannot_say_is_the_problem_of_that_request_alone() -> None:
    with serving(echo("anthropic")) as server, engine_at(server, "anthropic") as engine:
        odd = Request((ChatMessage("user", "x"),), {"maxTokens": 8, "frequencyPenalty": 1.0})
        prepared = engine.prepare([odd, *questions("apple")])
        found = dict(engine.complete(prepared))
        assert str(found[0].error).startswith("PAY001 anthropic has no parameter frequencyPenalty")
        assert found[1].text == "APPLE"


class TestTheCap:
    def test_the_cost_never_exceeds_it_and_what_was_done_is_kept(self) -> None:
        budget = Budget(0.0012)
        with serving(echo("openai")) as server, engine_at(server, budget=budget, concurrency=4) as engine:
            answers = ask(engine, *(f"question {n}" for n in range(60)))
        good = [a for a in answers if a.error is None]
        assert 0 < len(good) < 60
        assert len(server.seen) == len(good)
        assert sum(a.cost or 0 for a in good) == pytest.approx(budget.spent)
        assert budget.spent <= 0.0012
        bad = next(str(a.error) for a in answers if a.error)
        assert bad.startswith("ENG027 the cap of 0.0012 USD leaves no room for this request")
        assert budget.refused == 60 - len(good)

    def test_no_money_means_no_request(self) -> None:
        with serving(echo("openai")) as server, engine_at(server, budget=Budget(0.0)) as engine:
            assert all("ENG027" in str(a.error) for a in ask(engine, "a", "b"))
            assert server.seen == []

    def test_a_call_without_a_bound_is_not_made_under_a_cap(self) -> None:
        with serving(echo("openai")) as server, engine_at(server, budget=Budget(5.0)) as engine:
            request = Request((ChatMessage("user", "x"),), {})
            ((_, answer),) = engine.complete(engine.prepare([request]))
            assert "has no bound of its cost" in str(answer.error)
            assert server.seen == []

    def test_an_answer_that_was_lost_on_the_way_counts_as_paid(self) -> None:
        budget = Budget(1.0)
        with serving(echo("openai")) as server, engine_at(server, budget=budget) as engine:
            server.script = [Answer(openai_answer("APPLE"), fault="cut")]
            (answer,) = ask(engine, "apple")
        assert answer.cost is not None
        assert budget.spent > answer.cost

    def test_a_refused_request_costs_nothing(self) -> None:
        budget = Budget(1.0)
        with serving(echo("openai")) as server, engine_at(server, budget=budget) as engine:
            server.script = [Answer(b"", 500)]
            (answer,) = ask(engine, "apple")
        assert budget.spent == answer.cost

    def test_an_attachment_by_address_is_allowed_for(self) -> None:
        with serving(echo("openai")) as server, engine_at(server) as engine:
            image = ContentPart("https://example.org/a.png", "image")
            (plain,) = questions("apple")
            pictured = Request((ChatMessage("user", (image,)),), plain.parameters)
            rooms = [prepared.room for prepared in engine.prepare([plain, pictured])]
        assert rooms[0] is not None
        assert rooms[1] is not None
        assert rooms[1].prompt > rooms[0].prompt + 5_000


def test_cached_input_has_its_own_price() -> None:
    with serving(lambda _: Answer(openai_answer("x", cached=10))) as server, engine_at(server) as engine:
        (answer,) = ask(engine, "apple")
        assert answer.cost == pytest.approx((10 * 1.0 + 10 * 0.5 + 5 * 2.0) / 1e6)


def test_a_failure_of_our_own_is_an_error_and_hangs_nobody() -> None:
    class Broken:
        identity = "nowhere"

        def ask(self, body: Any) -> Completion:
            raise RuntimeError("secret words")

        def close(self) -> None:
            pass

    engine = HostedEngine(config(), Broken(), CallSettings(), Budget())
    (answer,) = ask(engine, "apple")
    assert str(answer.error).startswith("ENG029 engine openai failed (RuntimeError)")
    assert "secret" not in str(answer.error)


def test_every_answer_of_the_server_is_one_that_the_sdk_reads() -> None:
    from anthropic.types import Message
    from google.genai.types import GenerateContentResponse
    from openai.types.chat import ChatCompletion

    assert ChatCompletion.model_validate(ANSWERS["openai"]("x")).choices[0].message.content == "x"
    block = Message.model_validate(ANSWERS["anthropic"]("x")).content[0]
    assert block.type == "text"
    assert block.text == "x"
    assert GenerateContentResponse.model_validate(ANSWERS["gemini"]("x")).text == "x"


def test_path_and_key_are_where_the_sdks_put_them() -> None:
    import anthropic
    import openai
    from google import genai

    def sdk(name: str, url: str) -> None:
        if name == "openai":
            client = openai.OpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0)
            client.chat.completions.create(model="test", messages=[{"role": "user", "content": "x"}])
            client.close()
        elif name == "anthropic":
            other = anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0)
            other.messages.create(model="test", max_tokens=8, messages=[{"role": "user", "content": "x"}])
            other.close()
        else:
            third = genai.Client(api_key=KEY, http_options={"base_url": url, "api_version": "v1beta"})
            third.models.generate_content(model="test", contents="x")
            third.close()

    for name in ("openai", "anthropic", "gemini"):
        with serving(echo(name)) as server, engine_at(server, name) as engine:
            ask(engine, "x")
            sdk(name, server.url)
            ours, theirs = server.seen
            assert ours.path == theirs.path
            if name == "anthropic":
                # The SDK from 2.0 on speaks version 2026-10-21, whose key is a bearer token; under the version
                # that has sampling parameters the key's header is x-api-key.
                assert (
                    theirs.headers["anthropic-version"] != ours.headers["anthropic-version"] == "2023-06-01"
                )
                assert ours.headers["x-api-key"] == KEY
            else:
                header = {"openai": "authorization", "gemini": "x-goog-api-key"}[name]
                assert ours.headers[header] == theirs.headers[header]


def test_a_proxy_is_asked_for_other_hosts_and_never_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(echo("openai")) as proxy, serving(echo("openai")) as server:
        monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://me:pass%20word@"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with engine_at(server) as engine:
            assert ask(engine, "apple")[0].text == "APPLE"
        assert (len(server.seen), len(proxy.seen)) == (1, 0)
        settings = EnginesSettings(openai_compatible=EngineSettings(endpoint="http://vllm.invalid/v1"))
        engine = open_hosted(config("openai-compatible"), settings, {}, Budget())
        assert ask(engine, "apple")[0].text == "APPLE"
        engine.close()
        assert proxy.seen[0].path == "http://vllm.invalid/v1/chat/completions"
        assert proxy.seen[0].headers["proxy-authorization"] == "Basic bWU6cGFzcyB3b3Jk"


def test_half_a_character_in_a_reply_fails_no_run() -> None:
    body = json.loads(json.dumps(openai_answer("x")).replace('"x"', '"half \\ud83d"'))
    with serving(lambda _: Answer(body)) as server, engine_at(server) as engine:
        assert [answer.text for answer in ask(engine, "apple")] == ["half \ufffd"]


def test_a_reply_that_is_nested_too_deeply_is_one_that_cannot_be_read() -> None:
    with serving(lambda _: Answer(b"[" * 100_000)) as server, engine_at(server, attempts=1) as engine:
        assert "ENG023" in (ask(engine, "apple")[0].error or "")
