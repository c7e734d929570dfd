"""A figure of a Prometheus server: its HTTP API spoken by a server of this test."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from registry.errors import Usage
from registry.publish.gauges import Gauge

QUERY = 'sum(rate(errors_total{release="$release",channel="$channel"}[5m]))'


class Server(ThreadingHTTPServer):
    """Answers every query with ``answer`` and remembers what it was asked."""

    answer: tuple[int, bytes] = (200, b"")
    drip: threading.Event | None = None
    asked: tuple[str, str | None, str | None] | None = None


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.server.asked = parts.path, query.get("query", [None])[0], self.headers.get("Authorization")
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        drip = self.server.drip
        while drip is not None and not drip.wait(0.02):
            try:
                self.wfile.write(b" ")
            except OSError:
                return
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def result(kind: str, value: object) -> tuple[int, bytes]:
    return 200, json.dumps({"status": "success", "data": {"resultType": kind, "result": value}}).encode()


def vector(*values: str) -> tuple[int, bytes]:
    return result("vector", [{"metric": {}, "value": [1_700_000_000.1, value]} for value in values])


def ask(server: Server, highest: float = 0.02) -> tuple[str, str]:
    url = f"http://127.0.0.1:{server.server_port}/"
    found = Gauge(url, QUERY, highest).examine("production", 42)
    return found.word, found.why


def test_the_query_names_the_release_and_the_channel(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPTYARD_PROMETHEUS_TOKEN", "not-a-real-token")
    server.answer = vector("0.01")
    assert ask(server) == ("healthy", "the query gives 0.01")
    told = 'sum(rate(errors_total{release="42",channel="production"}[5m]))'
    assert server.asked == ("/api/v1/query", told, "Bearer not-a-real-token")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (vector("0.02"), "healthy"),
        (vector("0.01", "0.03"), "bad"),
        (result("scalar", [1, "0"]), "healthy"),
        (vector("+Inf"), "bad"),
        (vector(), "unknown"),
        (vector("NaN"), "unknown"),
        (vector("0", "NaN"), "unknown"),
        ((503, b""), "unknown"),
        ((200, b"<html>"), "unknown"),
        ((200, b"{}"), "unknown"),
        ((200, b"[]"), "unknown"),
        ((200, b'{"status": "error"}'), "unknown"),
        ((401, b'{"status": "error"}'), "unknown"),
        ((302, b""), "unknown"),
        ((400, b'{"status": "error", "error": 5}'), "unknown"),
        ((200, b'{"status": "success", "data": ' + b" " * (1 << 20)), "unknown"),
        (result("vector", [{}]), "unknown"),
    ],
)
def test_only_a_figure_is_a_figure(server: Server, answer: tuple[int, bytes], word: str) -> None:
    server.answer = answer
    assert ask(server)[0] == word


def test_a_query_that_prometheus_refuses_is_the_persons_to_mend(server: Server) -> None:
    server.answer = 400, json.dumps({"status": "error", "error": "parse error at char 3"}).encode()
    with pytest.raises(Usage, match=r"PUB027 .*parse error at char 3"):
        ask(server)
    server.answer = result("matrix", [])
    with pytest.raises(Usage, match="PUB027 the query gives a matrix"):
        ask(server)


def test_an_answer_that_drips_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.publish.gauges.TIMEOUT_S", 0.2)
    server.answer, server.drip = (200, b" " * 100_000), threading.Event()
    assert ask(server) == ("unknown", "Prometheus does not answer (TimeoutError)")
    server.drip.set()


def test_what_a_server_says_of_a_query_cannot_steer_a_terminal(server: Server) -> None:
    server.answer = 400, json.dumps({"status": "error", "error": "\x1b[2Jx" + "y" * 900}).encode()
    with pytest.raises(Usage, match="PUB027") as caught:
        ask(server)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_server_that_is_away_or_hangs_is_unknown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr("registry.publish.gauges.TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert Gauge(f"http://127.0.0.1:{port}", QUERY, 1).examine("production", 1).word == "unknown"
    assert Gauge(f"http://127.0.0.1:{port}", QUERY, 1).examine("production", 1).word == "unknown"
    assert Gauge("http://no-such-host.invalid", QUERY, 1).examine("production", 1).word == "unknown"
