from __future__ import annotations

from pathlib import Path

import pytest
from support.bundles import bundle

from registry.release.cut import packed
from registry.release.shelf import place_of, put


def test_a_release_lies_where_its_number_and_digest_say(tmp_path: Path) -> None:
    release = packed(bundle(release=7))
    path = place_of(release, tmp_path)
    put(release, path)
    assert path == tmp_path / f".promptyard/releases/7-{release.sha256[:12]}.tar.gz"
    assert path.read_bytes() == release.data


def test_the_same_release_again_is_fine(tmp_path: Path) -> None:
    release = packed(bundle())
    for _ in range(2):
        put(release, tmp_path / "a.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").mkdir()
    with pytest.raises(IsADirectoryError):
        put(packed(bundle()), tmp_path / "a.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]
