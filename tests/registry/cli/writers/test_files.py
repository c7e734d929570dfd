from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from registry.cli.writers.files import write_file
from registry.errors import Unavailable


def test_a_file_gets_its_text_whole_with_the_folder_and_the_usual_mode(tmp_path: Path) -> None:
    place = tmp_path / "reports" / "junit.xml"
    write_file(place, "grün")
    assert place.read_bytes() == "grün".encode()
    usual = tmp_path / "usual"
    usual.touch()
    assert stat.S_IMODE(place.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    place.chmod(0o600)
    write_file(place, "again")
    assert (place.read_text(), stat.S_IMODE(place.stat().st_mode)) == ("again", 0o600)
    assert [it.name for it in place.parent.iterdir()] == ["junit.xml"]


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "junit.xml"
    place.write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        Unavailable, match=r"EVL030 junit\.xml cannot be written \(No space left on device\)"
    ) as told:
        write_file(place, "new")
    assert "The file is as it was." in str(told.value)
    assert (place.read_text(), [it.name for it in tmp_path.iterdir()]) == ("old", ["junit.xml"])


def test_a_real_full_device_is_told_too() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(Unavailable, match="EVL030"):
        write_file(full, "x" * 100_000)
    assert full.is_char_device()


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(pipe, "news")
        assert os.read(reader, 10) == b"news"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_leads_to_the_file_that_it_names(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text("old")
    link.symlink_to(real)
    write_file(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_folder_of_that_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="Is a directory"):
        write_file(tmp_path, "x")
