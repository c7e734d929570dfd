"""The client: a cold start from disk, an unchanged poll, a swap and a render through it; and its requests over HTTP.

Beside it over HTTP: what a bundle poller does that trusts one signed manifest (as OPA's bundles are polled), with no
defence against replay, freezing or a stolen key.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import serve
from benchmarks import fetching
from benchmarks.measure import per_call_us, table
from benchmarks.render import NAMES, SYSTEM, USER, VALUES
from benchmarks.web import web
from registry.publish.channels import current, initialise, open_target, publish
from registry.publish.target import Target
from registry.settings import Settings
from serve.core.bundle import assemble, entry_digest, pack, unpack
from serve.core.compile import compile_bundle
from serve.core.digest import sha256
from serve.core.live import Live
from serve.core.model import Bundle, Message, ModelConfig, Part, Prompt, Reference
from serve.sources import open_source
from serve.sources.port import Fetched, NotModified, Source

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
    ) + "\n" + table(
        "Client over HTTP and S3: 200 prompts",
        "python -m benchmarks client",
        ("what", "requests", "body bytes", "client CPU"),
        list(_over_the_network(200)),
    ) + "\n" + table(
        "A look for news when there are none: 200 prompts",
        "python -m benchmarks client",
        ("client", "requests", "body bytes", "client CPU", "requests for all", "CPU for all"),
        list(_beside_fetchers(200)),
    )  # fmt: skip


def _measure(prompts: int) -> Iterator[tuple[str, int, str]]:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        target = open_target("file:store", root)
        initialise(target, CHANNEL, root)
        _publish(target, root, prompts, "one")
        with connected(root) as client:
            client.step()
            calls = {"render": lambda: client.render("bench/p0", VALUES), "poll": client.step}
            costs = per_call_us(calls, rounds=11, calls=300)
            yield "render, strict and typed", prompts, f"{costs['render']:.1f} µs"
            yield "unchanged poll", prompts, f"{costs['poll']:.0f} µs"
            _publish(target, root, prompts, "two")
            yield "swap, one prompt changed", prompts, f"{_cpu_ms(client.step):.0f} ms"
        yield "cold start from disk, no network", prompts, f"{_cpu_ms(lambda: _client_once(root)):.0f} ms"


def _over_the_network(prompts: int) -> Iterator[tuple[str, int, str, str]]:
    """The same store read by each client; figures of one request are medians of many."""
    with tempfile.TemporaryDirectory() as scratch, web(Path(scratch) / "store") as host:
        root = Path(scratch)
        target = open_target("file:store", root)
        initialise(target, CHANNEL, root)
        _publish(target, root, prompts, "one")
        with (
            connected(root, f"{host.url}/yard", "http") as http,
            connected(root, f"s3://yard?endpoint={host.url}&region=us-east-1&anonymous=true", "s3") as s3,
        ):
            plain = PlainManifest(open_source(f"{host.url}/yard"), root)
            plain.publish(target, root)
            steps = {
                "Promptyard, HTTP": http.step,
                "Promptyard, S3": s3.step,
                "plain signed manifest": plain.step,
            }
            for moment in ("cold start", "no change", "update, one prompt changed"):
                if moment.startswith("update"):
                    _publish(target, root, prompts, "two")
                    plain.publish(target, root)
                for who, step in steps.items():
                    host.requests = host.body_bytes = 0
                    costs = [_cpu_ms_of_thread(step) for _ in range(101 if moment == "no change" else 1)]
                    asked, sent = host.requests // len(costs), host.body_bytes // len(costs)
                    yield f"{moment}: {who}", asked, f"{sent:,}", f"{statistics.median(costs):.1f} ms"


def _beside_fetchers(prompts: int) -> Iterator[tuple[str, ...]]:
    """Clients that poll one document for everything, and those that fetch prompt by prompt."""
    with tempfile.TemporaryDirectory() as scratch, web(Path(scratch) / "store") as host:
        root = Path(scratch)
        target = open_target("file:store", root)
        initialise(target, CHANNEL, root)
        _publish(target, root, prompts, "one")
        with connected(root, f"{host.url}/yard", "http") as client:
            plain = PlainManifest(open_source(f"{host.url}/yard"), root)
            plain.publish(target, root)
            ours = {"Promptyard, HTTP": client.step, "plain signed manifest": plain.step}
            yield from fetching.rows(prompts, {name: (step, host) for name, step in ours.items()})


class PlainManifest:
    """A poller that trusts one signed manifest: its tag, a signature by one key, the bundle's digest, and no more."""

    def __init__(self, source: Source, root: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.generate()
        self._source, self._at = source, root / "store/plain.json"
        self._etag: str | None = None
        self._live: Live | None = None

    def publish(self, target: Target, root: Path) -> None:
        """Sign which bundle the channel has."""
        move = current(target, CHANNEL, root=root)
        assert move is not None
        told = json.dumps({"sha256": move.sha256, "size": move.size_bytes}).encode()
        self._at.write_bytes(self._key.sign(told) + told)

    def step(self) -> None:
        """Poll, verify, compile, swap."""
        answer = self._source.fetch("plain.json", etag=self._etag, max_bytes=10_000)
        if isinstance(answer, NotModified):
            return
        self._key.public_key().verify(answer.data[:64], answer.data[64:])
        told = json.loads(answer.data[64:])
        found = self._source.fetch(f"objects/sha256/{told['sha256']}", max_bytes=told["size"])
        assert isinstance(found, Fetched)
        assert sha256(found.data) == told["sha256"]
        self._live = compile_bundle(unpack(found.data), sha256=told["sha256"], previous=self._live)
        self._etag = answer.etag


def _cpu_ms_of_thread(call: Callable[[], object]) -> float:
    start = time.thread_time()
    call()
    return (time.thread_time() - start) * 1000


def _cpu_ms(call: object) -> float:
    start = time.process_time()
    assert callable(call)
    call()
    return (time.process_time() - start) * 1000


@contextlib.contextmanager
def connected(root: Path, url: str = "", cache: str = "") -> Iterator[serve.Client]:
    client = serve.connect(
        url or f"file:{root}/store",
        trust=root / CHANNEL.root,
        channel="production",
        cache=root / (cache or "cache"),
        start=False,
    )
    yield client
    client.close()


def _client_once(root: Path) -> None:
    with connected(root) as client:
        assert client.live is not None


def _publish(target: Target, root: Path, prompts: int, word: str) -> None:
    publish_bundle(target, root, lambda number: bundle(number, prompts, word))


def publish_bundle(target: Target, root: Path, make: Callable[[int], Bundle]) -> None:
    """Make a release live; ``make`` gets its number."""
    publish(
        target,
        CHANNEL,
        lambda number: pack(make(number)),
        actor="bench",
        descends=lambda *_: True,
        root=root,
    )


def bundle(number: int, prompts: int, word: str) -> Bundle:
    """A release of 2 kB prompts, each with a text of its own; the word is the first one's description."""
    prompt = Prompt(
        "bench/p",
        Reference(MODEL.id, entry_digest(MODEL)),
        (Message("system", (Part(SYSTEM),)), Message("user", (Part(USER),))),
        inputs={name: {"type": "string", "maxLength": 4000} for name in NAMES},
    )
    made = {
        f"bench/p{n}": replace(prompt, id=f"bench/p{n}", messages=_own(prompt, n)) for n in range(prompts)
    }
    made["bench/p0"] = replace(made["bench/p0"], description=word)
    return assemble(
        release=number, commit=word, created="2026-01-01T00:00:00Z", prompts=made, models={MODEL.id: MODEL}
    )


def _own(prompt: Prompt, number: int) -> tuple[Message, ...]:
    system, *rest = prompt.messages
    assert isinstance(system, Message)
    return (Message("system", (Part(f"{number}: {system.content[0].text}"),)), *rest)  # type: ignore[arg-type]
