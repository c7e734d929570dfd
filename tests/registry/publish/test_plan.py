from __future__ import annotations

import pytest
from support.yards import Yard, packer

from registry.publish.plan import plan
from registry.publish.target import object_key
from serve.core.bundle import unpack


def test_everything_appears_where_nothing_is_live(yard: Yard) -> None:
    planned = plan(yard.target, yard.staging, unpack(packer("one")(1)), yard.root)
    assert planned.live is None
    assert not planned.idle
    assert ("added", "prompt", "support/hello") in [(c.what, c.kind, c.id) for c in planned.changes]


def test_only_what_differs_is_told_and_nothing_is_written(yard: Yard) -> None:
    yard.publish("one")
    planned = plan(yard.target, yard.staging, unpack(packer("two")(2)), yard.root)
    assert planned.live is not None
    assert planned.live.release == 1
    assert [(c.what, c.kind, c.id) for c in planned.changes] == [("changed", "prompt", "support/hello")]
    assert yard.releases() == [1]


def test_the_same_commit_and_content_is_idle_whatever_its_number(yard: Yard) -> None:
    yard.publish("one")
    assert plan(yard.target, yard.staging, unpack(packer("one")(9)), yard.root).idle
    assert not plan(yard.target, yard.staging, unpack(packer("one", commit="b")(9)), yard.root).idle


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_a_damaged_live_bundle_does_not_keep_its_repair_from_being_published(yard: Yard, how: str) -> None:
    key = object_key(yard.publish("one").sha256)
    yard.target.remove(key)
    if how == "changed":
        yard.target.put_once(key, b"flipped")
    planned = plan(yard.target, yard.staging, unpack(packer("one")(2)), yard.root)
    assert planned.damaged
    assert not planned.idle
    yard.publish("one")
    assert yard.seen()[0] == 2
