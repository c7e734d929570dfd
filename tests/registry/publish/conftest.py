"""A store with two channels and their keys; on a folder, on moto and on a real S3 server."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.yards import Yard, make

from registry.publish.channels import open_target
from registry.publish.target import Target

STORES = ("directory", "moto", pytest.param("ceph", marks=pytest.mark.real_s3))


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    """On a folder."""
    return make("file:store", tmp_path)


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty store of each kind."""
    return "file:store" if request.param == "directory" else request.getfixturevalue(f"{request.param}_store")


@pytest.fixture
def any_yard(store_url: str, tmp_path: Path) -> Yard:
    """On each kind of store."""
    return make(store_url, tmp_path)


@pytest.fixture
def any_target(store_url: str, tmp_path: Path) -> Target:
    """Each kind of store, empty."""
    return open_target(store_url, tmp_path)
