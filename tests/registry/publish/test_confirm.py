from __future__ import annotations

import pytest
from support.yards import Yard, packer

from registry.publish.confirm import below, see, see_file
from serve.core.errors import BundleRefused, PromptyardError, SignatureRefused


def test_a_fresh_service_sees_what_was_published(any_yard: Yard) -> None:
    done = any_yard.publish()
    seen = see(any_yard.url, any_yard.staging, any_yard.root)
    assert (seen.release, seen.sha256, seen.prompts) == (1, done.sha256, 1)
    assert seen.expires_in_s is not None
    assert 6.9 * 86400 < seen.expires_in_s <= 7 * 86400


def test_a_service_that_goes_on_from_its_cache_refuses_what_is_older(yard: Yard) -> None:
    yard.publish()
    timestamp = yard.root / "store/channels/staging/metadata/timestamp.json"
    old = timestamp.read_bytes()
    yard.publish()
    cache = yard.root / "cache"
    assert see(yard.url, yard.staging, yard.root, cache=cache).release == 2
    timestamp.write_bytes(old)
    with pytest.raises(SignatureRefused, match="SIG002"):
        see(yard.url, yard.staging, yard.root, cache=cache)
    assert see(yard.url, yard.staging, yard.root).release == 1


def test_a_channel_is_not_believed_under_the_root_of_another(yard: Yard) -> None:
    yard.publish()
    foreign = (yard.root / yard.production.root).read_bytes()
    with pytest.raises(SignatureRefused, match="SIG001"):
        see(yard.url, yard.staging, yard.root, trust=foreign)


def test_a_flipped_bit_in_the_bundle_is_refused_as_a_service_would(yard: Yard) -> None:
    done = yard.publish()
    key = f"objects/sha256/{done.sha256}"
    stored = yard.target.read(key)
    assert stored is not None
    yard.target.remove(key)
    yard.target.put_once(key, stored.data[:-1] + bytes([stored.data[-1] ^ 1]))
    with pytest.raises(PromptyardError) as caught:
        see(yard.url, yard.staging, yard.root)
    assert caught.value.exit_code == 3


def test_a_file_is_unpacked_and_compiled() -> None:
    assert see_file(packer("one")(7)).release == 7
    with pytest.raises(BundleRefused):
        see_file(b"no bundle")


def test_only_relative_folders_are_made_absolute(yard: Yard) -> None:
    assert below("file:store", yard.root) == f"file:{yard.root}/store"
    assert below("file:/abs/store", yard.root) == "file:/abs/store"
    assert below("s3://bucket/x", yard.root) == "s3://bucket/x"
