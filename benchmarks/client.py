"""The client around a folder store: a cold start from disk, an unchanged poll, a swap, and a render through it."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import serve
from benchmarks.measure import per_call_us, table
from benchmarks.render import NAMES, SYSTEM, USER, VALUES
from registry.publish.channels import initialise, open_target, publish
from registry.publish.target import Target
from registry.settings import Settings
from serve.core.bundle import assemble, entry_digest, pack
from serve.core.model import Bundle, Message, ModelConfig, Part, Prompt, Reference

CHANNEL = Settings().channel("production")
MODEL = ModelConfig("models/m", "openai", "m")


def main() -> str:
    """The table."""
    rows = [row for prompts in (200, 1000) for row in _measure(prompts)]
    return table(
        "Client: folder store, 2 kB prompts",
        "python -m benchmarks client",
        ("what", "prompts", "CPU"),
        rows,
    )


def _measure(prompts: int) -> Iterator[tuple[str, int, str]]:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        target = open_target("file:store", root)
        initialise(target, CHANNEL, root)
        _publish(target, root, prompts, "one")
        with _client(root) as client:
            client.step()
            calls = {"render": lambda: client.render("bench/p0", VALUES), "poll": client.step}
            costs = per_call_us(calls, rounds=11, calls=300)
            yield "render, strict and typed", prompts, f"{costs['render']:.1f} µs"
            yield "unchanged poll", prompts, f"{costs['poll']:.0f} µs"
            _publish(target, root, prompts, "two")
            yield "swap, one prompt changed", prompts, f"{_cpu_ms(client.step):.0f} ms"
        yield "cold start from disk, no network", prompts, f"{_cpu_ms(lambda: _client_once(root)):.0f} ms"


def _cpu_ms(call: object) -> float:
    start = time.process_time()
    assert callable(call)
    call()
    return (time.process_time() - start) * 1000


@contextlib.contextmanager
def _client(root: Path) -> Iterator[serve.Client]:
    client = serve.connect(
        f"file:{root}/store",
        trust=root / CHANNEL.root,
        channel="production",
        cache=root / "cache",
        start=False,
    )
    yield client
    client.close()


def _client_once(root: Path) -> None:
    with _client(root) as client:
        assert client.live is not None


def _publish(target: Target, root: Path, prompts: int, word: str) -> None:
    publish(
        target,
        CHANNEL,
        lambda number: pack(_bundle(number, prompts, word)),
        actor="bench",
        descends=lambda *_: True,
        root=root,
    )


def _bundle(number: int, prompts: int, word: str) -> Bundle:
    prompt = Prompt(
        "bench/p",
        Reference(MODEL.id, entry_digest(MODEL)),
        (Message("system", (Part(SYSTEM),)), Message("user", (Part(USER),))),
        inputs={name: {"type": "string", "maxLength": 4000} for name in NAMES},
    )
    made = {f"bench/p{index}": replace(prompt, id=f"bench/p{index}") for index in range(prompts)}
    made["bench/p0"] = replace(made["bench/p0"], description=word)
    return assemble(
        release=number, commit=word, created="2026-01-01T00:00:00Z", prompts=made, models={MODEL.id: MODEL}
    )
