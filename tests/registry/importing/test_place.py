"""Files are put in place all or none, and nothing that is there changes unless that was asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry.errors import Refused, Usage
from registry.importing.place import Standing, put, standing

FILES = {"prompts/a.yaml": b"a", "prompts/deep/b.yaml": b"b"}


def everything(root: Path) -> dict[str, bytes]:
    return {it.relative_to(root).as_posix(): it.read_bytes() for it in root.rglob("*") if it.is_file()}


def test_new_files_are_written_with_their_folders(tmp_path: Path) -> None:
    assert put(tmp_path, FILES) == Standing(tuple(FILES), (), ())
    assert everything(tmp_path) == FILES


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    put(tmp_path, FILES)
    before = (tmp_path / "prompts/a.yaml").stat().st_mtime_ns
    assert put(tmp_path, FILES) == Standing((), tuple(FILES), ())
    assert (tmp_path / "prompts/a.yaml").stat().st_mtime_ns == before


def test_one_file_that_is_there_and_different_stops_all(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/a.yaml").write_bytes(b"mine")
    with pytest.raises(Usage, match=r"IMP004.*prompts/a.yaml is there and different"):
        put(tmp_path, FILES)
    assert everything(tmp_path) == {"prompts/a.yaml": b"mine"}


def test_it_is_replaced_when_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/a.yaml").write_bytes(b"mine")
    assert put(tmp_path, FILES, replace=True).other == ("prompts/a.yaml",)
    assert everything(tmp_path) == FILES


@pytest.mark.parametrize("failing", ["link", "replace"])
def test_a_failure_half_way_takes_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    (tmp_path / "z").write_bytes(b"mine")
    files = {**FILES, "y": b"new", "z": b"theirs"}
    real = os.link

    def link(source: Path, target: Path) -> None:
        if failing == "link" and Path(target).name == "y":
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    def replaced(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr("registry.importing.place.os.link", link)
    monkeypatch.setattr(Path, "replace", replaced)
    with pytest.raises(OSError, match="No space left"):
        put(tmp_path, files, replace=True)
    assert everything(tmp_path) == {"z": b"mine"}
    assert [it.name for it in tmp_path.iterdir()] == ["z"]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(_: Path, target: Path) -> None:
        Path(target).write_bytes(b"someone else's")
        raise FileExistsError(17, "File exists", str(target))

    monkeypatch.setattr("registry.importing.place.os.link", link)
    with pytest.raises(Refused, match="IMP004"):
        put(tmp_path, {"a": b"a"})
    assert everything(tmp_path) == {"a": b"someone else's"}


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "prompts").symlink_to(outside)
    with pytest.raises(Usage, match="IMP005"):
        standing(root, FILES)
    assert everything(outside) == {}
