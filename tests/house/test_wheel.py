"""The wheel alone, away from the checkout: everything that a new folder needs travels in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the unpacked wheel, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(folder),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_schemas_scaffold_and_model(installed):
    data = installed / "registry/data"
    assert (data / "schemas/prompt.schema.json").is_file()
    assert (data / "prompts/models/demo-triage/model.bin").is_file()


def test_the_wheel_does_the_whole_job_in_an_empty_folder(installed, tmp_path):
    who = {f"GIT_{role}_{key}": "a@b.test" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    env = {**os.environ, **who, "PYTHONPATH": str(installed), "PROMPTYARD_PROGRESS": "0"}

    def run(*words: str, at: Path = tmp_path / "bank") -> str:
        done = subprocess.run(words, cwd=at, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def promptyard(*words: str, at: Path = tmp_path / "bank") -> str:
        return run(sys.executable, "-m", "registry.cli", *words, at=at)

    where = run(sys.executable, "-c", "import registry; print(registry.__file__)", at=tmp_path)
    assert where.startswith(str(installed))
    promptyard("init", "bank", at=tmp_path)
    run("git", "add", "-A")
    run("git", "commit", "-q", "-m", "one")
    promptyard("lint")
    promptyard("render", "support/triage", "--input", 'teams=["cards"]', "--input", "ticket=I lost my card")
    promptyard("test")
    promptyard("release")
    promptyard("publish", "--yes")
    assert '"release": 1' in promptyard("status", "--json")
