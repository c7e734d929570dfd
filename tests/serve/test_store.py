"""The cache folder: whole files or none, and never an exception on reading."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from serve.core.digest import sha256
from serve.store import CacheUnavailable, Kept, Store

KEPT = Kept(1, "a" * 64, '"tag"', ("röot",), "{}\n", "{ }", "[]")


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "cache")
    store.prepare()
    return store


def test_a_note_of_what_was_seen_comes_back_or_is_none(store):
    assert store.recall() is None
    assert store.note(b"seen") is True
    assert store.recall() == b"seen"
    assert store.load() is None
    (store.folder / "seen.json").unlink()
    (store.folder / "seen.json").symlink_to("/etc/hostname")
    assert store.recall() is None


def test_a_note_that_cannot_be_kept_says_so(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert Store(tmp_path / "file/cache").note(b"seen") is False


def test_what_was_saved_comes_back_to_the_byte(store):
    assert store.load() is None
    store.save(KEPT)
    assert store.load() == KEPT


def test_every_save_changes_the_mark(store):
    marks = {store.mark()}
    for _ in range(3):
        store.save(KEPT)
        marks.add(store.mark())
    assert len(marks) == 4


def test_an_object_is_what_its_name_says_or_nothing(store):
    name = sha256(b"bytes")
    assert store.object(name) is None
    store.put(name, b"bytes")
    assert store.object(name) == b"bytes"
    (store.folder / "objects" / name).write_bytes(b"other")
    assert store.object(name) is None
    store.put(name, b"bytes")
    assert store.object(name) == b"bytes"


def test_collecting_spares_what_is_kept_and_what_is_being_written(store):
    for data in (b"a", b"b"):
        store.put(sha256(data), data)
    fresh, old = store.folder / "objects/.new-1", store.folder / "objects/.new-2"
    for path in (fresh, old):
        path.touch()
    os.utime(old, (0, 0))
    store.collect({sha256(b"a")})
    assert {path.name for path in (store.folder / "objects").iterdir()} == {sha256(b"a"), ".new-1"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CacheUnavailable, match="CAC001"):
        Store(tmp_path / "file/cache").prepare()


def test_a_disk_that_is_full_leaves_the_old_file_and_no_half_written_one(store):
    store.save(KEPT)
    program = """
        import resource, sys
        from pathlib import Path
        from dataclasses import replace
        from serve.store import CacheUnavailable, Kept, Store

        store = Store(Path(sys.argv[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        try:
            store.save(replace(store.load(), targets="x" * 5000))
        except CacheUnavailable as error:
            print(error.code)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(store.folder)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "CAC001\n"
    assert store.load() == KEPT
    assert {path.name for path in store.folder.iterdir()} == {"objects", "state.json"}
