"""Stores that are away, broken, slow, stale or hostile: the client answers on and takes the next release after."""

from __future__ import annotations

import contextlib
import http.server
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.bundles import bundle, prompt, text

import serve
from registry.publish.moves import Move
from serve.core import archive
from serve.core.digest import sha256
from serve.sources import http as http_source
from serve.sources import open_source
from serve.sources import s3 as s3_source

STATUSES = (301, 403, 404, 410, 429, 500, 503)
WAYS = (*map(str, STATUSES), "hang", "reset", "short", "portal", "endless", "drip")


def release(number):
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


@dataclass
class Host:
    """A web server over a store's folder that can be told to misbehave; ``hit`` picks the paths."""

    folder: Path
    way: str = "well"
    hit: str = ""
    tags: bool = True
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, request):
        path = "/".join(request.path.partition("?")[0].split("/")[2:])
        self.asked.append(path)
        self.tokens.append(request.headers["X-Amz-Security-Token"])
        if self.way == "well" or self.hit not in path:
            return self.serve(request, path)
        if self.way.isdigit():
            return self.say(request, int(self.way), b"", Location="/elsewhere")
        return getattr(self, self.way)(request)

    def serve(self, request, path):
        if not (self.folder / path).is_file():
            return self.say(request, 404, b"none")
        body = (self.folder / path).read_bytes()
        tag = f'"{sha256(body)}"'
        if self.tags and request.headers["If-None-Match"] == tag:
            return self.say(request, 304, b"")
        return self.say(request, 200, body, **({"ETag": tag} if self.tags else {}))

    def say(self, request, status, body, length=None, **headers):
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(body) if length is None else length))
        request.end_headers()
        with contextlib.suppress(OSError):
            request.wfile.write(body)

    def hang(self, request):
        self.hanging.wait()  # until the test is over
        request.close_connection = True

    def reset(self, request):
        request.close_connection = True

    def short(self, request):
        self.say(request, 200, b"few", length=100)
        request.close_connection = True

    def portal(self, request):
        self.say(request, 200, b"<html>Please log in to this network.</html>")

    def endless(self, request):
        self.say(request, 200, bytes(80_000), length=10**9)
        request.close_connection = True

    def drip(self, request):
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        with contextlib.suppress(OSError):
            while not self.hanging.wait(0.05):
                request.wfile.write(b"x")
        request.close_connection = True


@pytest.fixture
def host(yard, monkeypatch):
    for module in (http_source, s3_source):
        monkeypatch.setattr(module, "READ_S", 1.0)
    made = Host(yard.folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            made.answer(self)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    made.hanging.set()
    server.shutdown()
    server.server_close()


def source_of(host, kind):
    if kind == "http":
        return open_source(f"{host.url}/yard")
    return open_source(f"s3://yard?endpoint={host.url}&region=us-east-1&anonymous=true")


@pytest.mark.parametrize("kind", ["http", "s3"])
@pytest.mark.parametrize("way", WAYS)
def test_whatever_the_store_does_the_release_serves_on_and_the_next_is_taken(
    yard, desk, host, monkeypatch, way, kind
):
    yard.publish(release(1))
    one = desk(source=source_of(host, kind))
    assert one.client.step()
    yard.publish(release(2))
    for hit in ("timestamp", "snapshot", "objects/"):
        host.way, host.hit = way, hit
        with monkeypatch.context() as impatient:
            for module in (http_source, s3_source):  # a busy machine has its time while the store is well
                impatient.setattr(module, "TOTAL_S", 0.4)
            with pytest.raises((serve.Unavailable, serve.Refused)):
                one.client.step()
        assert one.say() == "1 Ann"
        again = desk()
        assert again.say() == "1 Ann"  # what is on disk is whole, too
    host.way = "well"
    one.clock.advance(hours=1)  # past what a bad bundle is put away for
    assert one.client.step()
    assert one.say() == "2 Ann"


@pytest.mark.parametrize(
    "url", ["https://no-such-host.invalid/yard", "s3://bucket/yard?endpoint=http://no-such-host.invalid"]
)
def test_a_name_that_no_server_knows_is_a_store_that_does_not_answer(yard, desk, url):
    yard.publish(release(1))
    desk().client.step()
    one = desk(source=open_source(url))
    with pytest.raises(serve.Unavailable, match="SRC001"):
        one.client.step()
    assert one.say() == "1 Ann"


def test_a_cache_on_the_way_that_strips_tags_costs_no_more_than_the_one_request(yard, desk, host):
    host.tags = False
    yard.publish(release(1))
    one = desk(source=source_of(host, "http"))
    one.client.step()
    host.asked.clear()
    for _ in range(3):
        assert not one.client.step()
    assert [path.rpartition("/")[2] for path in host.asked] == ["timestamp.json"] * 3
    yard.publish(release(2))
    assert one.client.step()
    assert one.say() == "2 Ann"


def test_a_cache_on_the_way_that_is_behind_never_takes_the_client_back(yard, desk, host):
    one = desk(source=source_of(host, "http"))
    yard.publish(release(1))
    one.client.step()
    behind = yard.timestamp.read_bytes()
    yard.publish(release(2))
    one.client.step()
    newest = yard.timestamp.read_bytes()
    for _ in range(3):
        yard.timestamp.write_bytes(behind)
        with pytest.raises(serve.SignatureRefused, match="SIG002"):
            one.client.step()
        assert one.say() == "2 Ann"
        yard.timestamp.write_bytes(newest)
        assert not one.client.step()
    assert one.client.status().state == "fresh"


def test_a_bomb_that_was_signed_is_refused_before_it_unfolds_and_put_away(yard, desk):
    yard.publish(release(1))
    one = desk()
    one.client.step()
    bomb = archive.pack({"manifest.json": bytes(15 * 2**20)})
    yard.move = Move(2, sha256(bomb), len(bomb), "c", "d", "publish", "test", "", "")
    yard.object().write_bytes(bomb)
    yard.sign()
    with pytest.raises(serve.BundleRefused, match="BND001"):
        one.client.step()
    one.spy.asked.clear()
    with pytest.raises(serve.Refused, match="BND001"):
        one.client.step()
    assert sha256(bomb) not in one.spy.asked
    assert one.say() == "1 Ann"


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_jumps_and_comes_back_stops_nothing(yard, desk, days):
    yard.publish(release(1))
    one = desk()
    one.client.step()
    one.clock.advance(days=days)
    with contextlib.suppress(serve.Refused):
        one.client.step()
    assert one.say() == "1 Ann"
    one.clock.advance(days=-days)
    yard.publish(release(2))
    assert one.client.step()
    assert (one.say(), one.client.status().state) == ("2 Ann", "fresh")


def test_a_clock_that_was_set_back_keeps_no_bundle_away_for_a_year(yard, desk):
    yard.publish(release(1))
    one = desk()
    one.client.step()
    yard.publish(release(2))
    good = yard.object().read_bytes()
    yard.object().write_bytes(good[:-1] + b"x")
    with pytest.raises(serve.BundleRefused):
        one.client.step()
    one.clock.advance(days=-365)
    yard.object().write_bytes(good)
    assert one.client.step()


def test_after_the_clock_was_set_back_an_age_from_the_future_is_not_called_fresh(yard, desk):
    yard.publish(release(1))
    one = desk()
    one.client.step()
    one.clock.advance(days=-1)
    one.spy.away = True
    assert one.client.status().state == "stale"


@pytest.fixture
def keys(monkeypatch):
    """Credentials as a role lends them: with a session token, and nothing else of this machine's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "not-a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "lent-for-an-hour")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_a_role_s_session_token_goes_with_every_request(yard, desk, host, keys):
    yard.publish(release(1))
    one = desk(source=open_source(f"s3://yard?endpoint={host.url}&region=us-east-1"))
    assert one.client.step()
    assert len(host.tokens) == len(host.asked)
    assert set(host.tokens) == {"lent-for-an-hour"}


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ("endpoint=http://h:1", "http://h:1/yard/x/"),
        ("endpoint=http://h:1&style=virtual", "http://yard.h:1/x/"),
        ("style=path", "https://s3.eu-west-1.amazonaws.com/yard/x/"),
        ("style=virtual", "https://yard.s3.eu-west-1.amazonaws.com/x/"),
    ],
)
def test_a_bucket_is_in_the_path_or_in_the_host_s_name(keys, options, where):
    source = open_source(f"s3://yard/x?region=eu-west-1&{options}")
    url = source._connected().generate_presigned_url("get_object", {"Bucket": "yard", "Key": "x/key"})
    assert url.startswith(where)
    source.close()
