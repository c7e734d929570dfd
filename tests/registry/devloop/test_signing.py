from __future__ import annotations

from pathlib import Path

import pytest
from support.bundles import bundle, prompt, text
from support.yards import Crash, Faulty, Yard, crash, make

from registry.devloop.signing import Packed, forget, held, sign
from registry.publish.channels import current, publish
from registry.publish.target import object_key
from serve.core.bundle import pack


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return make("file:store", tmp_path)


def _made(words: str):
    def packed(number: int) -> Packed:
        built = bundle(prompt(text("user", words), inputs={}), release=number)
        return Packed(built, pack(built))

    return packed


def test_a_save_is_live_under_the_next_number_as_stock_clients_see_it(yard: Yard) -> None:
    first = sign(yard.target, yard.staging, yard.root, _made("one"))
    second = sign(yard.target, yard.staging, yard.root, _made("two"))
    assert (first.bundle.manifest.release, second.bundle.manifest.release) == (1, 2)
    assert yard.seen() == (2, second.sha256)
    assert yard.releases() == [1, 2]


def test_a_lost_race_is_made_anew_under_the_number_after_it(yard: Yard) -> None:
    other = Faulty(yard.target, at=1, before=lambda: yard.publish("other"))
    packed = sign(other, yard.staging, yard.root, _made("mine"))
    assert packed.bundle.manifest.release == 2
    assert yard.seen() == (2, packed.sha256)


@pytest.mark.parametrize("at", range(4))
def test_a_crash_at_any_write_leaves_the_old_release_and_no_obstacle(yard: Yard, at: int) -> None:
    sign(yard.target, yard.staging, yard.root, _made("one"))
    with pytest.raises(Crash):
        sign(Faulty(yard.target, at=at, before=crash), yard.staging, yard.root, _made("two"))
    assert yard.seen()[0] == 1
    assert sign(yard.target, yard.staging, yard.root, _made("three")).bundle.manifest.release == 2


def test_it_says_the_same_as_the_publisher_of_real_channels(yard: Yard) -> None:
    made = _made("one")(1)
    publish(
        yard.target, yard.production, lambda _: made.data, actor="promptyard watch", reason="saved",
        descends=lambda *_: True, root=yard.root,
    )  # fmt: skip
    sign(yard.target, yard.staging, yard.root, lambda number: _made("one")(number))
    theirs = current(yard.target, yard.production, root=yard.root)
    ours = current(yard.target, yard.staging, root=yard.root)
    assert theirs is not None
    assert ours is not None
    assert {
        **_told(ours),
        "release": 1,
        "highest": 1,
        "sha256": made.sha256,
        "size_bytes": len(made.data),
    } == _told(theirs)


def _told(move: object) -> dict[str, object]:
    return {name: getattr(move, name) for name in move.__slots__ if name != "at"}


def test_only_the_newest_bundles_stay(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.devloop.signing._KEPT", 2)
    published = [sign(yard.target, yard.staging, yard.root, _made(word)).sha256 for word in ("a", "b", "c")]
    newest = published[1:]
    forget(yard.target, published)
    assert published == newest
    assert set(held(yard.target)) == set(newest)
    assert yard.target.read(object_key(newest[-1])) is not None
