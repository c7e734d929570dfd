"""S3 servers for every test that needs one: moto's, quick and everywhere, and Ceph's radosgw, which is real.

Loaded by ``tests/conftest.py`` as ``plugins.s3``. Each test gets the URL of a store of its own; servers live
as long as the run. It must never reach beyond loopback, nor use credentials of the person who runs the tests.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from plugins import real_s3

_MOTO = """
import sys
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()  # until whoever began it is done, however that ends
server.stop()
"""


@pytest.fixture(scope="session", autouse=True)
def _one_loader() -> Iterator[None]:
    """botocore reads a megabyte of JSON for every client, nine tenths of what one costs; here once a process."""
    import botocore.session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(botocore.session.create_loader))
        yield


@pytest.fixture(scope="session")
def _credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", real_s3.ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", real_s3.SECRET_KEY)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(scope="session")
def moto_endpoint(_credentials: None) -> Iterator[str]:
    """The endpoint of moto's server, shared by all tests of the run; in a process of its own, untraced by coverage."""
    words = [sys.executable, "-c", _MOTO]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        assert port, "moto's server did not start"
        yield f"http://127.0.0.1:{port}"
        server.stdin.close()


@pytest.fixture(scope="session")
def ceph_endpoint(_credentials: None) -> Iterator[str]:
    """The endpoint of Ceph's radosgw, for all tests of the run; CI fails where it is not installed."""
    if not real_s3.wanted():
        pytest.skip("PROMPTYARD_SKIP_REAL_S3=1")
    if missing := real_s3.missing_programs():
        message = f"needs {', '.join(missing)}: {real_s3.INSTALL}"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    with real_s3.ceph() as endpoint:
        yield endpoint


@pytest.fixture
def moto_store(moto_endpoint: str) -> str:
    """The URL of an empty store on moto."""
    return _store(moto_endpoint)


@pytest.fixture
def ceph_store(ceph_endpoint: str) -> str:
    """The URL of an empty store on a real S3 server."""
    return _store(ceph_endpoint)


def _store(endpoint: str) -> str:
    bucket = f"test-{uuid.uuid4().hex[:12]}"
    _client(endpoint).create_bucket(Bucket=bucket)
    return f"s3://{bucket}/yard?endpoint={endpoint}&region=us-east-1"


@functools.cache
def _client(endpoint: str) -> Any:
    import boto3

    return boto3.session.Session().client("s3", endpoint_url=endpoint)
