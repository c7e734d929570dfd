"""Everybody on one store at once, killed and cut off: small here, at length by ``make soak``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.soak import Tally, hold_against
from tools.soak_actors import Journal, Stage

ROOT = Path(__file__).parents[2]
RUNS = int(os.environ.get("PROMPTYARD_SOAK", "0"))


def soak(store: str) -> str:
    length = ("--runs", str(RUNS)) if RUNS else ("--runs", "1", "--publishers", "4", "--deeds", "6")
    words = [sys.executable, "-m", "tools.soak", "--store", store, *length]
    told = []
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:  # as it comes: at length this takes a while
            sys.stdout.write(line)
            told.append(line)
    assert process.returncode == 0, "".join(told)
    return "".join(told)


@pytest.mark.parametrize("kind", ["folder", "moto", pytest.param("ceph", marks=pytest.mark.real_s3)])
def test_no_release_is_lost_or_doubled_and_no_reader_fails(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store = f"file:{tmp_path}" if kind == "folder" else request.getfixturevalue(f"{kind}_store")
    told = soak(store)
    assert re.search(rf"^{RUNS or 1} of {RUNS or 1} runs kept every promise$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("who", "line", "says"),
    [
        (
            "publisher-0",
            {"done": "0.9", "changed": True},
            "0.9 was answered for and is in the history 0 times",
        ),
        ("publisher-0", {"broke": "Traceback"}, "Traceback"),
        ("reader-staging", {"release": 7, "sha256": "0" * 64}, "saw release 7, which no history knows"),
        ("reader-staging", {"failed": "SIG001"}, "a reader of staging failed: SIG001"),
    ],
)
def test_the_judge_finds_what_is_wrong(tmp_path: Path, who: str, line: dict[str, object], says: str) -> None:
    stage, tally = Stage("file:store", tmp_path, 1), Tally()
    stage.begin()
    Journal(stage, who).note(**line)
    hold_against(stage, tally, 1)
    (wrong,) = tally.wrong
    assert says in wrong
