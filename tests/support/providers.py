"""A server on loopback that speaks the providers' wire formats, and all the ways in which one can fail.

Answers are built so that the providers' own SDKs can read them (``test_providers.py`` holds them to that).
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = Any


@dataclass
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: Json
    at: float


@dataclass
class Answer:
    """One reply. ``fault`` is what goes wrong on the way: hang, drop, cut, slow."""

    body: Json | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


class Server:
    """Answers with ``say``, after the scripted answers are used up."""

    def __init__(self, say: Callable[[Seen], Answer]) -> None:
        self.say = say
        self.script: list[Answer] = []
        self.seen: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()
        self._release = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                server.handle(self)

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        size = int(request.headers.get("Content-Length") or 0)
        seen = Seen(
            request.path,
            {k.lower(): v for k, v in request.headers.items()},
            json.loads(request.rfile.read(size) or b"null"),
            time.monotonic(),
        )
        with self._lock:
            self.seen.append(seen)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            answer = self.script.pop(0) if self.script else None
        try:
            self.reply(request, answer or self.say(seen))
        finally:
            with self._lock:
                self.at_once -= 1

    def reply(self, request: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        if answer.fault == "hang":
            self._release.wait(30)
            return
        if answer.fault == "drop":
            linger = struct.pack("ii", 1, 0)
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            request.connection.close()
            return
        request.send_response(answer.status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            request.send_header(name, value)
        request.end_headers()
        if answer.fault == "cut":
            request.wfile.write(body[: len(body) // 2])
            request.wfile.flush()
            request.connection.shutdown(socket.SHUT_RDWR)
            return
        for piece in [body[i : i + 1] for i in range(len(body))] if answer.fault == "slow" else [body]:
            request.wfile.write(piece)
            request.wfile.flush()
            if answer.fault == "slow":
                time.sleep(0.02)

    def close(self) -> None:
        self._release.set()
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def serving(say: Callable[[Seen], Answer]) -> Iterator[Server]:
    """A server while the block runs."""
    server = Server(say)
    try:
        yield server
    finally:
        server.close()


def openai_answer(text: str | None, **changes: Json) -> Json:
    """A chat completion; ``calls`` are its tool calls, ``finish`` its reason."""
    message: Json = {"role": "assistant", "content": text, "refusal": None}
    if "calls" in changes:
        message["tool_calls"] = changes["calls"]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": changes.get("model", "gpt-test-2026-08-01"),
        "choices": [
            {"index": 0, "message": message, "logprobs": None, "finish_reason": changes.get("finish", "stop")}
        ],
        "usage": {
            "prompt_tokens": 20,
            "completion_tokens": 5,
            "total_tokens": 25,
            "prompt_tokens_details": {"cached_tokens": changes.get("cached", 0)},
        },
    }


def anthropic_answer(text: str, **changes: Json) -> Json:
    """A message; ``blocks`` come before its text."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": [*changes.get("blocks", ()), *([{"type": "text", "text": text}] if text else [])],
        "stop_reason": changes.get("finish", "end_turn"),
        "stop_sequence": None,
        "usage": {
            "input_tokens": 20,
            "output_tokens": 5,
            "cache_read_input_tokens": changes.get("cached", 0),
            "cache_creation_input_tokens": changes.get("written", 0),
        },
    }


def gemini_answer(text: str, **changes: Json) -> Json:
    """A response; ``parts`` come before its text."""
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [*changes.get("parts", ()), {"text": text}]},
                "finishReason": changes.get("finish", "STOP"),
                "index": 0,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 20,
            "candidatesTokenCount": 5,
            "thoughtsTokenCount": changes.get("thoughts", 0),
            "totalTokenCount": 25 + changes.get("thoughts", 0),
        },
        "modelVersion": "gemini-test-001",
        "responseId": "r1",
    }


def bedrock_answer(text: str, **changes: Json) -> Json:
    """Converse's answer; ``blocks`` come before its text."""
    content = [*changes.get("blocks", ()), *([{"text": text}] if text else [])]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": changes.get("finish", "end_turn"),
        "usage": {"inputTokens": 20, "outputTokens": 5, "totalTokens": 25},
        "metrics": {"latencyMs": 12},
    }


ANSWERS: dict[str, Callable[..., Json]] = {
    "openai": openai_answer,
    "openai-compatible": openai_answer,
    "anthropic": anthropic_answer,
    "gemini": gemini_answer,
    "bedrock": bedrock_answer,
}


def last_words(engine: str, body: Json) -> str:
    """The text of the last message in a request body."""
    if engine == "gemini":
        return str(body["contents"][-1]["parts"][-1]["text"])
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else str(content[-1]["text"])


def echo(engine: str) -> Callable[[Seen], Answer]:
    """Answers each request with its last words in capitals."""
    return lambda seen: Answer(ANSWERS[engine](last_words(engine, seen.body).upper()))
