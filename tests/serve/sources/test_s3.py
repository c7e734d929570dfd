"""The whole way on S3: what the publisher writes, a client follows; on moto and on a real server."""

from __future__ import annotations

import pytest
from support.bundles import bundle

import serve
from registry.publish import channels
from registry.settings import Channel
from serve.core.bundle import pack

PRODUCTION = Channel("production", "root.json", "file:root.pem", "file:targets.pem", "file:online.pem")


def release(number):
    return pack(bundle(release=number))


@pytest.mark.parametrize("store", ["directory", "moto_store", "ceph_store"])
def test_a_client_follows_what_the_publisher_writes(request, tmp_path, store):
    url = f"file:{tmp_path}/store" if store == "directory" else request.getfixturevalue(store)
    target = channels.open_target(url)
    trust = channels.initialise(target, PRODUCTION, tmp_path)
    options = {"actor": "test", "root": tmp_path}

    def publish():
        channels.publish(target, PRODUCTION, release, descends=lambda old, new: True, **options)

    publish()
    client = serve.connect(url, trust=trust, cache=tmp_path / "cache", start=False)
    assert client.step()
    for _ in range(2):  # the second shows that the tag outlives an answer that carried none
        assert not client.step()
        assert client._poll() is None
    publish()
    assert client.step()
    assert client.render("support/hello", {"name": "Ann"}).release == 2
    channels.rollback(target, PRODUCTION, 1, "it was better", **options)
    assert client.step()
    assert client.render("support/hello", {"name": "Ann"}).release == 1
    client.close()
