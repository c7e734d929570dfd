from __future__ import annotations

from pathlib import Path

import pytest
from support.content import write

from registry.authoring.tree import FolderTree
from registry.devloop.moment import Moment

TONE = "prompts/partials/tone.md"


class Counting(FolderTree):
    """A folder that counts what is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[str] = []

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return super().read(path)


@pytest.fixture
def folder(tmp_path: Path) -> Counting:
    return Counting(write(tmp_path))


def test_a_file_is_read_once_also_for_the_next_moment(folder: Counting) -> None:
    moment = Moment(folder, "prompts")
    assert moment.read(TONE) == moment.read(TONE) == b"Be calm.\n"
    assert Moment(folder, "prompts", moment).read(TONE) == b"Be calm.\n"
    assert folder.reads == [TONE]


def test_what_is_written_during_a_moment_is_seen_by_the_next(folder: Counting, tmp_path: Path) -> None:
    moment = Moment(folder, "prompts")
    moment.read(TONE)
    (tmp_path / TONE).write_text("Be kind, please.\n")
    (tmp_path / "prompts/new.md").write_text("new")
    assert moment.read(TONE) == b"Be calm.\n"
    with pytest.raises(FileNotFoundError):
        moment.read("prompts/new.md")
    after = Moment(folder, "prompts", moment)
    assert after.changed(moment) == {TONE, "prompts/new.md"}
    assert after.read(TONE) == b"Be kind, please.\n"


def test_a_file_that_went_is_a_change_and_cannot_be_read(folder: Counting, tmp_path: Path) -> None:
    moment = Moment(folder, "prompts")
    moment.read(TONE)
    (tmp_path / TONE).unlink()
    after = Moment(folder, "prompts", moment)
    assert after.changed(moment) == {TONE}
    with pytest.raises(FileNotFoundError):
        after.read(TONE)


def test_everything_is_new_to_the_first(folder: Counting) -> None:
    moment = Moment(folder, "prompts")
    assert moment.changed(None) == set(moment.paths("prompts")) == set(folder.paths("prompts"))
    assert moment.paths("prompts/partials") == (TONE,)
    assert moment.stamps("prompts/partials") == folder.stamps("prompts/partials")


def test_settings_beside_the_content_are_always_read_from_disk(folder: Counting, tmp_path: Path) -> None:
    moment = Moment(folder, "prompts")
    (tmp_path / "promptyard.yaml").write_text("promptyard: 1\n")
    assert moment.read("promptyard.yaml") == b"promptyard: 1\n"


def test_a_large_file_is_not_held_in_memory(folder: Counting, tmp_path: Path) -> None:
    (tmp_path / "prompts/models/w.bin").write_bytes(b"x" * 300_000)
    moment = Moment(folder, "prompts")
    moment.read("prompts/models/w.bin")
    moment.read("prompts/models/w.bin")
    assert folder.reads == ["prompts/models/w.bin"] * 2
