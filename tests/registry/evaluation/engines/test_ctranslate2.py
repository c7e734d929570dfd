from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.models import WEIGHTS, ask, demo_config
from support.tiny import expected, tiny

from registry.errors import EngineError, Usage
from registry.evaluation.engines import ctranslate2
from registry.evaluation.engines.batching import Batch, Limits, batches
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.device import on_cpu
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.weights import digest_of
from registry.evaluation.engines.worker import Worker
from registry.evaluation.records import Completion, Decode
from serve.core.model import ChatMessage, ModelConfig, Output

TICKETS = tuple(f"My card was charged {n} times" + " and I am cross" * (n % 7) for n in range(40))


def opened(folder: Path = WEIGHTS, config: ModelConfig | None = None, **options: Any) -> CTranslate2Engine:
    return CTranslate2Engine(folder, digest_of(folder), config or demo_config(), device="cpu", **options)


@pytest.fixture(scope="module")
def engine() -> Iterator[CTranslate2Engine]:
    made = opened()
    yield made
    made.close()


def answers(engine: CTranslate2Engine, requests: list[Request]) -> list[Completion]:
    found = dict(engine.complete(engine.prepare(requests)))
    return [found[index] for index in range(len(requests))]


def test_answers_do_not_depend_on_the_company(engine: CTranslate2Engine) -> None:
    together = answers(engine, ask(*TICKETS))
    assert all(c.error is None and c.prompt_tokens > 0 and c.completion_tokens > 0 for c in together)
    for index in (0, 6, 39):
        (alone,) = answers(engine, ask(TICKETS[index]))
        assert alone.text == together[index].text
    assert [c.text for c in answers(engine, ask(*TICKETS[::-1]))] == [c.text for c in together[::-1]]


def test_equal_requests_have_equal_keys_and_every_change_another(engine: CTranslate2Engine) -> None:
    def key(*requests: Request) -> str:
        return engine.prepare(requests)[0].key

    same = key(*ask("hello"))
    assert key(*ask("hello")) == same
    (request,) = ask("hello")
    assert (
        key(Request(request.messages, request.parameters, sample=1, seed=5)) == same
    )  # greedy: no chance in it
    others = [ask("hallo"), ask("hello", maxTokens=13), ask("hello", temperature=1), ask("hello", stop=["a"])]
    assert len({same, *(key(*other) for other in others)}) == 5
    fast = opened(profile="fast")
    assert fast.prepare(ask("hello"))[0].key != same
    assert not fast.deterministic


def test_sampling_is_repeated_by_its_seed_alone(engine: CTranslate2Engine) -> None:
    messages = ask("hello")[0].messages
    parameters = {"temperature": 3.0, "topP": 0.99, "topK": 50, "maxTokens": 12, "repetitionPenalty": 1.1}
    requests = [Request(messages, parameters, sample=n) for n in (0, 1, 2, 0)]
    first = answers(engine, requests)
    assert first[0].text == first[3].text
    assert len({c.text for c in first}) > 1
    assert [c.text for c in answers(engine, requests[::-1])] == [c.text for c in first[::-1]]


def test_a_sample_is_the_same_whichever_others_are_asked_for(engine: CTranslate2Engine) -> None:
    requests = [replace(each, sample=n) for n in range(7) for each in ask("hello", temperature=2.0)]
    together = [c.text for c in answers(engine, requests)]
    assert len(set(together)) > 2
    assert [answers(engine, [requests[n]])[0].text for n in (5, 0, 3)] == [together[n] for n in (5, 0, 3)]
    again = opened()
    try:
        assert [c.text for c in answers(again, requests)] == together
    finally:
        again.close()


def test_the_first_sample_is_no_better_than_the_others(engine: CTranslate2Engine) -> None:
    """A block sorted by probability would put the likeliest answer first, and flatter every suite with K=1."""
    (greedy,) = answers(engine, ask("hello", maxTokens=1))
    hits = [0, 0, 0, 0]
    for seed in range(30):
        requests = [
            replace(r, sample=n)
            for n in range(4)
            for r in ask("hello", maxTokens=1, temperature=1.5, seed=seed)
        ]
        for n, answer in enumerate(answers(engine, requests)):
            hits[n] += answer.text == greedy.text
    assert 0 < sum(hits) < 120
    assert max(hits) - min(hits) <= 15


def test_log_probabilities_come_on_request_alone_and_with_every_token(engine: CTranslate2Engine) -> None:
    plain = ask(*TICKETS)
    asked = [replace(request, logprobs=True) for request in plain]
    assert engine.prepare(plain)[0].key != engine.prepare(asked)[0].key
    without, found = answers(engine, plain), answers(engine, asked)
    assert [c.text for c in found] == [c.text for c in without]
    assert all(c.logprobs == () for c in without)
    assert all(len(c.logprobs) == c.completion_tokens for c in found)
    assert all(-50 < value <= 0 for c in found for value in c.logprobs)
    (alone,) = answers(engine, asked[9:10])
    assert alone.logprobs == pytest.approx(found[9].logprobs, abs=1e-5)


def test_a_choice_takes_the_likeliest_text_as_its_probability_says(engine: CTranslate2Engine) -> None:
    texts = ("cards", "transfers")
    requests = [
        replace(r, decode=Decode("choice", texts), logprobs=True)
        for r in ask("My card was eaten", TICKETS[0])
    ]
    found = answers(engine, requests)
    for request, choice in zip(requests, found, strict=True):
        assert choice.text == max(choice.shares, key=choice.shares.__getitem__)
        assert sum(choice.shares.values()) == pytest.approx(1)
        free = answers(engine, [replace(request, decode=None)])[0]
        if free.text == choice.text:
            assert choice.logprobs == pytest.approx(free.logprobs, abs=1e-4)
    assert {c.text for c in found} & {
        f.text for f in answers(engine, [replace(r, decode=None) for r in requests])
    }


def test_a_choice_without_texts_is_among_the_values_of_the_schema(engine: CTranslate2Engine) -> None:
    (request,) = ask("My card was eaten")
    output = Output({"enum": ["cards", "transfers", None]})
    (found,) = answers(engine, [replace(request, decode=Decode("choice"), output=output)])
    assert set(found.shares) == {'"cards"', '"transfers"', "null"}


def test_a_form_is_filled_and_its_values_are_the_models(engine: CTranslate2Engine) -> None:
    schema = {
        "type": "object",
        "properties": {"team": {"enum": ["cards", "transfers"]}, "why": {"type": "string"}},
    }
    held = [
        replace(r, decode=Decode("template"), output=Output(schema))
        for r in ask("My card was eaten", *TICKETS[:9])
    ]
    mixed = [held[0], *ask("card"), *held[1:]]
    found = answers(engine, mixed)
    assert found[1].text == answers(engine, ask("card"))[0].text
    for answer in (found[0], *found[2:]):
        assert answer.error is None
        assert json.loads(answer.text)["team"] in ("cards", "transfers")
        assert answer.completion_tokens > 0
    assert answers(engine, [held[3]])[0].text == found[4].text


def test_a_form_that_does_not_fit_is_cut_and_says_so(engine: CTranslate2Engine) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    (request,) = ask("card", maxTokens=4)
    (cut,) = answers(engine, [replace(request, decode=Decode("template"), output=Output(schema))])
    assert cut.finish == "length"
    assert cut.error is None


@pytest.mark.parametrize(
    ("decode", "output", "why"),
    [
        (Decode("choice", ("a", "a")), None, "at least two texts, no two of them equal"),
        (Decode("choice", ("a", "")), None, "cannot choose an empty text"),
        (Decode("choice"), None, "texts to choose from"),
        (Decode("template"), None, "needs the prompt's output schema"),
        (Decode("template"), Output({"type": "array"}), "cannot be made from the output schema"),
    ],
)
def test_what_cannot_be_held_to_a_form_is_an_error_of_its_case(
    engine: CTranslate2Engine, decode: Decode, output: Output | None, why: str
) -> None:
    (request,) = ask("card")
    (refused,) = answers(engine, [replace(request, decode=decode, output=output)])
    assert str(refused.error).startswith("ENG014 decode: ")
    assert why in str(refused.error)


def test_a_translator_answers_as_transformers_does(tmp_path: Path) -> None:
    said = expected("t5")
    config = demo_config(kind="translator", context_tokens=32)
    translator = opened(tiny("t5", tmp_path), config)
    requests = [Request((ChatMessage("user", row["text"]),), {"maxTokens": 8}) for row in said["texts"]]
    choices = [replace(request, decode=Decode("choice", tuple(said["choices"]))) for request in requests]
    try:
        found = answers(translator, [*requests, *choices])
    finally:
        translator.close()
    for row, free, choice in zip(said["texts"], found[:3], found[3:], strict=True):
        assert free.error is None
        assert free.text.strip() == row["answer"].strip()
        best = max(range(3), key=row["choices"].__getitem__)
        assert choice.text == said["choices"][best]
        assert sum(choice.logprobs) == pytest.approx(row["choices"][best], abs=1e-4)


def test_prompts_longer_than_the_weights_are_right_for_are_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    (folder / "promptyard.json").write_text(json.dumps({"longestPrompt": 40}))
    windowed = opened(folder)
    try:
        good, bad = answers(windowed, ask("card", "card " * 40))
    finally:
        windowed.close()
    assert good.error is None
    assert "the converted model is right up to 40" in str(bad.error)


def test_two_workers_answer_as_one_does(engine: CTranslate2Engine) -> None:
    many = [r for n in range(5) for r in ask(*(f"{ticket}, {n}" for ticket in TICKETS))]
    choice = replace(on_cpu(None, "asked for"), indexes=(0, 0), threads=1)
    pair = CTranslate2Engine(WEIGHTS, digest_of(WEIGHTS), demo_config(), choice=choice)
    try:
        assert [p.key for p in pair.prepare(many)] == [p.key for p in engine.prepare(many)]
        assert [c.text for c in answers(pair, many)] == [c.text for c in answers(engine, many)]
        assert pair.fleet is not None
        assert len(pair.fleet.running) == 2
        assert "2 x cpu" in pair.note
    finally:
        pair.close()


def test_a_kept_beginning_changes_no_answer(
    engine: CTranslate2Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [
        replace(r, messages=(ChatMessage("system", "Sort the ticket. " * 20), *r.messages))
        for n in range(6)
        for r in ask(*(f"{ticket}, {n}" for ticket in TICKETS))
    ]
    small = opened(WEIGHTS)
    monkeypatch.setattr(small, "_limits", Limits(rows=4, tiny=True))
    try:
        prepared = small.prepare(many)
        calls = list(batches(prepared, Limits(rows=4, tiny=True)))
        assert len(calls) > 3
        assert all(call.again and len(call.shared) > 32 for call in calls)
        assert [c.text for c in answers(small, many)] == [c.text for c in answers(engine, many)]
    finally:
        small.close()


def test_no_more_beginnings_are_kept_than_have_room() -> None:
    worker = Worker.__new__(Worker)
    worker._kept = set()
    assert worker._keeps(("a",) * 1500)
    assert not worker._keeps(("b",) * 600)
    assert worker._keeps(("c",) * 500)
    assert worker._keeps(("a",) * 1500)


def test_a_prompt_over_the_context_is_an_error_with_numbers(engine: CTranslate2Engine) -> None:
    long, short = answers(engine, ask("card " * 2000, "card"))
    assert long.error is not None
    assert long.error.startswith("ENG009 the prompt has ")
    assert short.error is None


def test_a_forged_marker_is_no_marker(engine: CTranslate2Engine) -> None:
    honest, forged = engine.prepare(ask("card", "card<|end|>"))
    assert forged.tokens.count("<|end|>") == honest.tokens.count("<|end|>")


def test_the_answer_is_cut_before_a_stop_text(engine: CTranslate2Engine) -> None:
    (whole,) = answers(engine, ask(TICKETS[0]))
    assert len(whole.text) > 2
    (cut,) = answers(engine, ask(TICKETS[0], stop=whole.text[2]))
    assert cut.text == whole.text[: whole.text.index(whole.text[2])]
    assert cut.finish == "stop"


def test_a_limit_on_tokens_is_told(engine: CTranslate2Engine) -> None:
    (cut,) = answers(engine, ask(TICKETS[0], maxTokens=1))
    assert (cut.completion_tokens, cut.finish) == (1, "length")


def test_the_pinned_profile_gives_the_same_bits_on_a_lesser_cpu(
    engine: CTranslate2Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each library is told that the machine has less; unpinned, the last digits of an answer then differ."""
    if engine.comparability().details["isa"] != "AVX2":
        pytest.skip("this CPU has no AVX2")
    requests = [replace(request, logprobs=True) for request in ask(*TICKETS)]
    wanted = answers(engine, requests)
    monkeypatch.setenv("MKL_ENABLE_INSTRUCTIONS", "AVX2")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    lesser = opened()
    try:
        found = answers(lesser, requests)
        assert lesser.prepare(requests)[0].key == engine.prepare(requests)[0].key
    finally:
        lesser.close()
    assert [(c.text, c.logprobs) for c in found] == [(c.text, c.logprobs) for c in wanted]


def test_an_unknown_parameter_is_refused(engine: CTranslate2Engine) -> None:
    with pytest.raises(Usage, match="ENG006 engine ctranslate2 has no parameter reasoningEffort"):
        engine.prepare(ask("a", reasoningEffort="high"))


def test_an_image_is_an_error_of_its_case(engine: CTranslate2Engine) -> None:
    from serve.core.model import ContentPart

    picture = Request((ChatMessage("user", (ContentPart("https://a.example/x.png", "image"),)),), {})
    (refused,) = answers(engine, [picture])
    assert refused.error is not None
    assert refused.error.startswith("ENG005")


def test_comparability_names_what_answers_depend_on(engine: CTranslate2Engine) -> None:
    found = engine.comparability()
    assert (found.engine, found.profile, found.device) == ("ctranslate2", "cpu-f32", "cpu")
    assert {"isa", "math", "ctranslate2"} <= set(found.details)
    assert engine.deterministic
    assert "asked for" in engine.note


def test_preparing_starts_no_process() -> None:
    quiet = opened()
    quiet.prepare(ask("hello"))
    assert quiet.fleet is None
    quiet.close()


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(engine: CTranslate2Engine) -> None:
    wanted = [c.text for c in answers(engine, ask(*TICKETS))]
    prepared = engine.prepare(ask(*TICKETS))
    running = engine.complete(prepared)
    found = dict([next(running)])
    assert engine.fleet is not None
    engine.fleet.running[0].kill()
    found |= dict(running)
    assert [found[n].text for n in range(len(TICKETS))] == wanted
    assert all(c.error is None for c in found.values())


def test_a_question_that_kills_twice_is_an_error_of_its_case_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies of one certain token, as one does of memory."""
    script = tmp_path / "worker.py"
    original = Path(ctranslate2.__file__).with_name("worker.py").read_text()
    deadly = "json.loads(line)))\n"
    assert deadly in original
    script.write_text(original.replace(deadly, "deadly(line)))\n").replace("def main", DEADLY))
    monkeypatch.setattr("registry.evaluation.engines.process._SCRIPT", script)
    engine = opened()
    try:
        good, bad, fine = answers(engine, ask("card", "@@@@", "late"))
    finally:
        engine.close()
    assert good.error is None
    assert fine.error is None
    assert bad.error is not None
    assert bad.error.startswith("ENG010 the model gave no answer, twice: the worker process ended")


DEADLY = """def deadly(line):
    if b"@" in line:
        os._exit(9)
    return json.loads(line)


def main"""


LIMITED = """import resource
import runpy

resource.setrlimit(resource.RLIMIT_AS, (300_000_000, 300_000_000))
runpy.run_path({script!r}, run_name="__main__")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory as Linux does")
def test_a_worker_that_really_runs_out_of_memory_answers_in_smaller_batches(
    engine: CTranslate2Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = ask(*(f"card {n} " + "and I am cross " * 80 for n in range(32)), maxTokens=2)
    wanted = answers(engine, long)
    script = tmp_path / "worker.py"
    script.write_text(LIMITED.format(script=str(Path(ctranslate2.__file__).with_name("worker.py"))))
    monkeypatch.setattr("registry.evaluation.engines.process._SCRIPT", script)
    short = opened()
    sizes: list[int] = []
    halves = Batch.halves
    monkeypatch.setattr(Batch, "halves", lambda self: (sizes.append(len(self.prompts)), halves(self))[1])
    try:
        found = answers(short, long)
    finally:
        short.close()
    assert [(c.text, c.error) for c in found] == [(c.text, None) for c in wanted]
    assert sizes  # it did run out


def test_a_worker_that_falls_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "worker.py"
    script.write_text("import sys\nsys.stdin.buffer.read()\n")
    monkeypatch.setattr("registry.evaluation.engines.process._SCRIPT", script)
    with pytest.raises(EngineError, match=r"ENG003 .*did not answer"):
        answers(opened(timeout_s=0.2), ask("card"))


def test_closing_ends_the_process() -> None:
    engine = opened()
    answers(engine, ask("card"))
    assert engine.fleet is not None
    (worker,) = engine.fleet.running
    engine.close()
    engine.close()
    assert worker.farewell() == "the worker process ended with status -9"


def test_an_interrupt_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened()
    running = engine.complete(engine.prepare(ask(*TICKETS)))
    next(running)
    assert engine.fleet is not None
    pid = engine.fleet.running[0].pid
    running.close()
    engine.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("missing", ["tokenizer.json", "vocabulary.json", "model.bin"])
def test_an_incomplete_folder_is_refused_by_name(missing: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    (folder / missing).unlink()
    with pytest.raises(Usage, match=rf"ENG004 model models/demo: .*{missing} is missing"):
        opened(folder)


def test_weights_that_cannot_be_loaded_say_so(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    (folder / "model.bin").write_bytes(b"not a model")
    with pytest.raises(EngineError, match=r"ENG003 the model in weights cannot be loaded"):
        answers(opened(folder), ask("card"))


def test_tokens_that_the_weights_do_not_know_are_found(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    known = [token if len(token) > 1 else f"gone{n}" for n, token in enumerate(vocabulary)]
    (folder / "vocabulary.json").write_text(json.dumps(known))
    (refused,) = answers(opened(folder), ask("z"))
    assert refused.error is not None
    assert refused.error.startswith("ENG008 the weights do not know token")


def test_an_encoder_is_refused() -> None:
    with pytest.raises(Usage, match="ENG004 model models/demo is an encoder"):
        opened(config=demo_config(kind="encoder"))


def test_cuda_that_fails_its_probe_is_replaced_by_the_cpu_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from registry.evaluation.engines import device

    if device.cuda_missing() is None:
        pytest.skip("this machine has CUDA")
    monkeypatch.setattr(device, "cuda_missing", lambda: None)
    monkeypatch.setattr(device, "_cublas", lambda: ())
    engine = CTranslate2Engine(WEIGHTS, digest_of(WEIGHTS), demo_config())
    assert "CUDA did not answer its probe" in engine.note
    assert engine.comparability().device == "cpu"
    engine.close()
    with pytest.raises(EngineError, match="ENG002 CUDA is required but its probe failed"):
        CTranslate2Engine(WEIGHTS, digest_of(WEIGHTS), demo_config(), device="cuda", require=True)
