"""How a channel's keys stand: expiries as alarms, and a store that does not answer told instead of raised."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.yards import Yard

from registry.publish import ceremony, roots
from registry.publish.channels import open_target
from registry.publish.standing import Standing, standing
from registry.publish.target import metadata_key


def of(yard: Yard) -> Standing:
    return standing(yard.target, yard.staging, yard.clock.now(), yard.root)


def test_a_fresh_channel_has_its_keys_and_no_alarm(yard: Yard) -> None:
    yard.publish()
    found = of(yard)
    assert [(duty.role, duty.threshold, len(duty.keys)) for duty in found.duties] == [
        ("root", 1, 1), ("targets", 1, 1), ("online", 1, 1),
    ]  # fmt: skip
    assert [(paper.role, paper.version) for paper in found.papers] == [
        ("root", 1), ("targets", 1), ("snapshot", 1), ("timestamp", 1),
    ]  # fmt: skip
    assert (found.version, found.in_store, found.trouble, found.alarm) == (1, True, None, False)


@pytest.mark.parametrize(
    ("days", "alarming"),
    [(3.9, []), (4.1, ["timestamp"]), (24, ["snapshot", "timestamp"]),
     (306, ["root", "targets", "snapshot", "timestamp"])],
)  # fmt: skip
def test_what_expires_soon_is_an_alarm(yard: Yard, days: float, alarming: list[str]) -> None:
    yard.publish()
    yard.clock.pass_days(days)
    found = of(yard)
    assert [paper.role for paper in found.papers if paper.alarm] == alarming
    assert found.alarm is bool(alarming)


def test_a_root_on_its_way_is_told_with_its_signatures(yard: Yard) -> None:
    ceremony.change(yard.staging, lambda _: None, yard.clock.now(), yard.root)
    found = of(yard)
    assert found.proposed is not None
    assert (found.version, found.proposed[0]) == (1, 2)
    assert not any(quorum.complete for quorum in found.proposed[1])
    ceremony.sign(yard.staging, yard.staging.root_key, yard.root)
    after = of(yard)
    assert (after.version, after.proposed, after.in_store) == (2, None, False)


def test_a_channel_that_only_begins_is_told_from_its_proposal(yard: Yard) -> None:
    from registry.publish import keys

    new = replace(yard.staging, name="dev", root="trust/dev.root.json")
    public = [keys.create(f"file:{name}.pem", yard.root) for name in "abc"]
    ceremony.begin(new, public[:1], 1, public[1], public[2], yard.clock.now(), yard.root)
    found = standing(yard.target, new, yard.clock.now(), yard.root)
    assert (found.version, found.in_store, found.papers) == (0, False, ())
    assert found.duties[0].keys[0].id == public[0].keyid


def test_revoked_keys_are_listed(yard: Yard) -> None:
    from registry.publish import keys

    new = keys.create("file:new.pem", yard.root)
    gone = of(yard).duties[2].keys[0]
    ceremony.change(
        yard.staging, lambda it: (roots.revoke(it, gone.id, "", new), None)[1], yard.clock.now(), yard.root
    )
    ceremony.sign(yard.staging, yard.staging.root_key, yard.root)
    assert of(yard).revoked == (gone.id,)


def test_a_store_that_cannot_be_read_or_believed_is_trouble_and_no_exception(yard: Yard) -> None:
    yard.publish()
    stored = yard.target.read(metadata_key("staging", "timestamp"))
    assert stored is not None
    yard.target.replace_if(metadata_key("staging", "timestamp"), b"{}", stored.etag)
    assert of(yard).trouble == "SIG005 timestamp metadata is malformed"
    (yard.root / "blocked").write_text("a file where a folder should be")
    away = open_target("s3://bucket/none?endpoint=http://127.0.0.1:9", yard.root)
    found = standing(away, yard.staging, yard.clock.now(), yard.root)
    assert found.in_store is None
    assert found.alarm
