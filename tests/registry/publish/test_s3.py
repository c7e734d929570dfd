"""What is particular to S3: quotes around tags, lost answers, and every way of not being reachable."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.yards import make

from registry.errors import StoreUnavailable
from registry.publish.channels import open_target
from registry.publish.s3 import IMMUTABLE, MUTABLE, S3Target
from registry.publish.target import Conflict


class DroppingProxy(ThreadingHTTPServer):
    """Forwards every request, and keeps the answers to ``times`` PUTs whose path holds ``drops`` to itself.

    An answer is dropped when all of it has come, so that the server has surely acted.
    """

    daemon_threads = True

    def __init__(self, upstream: str, drops: str, times: int) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarding)
        self.upstream = str(urlsplit(upstream).netloc)
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.left = times
        self._drops = drops
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def is_doomed(self, method: str, path: str) -> bool:
        with self._lock:
            doomed = method == "PUT" and self._drops in path and self.left > 0
            self.left -= doomed
            return doomed

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Forwarding(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: DroppingProxy

    def log_message(self, *_: object) -> None:
        pass

    def forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with closing(HTTPConnection(self.server.upstream, timeout=60)) as upstream:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("expect", "connection"):
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            answer = upstream.getresponse()
            data = answer.read()
        if self.server.is_doomed(self.command, self.path):
            self.close_connection = True
            return
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = forward  # noqa: N815  # the names of the library


@contextmanager
def dropping(url: str, drops: str, times: int) -> Iterator[tuple[str, DroppingProxy]]:
    """The store's URL by way of a proxy that loses answers."""
    upstream = url.split("endpoint=")[1].split("&")[0]
    proxy = DroppingProxy(upstream, drops, times)
    try:
        yield url.replace(upstream, proxy.endpoint), proxy
    finally:
        proxy.close()


@pytest.mark.parametrize("store", ["moto_store", pytest.param("ceph_store", marks=pytest.mark.real_s3)])
@pytest.mark.parametrize(
    ("drops", "times"), [("timestamp.json", 1), ("timestamp.json", 3), ("targets.json", 1)]
)
def test_an_answer_dropped_after_the_server_acted_is_one_release(
    request: pytest.FixtureRequest, tmp_path: Path, store: str, drops: str, times: int
) -> None:
    url = request.getfixturevalue(store)
    yard = make(url, tmp_path)
    with dropping(url, drops, times) as (by_proxy, proxy):
        done = yard.publish(target=open_target(by_proxy))
        assert proxy.left == 0, "the answers were really lost"
    assert (done.release, done.version) == (1, 1)
    assert yard.releases() == [1]
    assert yard.seen() == (1, done.sha256)


@pytest.mark.real_s3
def test_a_server_that_wants_bare_tags_is_learned_and_remembered(ceph_store: str) -> None:
    target = open_target(ceph_store)
    target.replace_if("t.json", b"1", None)
    stored = target.read("t.json")
    assert stored is not None
    assert target.traits() == {}
    target.replace_if("t.json", b"2", stored.etag)
    assert target.traits() == {"etagQuotes": "bare"}
    other = open_target(ceph_store)
    other.recall(target.traits())
    assert other.traits() == target.traits()


def test_what_never_changes_may_be_cached_for_ever_and_the_rest_not(moto_store: str) -> None:
    target = open_target(moto_store)
    assert isinstance(target, S3Target)
    target.put_once("objects/a", b"1")
    target.replace_if("t.json", b"1", None)
    found = [
        target._client.get_object(Bucket=target._bucket, Key=f"yard/{key}") for key in ("objects/a", "t.json")
    ]
    assert [answer["CacheControl"] for answer in found] == [IMMUTABLE, MUTABLE]
    assert found[1]["ContentType"] == "application/json"


def test_more_than_a_page_of_keys_is_listed(moto_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = open_target(moto_store)
    assert isinstance(target, S3Target)
    for number in range(5):
        target.put_once(f"objects/{number}", b"x")
    wanted = target.list("objects/")
    ask = target._client.get_paginator("list_objects_v2").paginate
    pages = list(ask(Bucket=target._bucket, Prefix="yard/objects/", PaginationConfig={"PageSize": 2}))
    assert len(pages) == 3
    assert wanted == tuple(f"objects/{number}" for number in range(5))


@pytest.mark.usefixtures("_credentials")
def test_a_server_that_is_not_there_is_named_at_once() -> None:
    target = open_target("s3://bucket/yard?endpoint=http://127.0.0.1:9&region=us-east-1")
    with pytest.raises(StoreUnavailable, match=r"STO001 .* cannot serve a.*Check the endpoint") as caught:
        target.put_once("a", b"x")
    assert caught.value.__cause__ is not None
    assert caught.value.exit_code == 4
    with pytest.raises(StoreUnavailable, match="STO001"):
        target.list("")


def test_a_bucket_that_is_not_there_is_named(moto_endpoint: str) -> None:
    target = open_target(f"s3://no-such-bucket/yard?endpoint={moto_endpoint}&region=us-east-1")
    for ask in (
        lambda: target.read("a"),
        lambda: target.put_once("a", b"x"),
        lambda: target.replace_if("a", b"x", '"0"'),
        lambda: target.unchanged("a", '"0"'),
        lambda: target.list(""),
    ):
        with pytest.raises(StoreUnavailable, match=r"NoSuchBucket.*Create the bucket"):
            ask()


def test_missing_credentials_are_named(moto_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreUnavailable, match=r"NoCredentialsError.*Set credentials"):
        open_target(moto_store).read("a")


@pytest.mark.real_s3
def test_wrong_credentials_are_named(ceph_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StoreUnavailable, match=r"SignatureDoesNotMatch.*Check the credentials") as caught:
        open_target(ceph_store).put_once("a", b"x")
    assert "wrong" not in str(caught.value)


@pytest.mark.real_s3
def test_a_stale_tag_is_a_conflict_in_both_spellings(ceph_store: str) -> None:
    target = open_target(ceph_store)
    target.replace_if("t.json", b"1", None)
    stored = target.read("t.json")
    assert stored is not None
    target.replace_if("t.json", b"2", stored.etag)
    for tag in (stored.etag, stored.etag.strip('"')):
        with pytest.raises(Conflict):
            target.replace_if("t.json", b"3", tag)
