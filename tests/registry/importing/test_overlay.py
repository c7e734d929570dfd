"""A registry as it will be: the files below, with new ones on top."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring.tree import FolderTree
from registry.importing.overlay import OverlaidTree


def test_files_on_top_hide_those_below_and_the_disk_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/a").write_text("old")
    (tmp_path / "prompts/b").write_text("b")
    tree = OverlaidTree(FolderTree(tmp_path), {"prompts/a": b"new", "prompts/c/d": b"d", "promptsy": b""})
    assert tree.paths("prompts") == ("prompts/a", "prompts/b", "prompts/c/d")
    assert tree.paths() == ("prompts/a", "prompts/b", "prompts/c/d", "promptsy")
    assert [tree.read(path) for path in tree.paths("prompts")] == [b"new", b"b", b"d"]
    assert (tmp_path / "prompts/a").read_text() == "old"
    with pytest.raises(FileNotFoundError):
        tree.read("prompts/e")


def test_a_stamp_changes_with_the_file_on_top(tmp_path: Path) -> None:
    below = FolderTree(tmp_path)
    first, second = (OverlaidTree(below, {"a": data}).stamps()["a"] for data in (b"1", b"2"))
    assert first != second
