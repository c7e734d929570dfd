"""Keeping prompts current: Langfuse's and MLflow's clients, each against a server that answers as theirs does.

They fetch single prompts by name and label, unsigned, and keep each for a time; Promptyard and a plain signed
manifest ask for all of them at once. The rows stand in one table so that nobody has to guess what that means.
The server's own work is not counted. Langfuse and MLflow are left out where they are not installed.
"""

from __future__ import annotations

import http.server
import json
import logging
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec

from benchmarks.render import SYSTEM, USER
from benchmarks.web import Counts, on_loopback

NAME, LABEL = "chat", "production"
ROUNDS = 51
CHAT = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
_TAGS = {
    "mlflow.prompt.is_prompt": "true",
    "mlflow.prompt.text": json.dumps(CHAT),
    "_mlflow_prompt_type": "chat",
}
_VERSION = {
    "name": NAME,
    "version": "1",
    "tags": [{"key": key, "value": value} for key, value in _TAGS.items()],
}
_ANSWERS = {
    "/api/public/v2/prompts/": {
        "name": NAME, "version": 1, "type": "chat", "prompt": CHAT, "config": {}, "labels": [LABEL], "tags": [],
    },
    "/registered-models/get": {
        "registered_model": {"name": NAME, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
    },
    "/registered-models/alias": {"model_version": _VERSION},
    "/model-versions/get": {"model_version": _VERSION},
}  # fmt: skip


def rows(prompts: int, ours: Mapping[str, tuple[Callable[[], object], Counts]]) -> Iterator[tuple[str, ...]]:
    """A row for each client: what a look for news costs when there are none, and what all prompts cost.

    ``ours`` are clients whose one request covers all prompts, each with what its server counts.
    """
    with _server() as host:
        peers = {name: (fetch, host) for name, fetch in _peers(host.url).items()}
        for who, (look, counts) in {**ours, **peers}.items():
            look()
            counts.requests = counts.body_bytes = 0
            costs = [_cpu_ms(look) for _ in range(ROUNDS)]
            asked, sent = counts.requests // ROUNDS, counts.body_bytes // ROUNDS
            times = 1 if who in ours else prompts
            cpu = statistics.median(costs)
            yield (
                who,
                str(asked),
                f"{sent:,}",
                f"{cpu:.1f} ms",
                f"{asked * times:,}",
                f"{cpu * times:,.1f} ms",
            )


def _peers(url: str) -> Mapping[str, Callable[[], object]]:
    """What each peer does once it thinks a prompt too old: fetch it again."""
    found: dict[str, Callable[[], object]] = {}
    if find_spec("langfuse") is not None:
        from langfuse import Langfuse  # type: ignore[import-not-found,unused-ignore]

        client = Langfuse(public_key="pk-bench", secret_key="not-a-secret", host=url, tracing_enabled=False)
        found["Langfuse `get_prompt`, one prompt"] = lambda: client.get_prompt(
            NAME, type="chat", label=LABEL, cache_ttl_seconds=0
        )
    if find_spec("mlflow") is not None:
        logging.getLogger("mlflow").setLevel(logging.ERROR)
        os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
        import mlflow  # type: ignore[import-not-found,unused-ignore]

        mlflow.set_tracking_uri(url)
        found["MLflow `load_prompt`, one prompt by alias"] = lambda: mlflow.genai.load_prompt(
            f"prompts:/{NAME}@{LABEL}", cache_ttl_seconds=0
        )
    return found


def _cpu_ms(call: Callable[[], object]) -> float:
    start = time.thread_time()
    call()
    return (time.thread_time() - start) * 1000


@contextmanager
def _server() -> Iterator[Counts]:
    """Answers as the peers' servers do, without tags: neither of them offers any."""
    counts = Counts("")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = next((answer for part, answer in _ANSWERS.items() if part in self.path), {})
            body = json.dumps(told).encode()
            counts.requests += 1
            counts.body_bytes += len(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  # as the base class calls it

        def log_message(self, *_: object) -> None:
            pass

    with on_loopback(Handler) as counts.url:
        yield counts
