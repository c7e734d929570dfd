from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from registry.errors import MissingExtra, StoreUnavailable, Usage
from registry.publish import probe
from registry.publish.channels import utc_now
from registry.publish.directory import DirectoryTarget
from registry.publish.s3 import S3Target
from registry.publish.stores import open_target
from serve.sources import open_source
from serve.sources.port import Fetched


@pytest.mark.parametrize(
    ("url", "where"),
    [("file:store", "here/store"), ("file:/abs/store", "/abs/store"), ("file:///abs", "/abs")],
)
def test_a_folder_is_relative_to_the_registry(tmp_path: Path, url: str, where: str) -> None:
    target = open_target(url, tmp_path / "here")
    assert isinstance(target, DirectoryTarget)
    assert target._root == tmp_path / where


@pytest.mark.usefixtures("_credentials")
def test_a_bucket_takes_prefix_endpoint_and_region() -> None:
    target = open_target("s3://bucket/some/prefix/?endpoint=http://127.0.0.1:9&region=eu-north-1")
    assert isinstance(target, S3Target)
    assert (target._bucket, target._prefix) == ("bucket", "some/prefix/")
    assert (target._client.meta.endpoint_url, target._client.meta.region_name) == (
        "http://127.0.0.1:9",
        "eu-north-1",
    )
    bare = open_target("s3://bucket?region=eu-north-1")
    assert isinstance(bare, S3Target)
    assert bare._prefix == ""


class Wire:
    """Requests as botocore would send them, signed and all; each is answered as a store without the key would."""

    def __init__(self, target: S3Target) -> None:
        self.sent: list[Any] = []
        target._client.meta.events.register("before-send.s3", self.answer)

    def answer(self, request: Any, **_: object) -> AWSResponse:
        self.sent.append(request)
        body = b"<Error><Code>NoSuchKey</Code></Error>" if request.method == "GET" else b""
        status = 404 if request.method == "GET" else 200
        raw = HTTPResponse(io.BytesIO(body), preload_content=False)
        return AWSResponse(request.url, status, {"ETag": '"1"'}, raw)

    def headers(self, number: int) -> dict[str, str]:
        found = self.sent[number].headers.items()
        return {name.lower(): v.decode() if isinstance(v, bytes) else v for name, v in found}


@pytest.fixture
def borrowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as a role lends them: with a session token, and nothing else of this machine's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in (
        ("ACCESS_KEY_ID", "not-a-key"),
        ("SECRET_ACCESS_KEY", "not-a-secret"),
        ("SESSION_TOKEN", "lent-for-an-hour"),
        ("EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)


def wired(url: str) -> tuple[S3Target, Wire]:
    target = open_target(url)
    assert isinstance(target, S3Target)
    return target, Wire(target)


@pytest.mark.usefixtures("borrowed")
@pytest.mark.parametrize(
    ("url", "sent_to"),
    [
        ("s3://yard/a?endpoint=http://h:1", "http://h:1/yard/a/k.json"),
        ("s3://yard/a/b/?endpoint=http://h:1&style=virtual", "http://yard.h:1/a/b/k.json"),
        ("s3://yard?region=eu-west-1", "https://yard.s3.eu-west-1.amazonaws.com/k.json"),
        (
            "s3://yard/a%20b?region=eu-west-1&style=path",
            "https://s3.eu-west-1.amazonaws.com/yard/a%20b/k.json",
        ),
        ("s3://yard/a?region=eu-west-1&style=virtual", "https://yard.s3.eu-west-1.amazonaws.com/a/k.json"),
        ("s3://yard.eu/a?region=eu-west-1", "https://s3.eu-west-1.amazonaws.com/yard.eu/a/k.json"),
    ],
)
def test_bucket_prefix_endpoint_region_and_style_stand_in_every_request(url: str, sent_to: str) -> None:
    target, wire = wired(url)
    target.read("k.json")
    target.put_once("k.json", b"1")
    target.replace_if("k.json", b"2", '"1"')
    target.remove("k.json")
    assert [(request.method, request.url) for request in wire.sent] == [
        (method, sent_to) for method in ("GET", "PUT", "PUT", "DELETE")
    ]
    region = "us-east-1" if "endpoint" in url else "eu-west-1"
    for number in range(4):
        head = wire.headers(number)
        assert head["x-amz-security-token"] == "lent-for-an-hour"
        assert f"/{region}/s3/aws4_request" in head["authorization"]
    assert (wire.headers(1)["if-none-match"], wire.headers(2)["if-match"]) == ("*", '"1"')


@pytest.mark.usefixtures("borrowed")
@pytest.mark.parametrize(
    ("options", "asks"),
    [
        ("", {}),
        ("&sse=AES256", {"": "AES256"}),
        ("&sse=aws:kms", {"": "aws:kms"}),
        ("&sse=aws:kms&kms=alias/store", {"": "aws:kms", "-aws-kms-key-id": "alias/store"}),
        (
            "&sse=aws:kms:dsse&kms=arn:aws:kms:eu-west-1:1:key/2",
            {"": "aws:kms:dsse", "-aws-kms-key-id": "arn:aws:kms:eu-west-1:1:key/2"},
        ),
    ],
)
def test_encryption_is_asked_for_in_each_write_and_never_in_a_read(
    options: str, asks: dict[str, str]
) -> None:
    target, wire = wired(f"s3://yard/a?region=eu-west-1{options}")
    target.put_once("k.json", b"1")
    target.replace_if("k.json", b"2", '"1"')
    target.read("k.json")
    wanted = {f"x-amz-server-side-encryption{name}": value for name, value in asks.items()}
    told = [
        {name: value for name, value in wire.headers(n).items() if "encryption" in name} for n in range(3)
    ]
    assert told == [wanted, wanted, {}]


@pytest.mark.usefixtures("borrowed")
def test_a_server_that_is_not_amazon_s_gets_no_newer_checksum_and_amazon_s_may() -> None:
    for url, sends in (("s3://b?endpoint=http://h:1", False), ("s3://b?region=eu-west-1", True)):
        target, wire = wired(url)
        target.put_once("k", b"1")
        assert ("checksum" in str(wire.headers(0))) is sends


def test_what_was_asked_to_be_encrypted_is_and_a_service_reads_it_by_the_same_url(moto_store: str) -> None:
    url = f"{moto_store}&sse=aws:kms&kms=alias/store"
    target = open_target(url)
    assert isinstance(target, S3Target)
    probe.check(target, now=utc_now, nonce=lambda: "n")
    target.put_once("objects/k", b"1")
    for key in ("objects/k", "store.json"):
        head = target._client.head_object(Bucket=target._bucket, Key=f"yard/{key}")
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "alias/store")
    fetched = open_source(url).fetch("objects/k", max_bytes=9)
    assert isinstance(fetched, Fetched)
    assert fetched.data == b"1"


@pytest.mark.real_s3
def test_a_server_that_cannot_encrypt_is_told_apart_from_one_that_is_away(ceph_store: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"InvalidRequest.*sse and kms in the store's URL"):
        open_target(f"{ceph_store}&sse=AES256").put_once("objects/k", b"1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store",
        "https://example.org/x",
        "s3://",
        "s3://key:secret@bucket/x",
        "s3://b/x?acl=public",
        "s3://b/x?style=other",
        "s3://b/x?sse=aws",
        "s3://b/x?sse=",
        "s3://b/x?kms=alias/secret",
        "s3://b/x?sse=AES256&kms=alias/secret",
    ],
)
def test_any_other_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Usage, match="STO005") as caught:
        open_target(url)
    assert "secret" not in str(caught.value)


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtra, match=r"pip install 'promptyard\[s3\]'"):
        open_target("s3://bucket/x")
