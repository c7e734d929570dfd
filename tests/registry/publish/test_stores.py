from __future__ import annotations

import sys
from pathlib import Path

import pytest

from registry.errors import MissingExtra, Usage
from registry.publish.directory import DirectoryTarget
from registry.publish.s3 import S3Target
from registry.publish.stores import open_target


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


@pytest.mark.parametrize(
    "url", ["", "store", "https://example.org/x", "s3://", "s3://key:secret@bucket/x", "s3://b/x?acl=public"]
)
def test_any_other_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Usage, match="STO005") as caught:
        open_target(url)
    assert "secret" not in str(caught.value)


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtra, match=r"pip install 'promptyard\[s3\]'"):
        open_target("s3://bucket/x")
