"""Stores that break a promise are refused before anything of value is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from support.yards import make

from registry.errors import StoreUnavailable
from registry.publish import probe
from registry.publish.channels import open_target
from registry.publish.directory import DirectoryTarget
from registry.publish.target import Stored, Target

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def check(target: Target) -> Any:
    return probe.check(target, now=lambda: NOW, nonce=lambda: "n")


class Careless(DirectoryTarget):
    """A store that ignores one kind of condition."""

    ignores = ""

    def put_once(self, key: str, data: bytes, *, immutable: bool = True) -> None:
        if self.ignores == "create" and self.read(key):
            self.remove(key)
        super().put_once(key, data, immutable=immutable)

    def replace_if(self, key: str, data: bytes, etag: str | None) -> None:
        stored = self.read(key)
        held = stored.etag if stored else None
        super().replace_if(key, data, {"replace": held, "all": "x"}.get(self.ignores, etag))

    def unchanged(self, key: str, etag: str) -> bool:
        return self.ignores != "read" and super().unchanged(key, etag)

    def read(self, key: str) -> Stored | None:
        stored = super().read(key)
        return stored and Stored(stored.data[:3], stored.etag) if self.ignores == "data" else stored


@pytest.mark.parametrize(
    ("ignores", "promise"),
    [
        ("create", "overwrites a key that was to be created once"),
        ("replace", "replaces a key under a tag that is no longer its own"),
        ("all", "refuses to replace a key under its own tag"),
        ("read", "does not answer conditional reads"),
        ("data", "does not give back what was written"),
    ],
)
def test_a_store_that_ignores_a_condition_is_refused(tmp_path: Path, ignores: str, promise: str) -> None:
    target = Careless(tmp_path)
    target.ignores = ignores
    with pytest.raises(StoreUnavailable, match=f"STO002 the store {promise}") as caught:
        check(target)
    assert caught.value.exit_code == 4
    assert not (tmp_path / "store.json").exists()
    assert target.list("probe/") == ()


def test_a_good_store_is_remembered_and_its_probe_removed(any_target: Target) -> None:
    found = check(any_target)
    stored = any_target.read("store.json")
    assert stored is not None
    assert json.loads(stored.data) == found
    assert found["format"] == 1
    assert found["conditionalWrites"] is True
    assert any_target.list("probe/") == ()


@pytest.mark.real_s3
def test_the_habit_of_a_server_is_remembered_for_the_next_publisher(ceph_store: str) -> None:
    assert check(open_target(ceph_store))["etagQuotes"] == "bare"
    target = open_target(ceph_store)
    probe.ensure(target, now=lambda: NOW, nonce=lambda: "m")
    assert target.traits() == {"etagQuotes": "bare"}


def ensured(target: Target) -> list[str]:
    asked: list[str] = []

    def nonce() -> str:
        asked.append("n")
        return "n"

    probe.ensure(target, now=lambda: NOW, nonce=nonce)
    return asked


def test_a_store_is_checked_once_only(tmp_path: Path) -> None:
    target = DirectoryTarget(tmp_path)
    assert ensured(target) == ["n"]
    assert ensured(target) == []


@pytest.mark.parametrize("remembered", [b"no json", b"[]", b"{}", b'{"conditionalWrites": false}'])
def test_a_memory_that_says_nothing_is_checked_again(tmp_path: Path, remembered: bytes) -> None:
    target = DirectoryTarget(tmp_path)
    target.put_once("store.json", remembered, immutable=False)
    assert ensured(target) == ["n"]
    assert ensured(target) == []


def test_a_store_of_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    target = DirectoryTarget(tmp_path)
    target.put_once("store.json", b'{"format": 2, "conditionalWrites": true}')
    with pytest.raises(StoreUnavailable, match=r"STO004 the store has format 2\. Upgrade"):
        ensured(target)


@pytest.mark.real_s3
def test_a_versioned_bucket_on_a_server_that_then_ignores_conditions_is_refused(
    ceph_store: str, tmp_path: Path
) -> None:
    target = cast("Any", open_target(ceph_store))
    target._client.put_bucket_versioning(Bucket=target._bucket, VersioningConfiguration={"Status": "Enabled"})
    with pytest.raises(StoreUnavailable, match="STO002 the store overwrites a key"):
        make(ceph_store, tmp_path)
    assert not (tmp_path / ".promptyard").exists()
