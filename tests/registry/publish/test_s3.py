"""What is particular to S3: quotes around tags, lost answers, and every way of not being reachable."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.yards import make

from registry.errors import StoreUnavailable
from registry.publish.channels import open_target
from registry.publish.s3 import IMMUTABLE, MUTABLE, S3Target
from registry.publish.target import Conflict


class DroppingProxy:
    """Forwards every connection, and swallows the answers to ``times`` PUTs whose path holds ``drops``."""

    def __init__(self, upstream: str, drops: str, times: int) -> None:
        parts = urlsplit(upstream)
        self._upstream = (str(parts.hostname), int(parts.port or 80))
        self._drops = drops.encode()
        self.left = times
        self._server = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._upstream) as server, suppress(OSError):
            doomed = threading.Event()
            threading.Thread(target=self._answers, args=(client, server, doomed), daemon=True).start()
            while data := client.recv(65536):
                line = data.split(b"\r\n", 1)[0]
                if line.startswith(b"PUT") and self._drops in line and self.left > 0:
                    self.left -= 1
                    doomed.set()
                server.sendall(data)

    def _answers(self, client: socket.socket, server: socket.socket, doomed: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if doomed.is_set() and b"100 Continue" in data[:40]:
                    interim, end, data = data.partition(b"\r\n\r\n")  # the answer may be in the same packet
                    client.sendall(interim + end)
                if doomed.is_set() and data:
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)

    def close(self) -> None:
        self._server.close()


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
