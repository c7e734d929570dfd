"""Revisions of real repositories, read without touching the working copy."""

from __future__ import annotations

import os
import subprocess

import pytest

from registry.authoring.git_tree import Repository
from registry.authoring.tree import Tree
from registry.errors import Usage

ENVIRONMENT = {
    **os.environ,
    "GIT_AUTHOR_DATE": "2026-11-01T10:00:00+02:00",
    "GIT_COMMITTER_DATE": "2026-11-01T10:00:00+02:00",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


class Git:
    def __init__(self, root):
        self.root = root
        self("init", "--quiet", "--initial-branch=main")
        self("config", "user.name", "Ada")
        self("config", "user.email", "ada@bank.test")

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=ENVIRONMENT, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            place = self.root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self("add", "--all")
        self("commit", "--quiet", "--message", "a change")
        return self("rev-parse", "HEAD")


@pytest.fixture
def git(tmp_path):
    return Git(tmp_path)


def test_a_revision_is_read_without_a_checkout(git):
    first = git.commit(**{"prompts/a.md": "one", "b.md": "b"})
    git.commit(**{"prompts/a.md": "two"})
    (git.root / "prompts/a.md").write_text("three, not committed")
    (git.root / "b.md").unlink()
    before = git("status", "--porcelain")
    tree: Tree = Repository(git.root).tree(first)
    assert tree.read("prompts/a.md") == b"one"
    assert Repository(git.root).tree().read("prompts/a.md") == b"two"
    assert tree.paths() == ("b.md", "prompts/a.md")
    assert tree.paths("prompts") == tree.paths("prompts/") == ("prompts/a.md",)
    assert git("status", "--porcelain") == before


def test_a_tree_knows_its_commit_and_its_time_in_utc(git):
    commit = git.commit(**{"a.md": "one"})
    tree = Repository(git.root).tree("main")
    assert tree.commit == commit
    assert tree.committed_at == "2026-11-01T08:00:00Z"


def test_a_registry_in_a_subfolder_sees_itself_as_the_root(git):
    git.commit(**{"registry/prompts/a.md": "one", "registry-old/b.md": "b", "c.md": "c"})
    tree = Repository(git.root / "registry").tree()
    assert tree.paths() == ("prompts/a.md",)
    assert tree.read("prompts/a.md") == b"one"
    with pytest.raises(FileNotFoundError):
        tree.read("c.md")


def test_names_and_contents_of_any_bytes_survive(git):
    git.commit(**{"prompts/ä b.md": "é\r\n"})
    tree = Repository(git.root).tree()
    assert tree.paths() == ("prompts/ä b.md",)
    assert tree.read("prompts/ä b.md") == (git.root / "prompts/ä b.md").read_bytes()


def test_a_link_and_a_missing_file_are_not_found(git):
    (git.root / "link.md").symlink_to("a.md")
    git.commit(**{"a.md": "one"})
    tree = Repository(git.root).tree()
    assert tree.paths() == ("a.md",)
    for path in ("link.md", "nothing.md"):
        with pytest.raises(FileNotFoundError):
            tree.read(path)


def test_outside_a_repository_says_what_to_do(tmp_path):
    with pytest.raises(Usage, match="GIT001") as told:
        Repository(tmp_path)
    assert "git init" in told.value.next_step


@pytest.mark.parametrize("revision", ["nothing", "0" * 40, "HEAD~9", "", "a b", "--help", "main:", "@{u}"])
def test_a_revision_that_git_does_not_know_is_refused(git, revision):
    git.commit(**{"a.md": "one"})
    with pytest.raises(Usage, match="GIT002"):
        Repository(git.root).tree(revision)


def test_a_repository_without_a_commit_is_refused(git):
    with pytest.raises(Usage, match="GIT002"):
        Repository(git.root).tree()


def test_the_merge_base_is_where_two_branches_parted(git):
    base = git.commit(**{"a.md": "one"})
    git("checkout", "--quiet", "-b", "topic")
    git.commit(**{"b.md": "b"})
    git("checkout", "--quiet", "main")
    git.commit(**{"c.md": "c"})
    assert Repository(git.root).merge_base("topic", "main") == base


def test_histories_that_share_nothing_have_no_merge_base(git):
    git.commit(**{"a.md": "one"})
    git("checkout", "--quiet", "--orphan", "other")
    git.commit(**{"b.md": "b"})
    with pytest.raises(Usage, match="share no history"):
        Repository(git.root).merge_base("main", "other")


def test_descent_is_told_and_an_unknown_commit_is_no_ancestor(git):
    older = git.commit(**{"a.md": "one"})
    newer = git.commit(**{"a.md": "two"})
    repository = Repository(git.root)
    assert repository.descends(older, newer)
    assert repository.descends(newer, newer)
    assert not repository.descends(newer, older)
    assert not repository.descends("f" * 40, newer)


def test_changed_paths_name_every_file_that_is_not_committed(git):
    git.commit(**{"a.md": "one", "b.md": "b"})
    (git.root / "a.md").write_text("two")
    (git.root / "new").mkdir()
    (git.root / "new/c d.md").write_text("c")
    assert set(Repository(git.root).changed_paths()) == {"a.md", "new/c d.md"}


def test_the_author_is_whom_git_knows(git):
    git.commit(**{"a.md": "one"})
    assert Repository(git.root).author == "Ada <ada@bank.test>"
