"""One contract, kept by a folder, a web server, moto's S3 and a real one."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from serve.core.digest import sha256
from serve.core.errors import Usage
from serve.sources import open_source
from serve.sources.directory import DirectorySource
from serve.sources.http import HttpSource
from serve.sources.port import Fetched, NotModified, SourceMissing, SourceUnavailable
from serve.sources.s3 import S3Source

PATH, BODY = "objects/one", b"body of one"


class Pages(http.server.BaseHTTPRequestHandler):
    """A web server with tags, and addresses that misbehave."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path.endswith("/moved"):
            self.answer(302, b"", Location="/objects/one")
        elif self.path.endswith("/unchanged"):
            self.answer(304, b"")
        elif self.path.endswith("/broken"):
            self.answer(500, b"no")
        elif self.path.endswith("/short"):
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"few")
            self.close_connection = True
        elif not self.path.endswith(PATH):
            self.answer(404, b"none")
        elif self.headers["If-None-Match"] == f'"{sha256(BODY)}"':
            self.answer(304, b"")
        else:
            self.answer(200, BODY, ETag=f'"{sha256(BODY)}"')

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def pages() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/yard"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["directory", "http", "moto", "ceph"])
def url(request, tmp_path):
    if request.param == "directory":
        (tmp_path / "objects").mkdir()
        (tmp_path / PATH).write_bytes(BODY)
        return f"file:{tmp_path}"
    if request.param == "http":
        return request.getfixturevalue("pages")
    url = request.getfixturevalue(f"{request.param}_store")
    source = open_source(url)
    source._connected().put_object(Bucket=source._bucket, Key=f"yard/{PATH}", Body=BODY)
    source.close()
    return url


def test_every_store_keeps_the_contract(url):
    source = open_source(url)
    first = source.fetch(PATH, max_bytes=100)
    assert isinstance(first, Fetched)
    assert first.data == BODY
    assert first.etag
    same = source.fetch(PATH, etag=first.etag, max_bytes=100)
    assert same == NotModified()
    assert [answer.at is None for answer in (first, same)] == [url.startswith("file:")] * 2
    assert source.fetch(PATH, etag='"other"', max_bytes=len(BODY)) == first
    with pytest.raises(SourceMissing, match="SRC002"):
        source.fetch("objects/none", max_bytes=100)
    with pytest.raises(SourceUnavailable, match="SRC004"):
        source.fetch(PATH, max_bytes=len(BODY) - 1)
    source.reset()
    assert source.fetch(PATH, max_bytes=100) == first
    source.close()
    assert source.fetch(PATH, max_bytes=100) == first
    source.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/yard",
        "s3://bucket/yard?endpoint=http://127.0.0.1:1&region=us-east-1&anonymous=true",
        "file:/no/such/folder",
    ],
)
def test_a_store_that_does_not_answer_is_unavailable(url):
    source = open_source(url)
    with pytest.raises(SourceUnavailable, match="SRC001"):
        source.fetch(PATH, max_bytes=100)
    source.close()


@pytest.mark.parametrize(
    ("path", "code"),
    [("moved", "SRC003"), ("broken", "SRC003"), ("unchanged", "SRC003"), ("short", "SRC001")],
)
def test_a_web_server_that_misbehaves_is_neither_followed_nor_believed(pages, path, code):
    source = open_source(pages)
    with pytest.raises(SourceUnavailable, match=code):
        source.fetch(path, max_bytes=100)
    assert source.fetch(PATH, max_bytes=100).data == BODY
    source.close()


def test_a_body_that_drips_for_ever_is_given_up(pages):
    times = iter((0.0, 31.0))
    source = HttpSource(pages, monotonic=lambda: next(times))
    with pytest.raises(SourceUnavailable, match="SRC001"):
        source.fetch(PATH, max_bytes=100)
    source.close()


def test_a_url_names_its_adapter():
    assert isinstance(open_source("file:some/place"), DirectorySource)
    assert isinstance(open_source("file:///some/place"), DirectorySource)
    assert isinstance(open_source("https://host/prefix"), HttpSource)
    source = open_source("s3://bucket/a/b?endpoint=http://h:1&region=r&anonymous=true")
    assert isinstance(source, S3Source)
    assert (source._bucket, source._prefix, source._endpoint, source._region, source._anonymous) == (
        "bucket", "a/b/", "http://h:1", "r", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://h/x",
        "file:",
        "https://",
        "https://h/?q=1",
        "s3://",
        "s3://b?key=secret",
        "s3://b?style=other",
    ],
)
def test_another_url_is_refused_without_being_quoted(url):
    with pytest.raises(Usage, match="SRC005") as caught:
        open_source(url)
    assert "secret" not in str(caught.value)
