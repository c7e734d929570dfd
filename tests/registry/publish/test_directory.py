from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from registry.errors import StoreUnavailable
from registry.publish.directory import DirectoryTarget
from registry.publish.target import Conflict


def count_up(root: Path, times: int, who: str) -> None:
    target = DirectoryTarget(root)
    done = 0
    while done < times:
        stored = target.read("counter")
        value = int(stored.data.split()[0]) if stored else 0
        try:
            target.replace_if("counter", f"{value + 1} {who}".encode(), stored.etag if stored else None)
        except Conflict:
            continue
        done += 1


def test_racing_processes_count_without_losing_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=count_up, args=(tmp_path, 15, who)) for who in ("a", "b")]
    for worker in workers:
        worker.start()
    count_up(tmp_path, 15, "c")
    for worker in workers:
        worker.join()
    assert (tmp_path / "counter").read_bytes().split()[0] == b"45"


def test_a_reader_never_sees_half_a_file_and_nothing_is_left_over(tmp_path: Path) -> None:
    target = DirectoryTarget(tmp_path)
    target.put_once("objects/a", b"x" * 100_000)
    target.replace_if("timestamp.json", b"y", None)
    with pytest.raises(Conflict):
        target.put_once("objects/a", b"z")
    assert list((tmp_path / ".tmp").iterdir()) == []
    assert (tmp_path / "objects/a").stat().st_nlink == 1


def test_what_never_changes_is_read_only(tmp_path: Path) -> None:
    target = DirectoryTarget(tmp_path)
    target.put_once("objects/a", b"x")
    target.replace_if("timestamp.json", b"y", None)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("objects/a", "timestamp.json")]
    assert modes == [0o444, 0o644]


def test_a_file_in_the_way_is_an_unavailable_store(tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"")
    target = DirectoryTarget(tmp_path / "store")
    assert target.read("store.json") is None
    with pytest.raises(StoreUnavailable, match=r"STO001 the folder store cannot serve a/b") as caught:
        target.put_once("a/b", b"x")
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.exit_code == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_an_unavailable_store(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreUnavailable, match="Permission denied"):
        DirectoryTarget(tmp_path).put_once("a", b"x")
