"""Reading over HTTPS, and through what stands in front of a store: a CDN that packs, ages and forgets."""

from __future__ import annotations

import datetime as dt
import gzip
import http.server
import ipaddress
import logging
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support.bundles import bundle, prompt, text

import serve
from serve.core.digest import sha256
from serve.sources import open_source
from serve.sources.port import Fetched, NotModified, SourceTooLarge, SourceUnavailable, told_at


@dataclass
class Edge:
    """A CDN's edge before a folder: it keeps what it fetched until told to forget, and packs what it sends."""

    folder: Path
    packs: bool = False
    weak: bool = False
    keeps: bool = False
    age: int = 7
    kept: dict[str, bytes] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        path = request.path.removeprefix("/yard/")
        body = self._held(path)
        if body is None:
            return self._say(request, 404, b"none")
        tag = f'{"W/" if self.weak else ""}"{sha256(body)}"'
        age = {"ETag": tag, "Age": str(self.age), "X-Cache": "Hit from edge", "Vary": "Accept-Encoding"}
        if request.headers["If-None-Match"] == tag:
            return self._say(request, 304, b"", **age)
        if self.packs:
            return self._say(request, 200, gzip.compress(body), **age, **{"Content-Encoding": "gzip"})
        return self._say(request, 200, body, **age)

    def _held(self, path: str) -> bytes | None:
        place = self.folder / path
        if not self.keeps:
            return place.read_bytes() if place.is_file() else None
        if path not in self.kept and place.is_file():
            self.kept[path] = place.read_bytes()
        return self.kept.get(path)

    @staticmethod
    def _say(request: http.server.BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


def serving(edge: Edge, *, tls: ssl.SSLContext | None = None) -> Iterator[Edge]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            edge.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that does not trust us hangs up: expected here."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    edge.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/yard"
    yield edge
    server.shutdown()
    server.server_close()


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    yield from serving(Edge(tmp_path / "yard"))


def one(edge: Edge, body: bytes = b"body of one") -> bytes:
    edge.folder.mkdir(exist_ok=True)
    (edge.folder / "one").write_bytes(body)
    return body


def authority(folder: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate for a host, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test only")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{host}.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = folder / f"{host}.key"
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


@pytest.mark.parametrize(
    ("host", "known", "reads"),
    [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("127.0.0.2", True, False)],
    ids=["trusted", "unknown authority", "another host's certificate"],
)
def test_https_reads_from_whom_the_machine_trusts_and_from_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, known: bool, reads: bool
) -> None:
    tls, pem = authority(tmp_path, host)
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    for edge in serving(Edge(tmp_path / "yard"), tls=tls):
        body = one(edge)
        source = open_source(edge.url)
        if not reads:
            with pytest.raises(SourceUnavailable, match="SRC001"):
                source.fetch("one", max_bytes=100)
            assert edge.asked == []
        else:
            first = source.fetch("one", max_bytes=100)
            assert isinstance(first, Fetched)
            assert first.data == body
            assert source.fetch("one", etag=first.etag, max_bytes=100) == NotModified()
        source.close()


def test_a_request_asks_for_the_bytes_as_they_are_and_names_the_tag_as_it_was_given(edge: Edge) -> None:
    one(edge)
    edge.weak = True
    source = open_source(edge.url)
    first = source.fetch("one", max_bytes=100)
    assert isinstance(first, Fetched)
    assert first.etag is not None
    assert first.etag.startswith('W/"')
    assert source.fetch("one", etag=first.etag, max_bytes=100) == NotModified()
    assert [asked["accept-encoding"] for asked in edge.asked] == ["identity"] * 2
    assert "if-none-match" not in edge.asked[0]
    assert edge.asked[1]["if-none-match"] == first.etag
    assert not {"cookie", "authorization", "pragma"} & edge.asked[1].keys()
    source.close()


def test_what_a_cdn_packs_unasked_is_unpacked_and_its_size_is_that_of_what_comes_out(edge: Edge) -> None:
    body = one(edge, bytes(50_000))
    edge.packs = True
    source = open_source(edge.url)
    fetched = source.fetch("one", max_bytes=50_000)
    assert isinstance(fetched, Fetched)
    assert fetched.data == body
    with pytest.raises(SourceTooLarge, match="SRC004"):
        source.fetch("one", max_bytes=49_999)
    source.close()


def release(number: int) -> object:
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


@pytest.mark.parametrize("ways", [{"packs": True}, {"weak": True}, {"packs": True, "weak": True}])
def test_a_service_behind_such_a_cdn_follows_its_channel_and_asks_once_a_poll(yard, desk, edge, ways) -> None:
    for name, value in ways.items():
        setattr(edge, name, value)
    yard.publish(release(1))
    it = desk(source=open_source(edge.url))
    assert it.client.step()
    edge.asked.clear()
    assert not it.client.step()
    assert len(edge.asked) == 1
    yard.publish(release(2))
    assert it.client.step()
    assert it.say() == "2 Ann"


def test_an_edge_that_keeps_an_old_timestamp_delays_a_release_and_harms_nothing(yard, desk, edge) -> None:
    edge.keeps = True
    yard.publish(release(1))
    it = desk(source=open_source(edge.url))
    it.client.step()
    yard.publish(release(2))
    assert not it.client.step()  # a 304 from the edge, for what is old by now
    assert (it.say(), it.client.status().state) == ("1 Ann", "fresh")
    edge.kept = {path: data for path, data in edge.kept.items() if "timestamp" not in path}
    assert it.client.step()
    assert it.say() == "2 Ann"


def test_an_edge_that_has_the_new_timestamp_and_not_the_rest_yet_is_asked_again(yard, desk, edge) -> None:
    yard.publish(release(1))
    it = desk(source=open_source(edge.url))
    it.client.step()
    edge.keeps = True
    yard.publish(release(2))
    late = {path: path.read_bytes() for path in (yard.metadata / "2.snapshot.json", yard.object())}
    for path, data in late.items():
        path.unlink()
        with pytest.raises(serve.Unavailable):
            it.client.step()
        assert it.say() == "1 Ann"
        path.write_bytes(data)
    assert it.client.step()
    assert it.say() == "2 Ann"


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"date": "Sat, 21 Nov 2026 18:00:00 GMT"}, 1795284000.0),
        ({"date": "Sat, 21 Nov 2026 18:00:00 GMT", "age": "60"}, 1795284060.0),
        ({"date": "Sat, 21 Nov 2026 18:00:00 GMT", "age": "old"}, None),
        ({"date": "yesterday"}, None),
        ({"date": "Sat, 99 Nov 2026 18:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_the_store_s_time_is_its_date_and_what_a_cache_added(
    headers: dict[str, str], at: float | None
) -> None:
    assert told_at(headers) == at


def test_a_clock_that_is_far_from_the_store_s_is_told_once_and_stops_nothing(
    yard, desk, edge, caplog
) -> None:
    edge.age = 0
    yard.publish(release(1))
    it = desk(source=open_source(edge.url))
    it.client.step()
    assert abs(it.client.status().clock_off_s) < 60
    it.clock.advance(hours=3)
    with caplog.at_level(logging.WARNING, "serve"):
        it.client.step()
        it.client.step()
    assert [record.message for record in caplog.records] == [
        "channel production: this machine's clock and the store's are minutes apart; expiry is judged by this one"
    ]
    assert abs(it.client.status().clock_off_s - 3 * 3600) < 60
    assert it.say() == "1 Ann"
