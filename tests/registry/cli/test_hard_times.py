"""Two at once, places that cannot be written, clocks that go back, a full disk: a right answer or one clear line."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROMPT = "prompts/support/triage.prompt.yaml"
CACHE = ".promptyard/cache/lint.json"


def test_two_lints_at_once_say_the_same_and_leave_a_cache_that_reads(run, plain: Path) -> None:
    words = [sys.executable, "-m", "registry.cli", "lint", "--json"]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {process.communicate()[0] for process in both}
    assert {process.returncode for process in both} == {0}
    assert said == {run("lint", "--json").stdout}


@pytest.mark.parametrize("place", [".promptyard", ".promptyard/cache", CACHE])
def test_a_cache_that_cannot_be_written_costs_time_and_no_answer(run, plain: Path, place: str) -> None:
    (plain / place).parent.mkdir(parents=True, exist_ok=True)
    if place == CACHE:
        (plain / place).mkdir(parents=True)
    else:
        (plain / place).write_text("in the way")
    before = run("lint").stdout
    assert run("lint").stdout == before


@pytest.mark.parametrize("text", ["", "null", "\x00"])
def test_a_cache_with_anything_in_it_is_made_anew(run, plain: Path, text: str) -> None:
    said = run("lint").stdout
    (plain / CACHE).write_text(text)
    assert run("lint").stdout == said


@pytest.mark.parametrize("moment", [0, 4_000_000_000])
def test_an_edit_is_seen_whatever_the_clock_says(run, plain: Path, moment: int) -> None:
    path = plain / PROMPT
    os.utime(path, (2_000_000_000, 2_000_000_000))
    run("lint")
    path.write_text(path.read_text().replace("models/chat", "models/chut"))  # as long as before
    os.utime(path, (moment, moment) if moment else (2_000_000_000, 2_000_000_000))
    assert "REF001" in run("lint", code=1).stdout


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_with_the_file_and_nothing_stays(
    error_of, plain: Path, monkeypatch, code
) -> None:
    (plain / "old").mkdir()
    (plain / "old/greet.prompt").write_text("Hello {{name}}")
    before = set((plain / "prompts").rglob("*"))
    held = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if "greet" in self.name:
            raise OSError(code, os.strerror(code))
        return held(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    line = error_of(4, ["import", "old"])
    assert "ENV002" in line
    assert "greet.prompt.yaml" in line
    assert set((plain / "prompts").rglob("*")) == before
