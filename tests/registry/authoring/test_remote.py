from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.checkouts import Yard

from registry.authoring.git_tree import Repository
from registry.authoring.remote import export, fetch
from registry.errors import Unavailable, Usage


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.invalid")
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "remote.git")], check=True)
    (tmp_path / "clone").mkdir()
    made = Yard(tmp_path / "clone")
    made.git("init", "-q", "-b", "main")
    made.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    made.write("a/b.txt", "text")
    made.commit()
    made.git("push", "-q", "origin", "main")
    return made


def test_the_remotes_branch_is_had_and_nothing_else_moves(clone: Yard) -> None:
    first = clone.git("rev-parse", "HEAD")
    clone.write("a/b.txt", "more")
    second = clone.commit()
    clone.git("push", "-q", "origin", "HEAD:main")
    clone.git("reset", "-q", "--hard", first)
    clone.git("update-ref", "refs/remotes/origin/main", first)
    assert fetch(clone.root, "origin", "main") == second
    assert clone.git("rev-parse", "HEAD", "main") == f"{first}\n{first}"
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("remote", "branch"), [("nowhere", "main"), ("origin", "nothing"), ("-x", "main"), ("origin", "-u:x")]
)
def test_names_of_nothing_are_refused(clone: Yard, remote: str, branch: str) -> None:
    with pytest.raises(Usage, match="GIT011"):
        fetch(clone.root, remote, branch)


def test_a_remote_that_is_away_can_be_tried_again(clone: Yard, tmp_path: Path) -> None:
    (tmp_path / "remote.git").rename(tmp_path / "away.git")
    with pytest.raises(Unavailable, match="GIT012"):
        fetch(clone.root, "origin", "main")


def test_a_revision_becomes_a_folder(clone: Yard, tmp_path: Path) -> None:
    export(Repository(clone.root).tree("HEAD"), tmp_path / "out")
    assert (tmp_path / "out/a/b.txt").read_text() == "text"
