"""The working copy as a tree: sorted, without tool folders, and never out of the repository."""

from __future__ import annotations

import os

import pytest

from registry.authoring.tree import FolderTree, PassedOver
from registry.errors import Usage


@pytest.fixture
def root(tmp_path):
    for name in ("b.md", "a/c.md", "a/b/d.md", ".git/config", ".venv/x.md", "a/.promptyard/y", "ab/e.md"):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(name)
    return tmp_path


def test_paths_are_sorted_and_tool_folders_passed_over(root):
    assert FolderTree(root).paths() == ("a/b/d.md", "a/c.md", "ab/e.md", "b.md")


def test_a_prefix_is_a_folder_and_no_mere_beginning(root):
    assert FolderTree(root).paths("a") == ("a/b/d.md", "a/c.md")
    assert FolderTree(root).paths("a/") == ("a/b/d.md", "a/c.md")
    assert FolderTree(root).paths("nothing") == ()


@pytest.mark.parametrize("prefix", ["..", "a/../..", "a/..", "/etc", "folder"])
def test_a_prefix_that_leads_elsewhere_has_no_files(root, prefix):
    (root / "folder").symlink_to(root / "a")
    assert FolderTree(root).paths(prefix) == ()


def test_a_working_copy_has_no_commit_and_no_time(root):
    tree = FolderTree(root)
    assert (tree.commit, tree.committed_at) == (None, "")


def test_a_file_is_read_as_it_lies_on_disk(root):
    tree = FolderTree(root)
    (root / "b.md").write_bytes(b"\x00\xff")
    assert tree.read("b.md") == b"\x00\xff"


@pytest.mark.parametrize("path", ["nothing.md", "a", "../outside.md", "a/../b.md", "/etc/hostname", ""])
def test_what_is_missing_or_outside_is_not_found(root, path):
    (root.parent / "outside.md").write_text("secret")
    with pytest.raises(FileNotFoundError):
        FolderTree(root).read(path)


@pytest.mark.parametrize("path", ["./b.md", "a//c.md", "a/./c.md"])
def test_a_path_that_a_commit_would_not_know_is_not_found_either(root, path):
    with pytest.raises(FileNotFoundError):
        FolderTree(root).read(path)


def test_a_link_is_neither_listed_nor_read(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.md").write_text("secret")
    (root / "link.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    tree = FolderTree(root)
    assert "link.md" not in tree.paths()
    assert not [path for path in tree.paths() if path.startswith("folder")]
    for path in ("link.md", "folder/secret.md"):
        with pytest.raises(FileNotFoundError):
            tree.read(path)


def test_what_is_passed_over_is_told(root):
    (root / "a/link.md").symlink_to("c.md")
    (root / "node_modules").symlink_to("a")  # a tool's folder, of no concern
    (root / "theirs/.git").mkdir(parents=True)
    (root / "theirs/x.md").write_text("x")
    tree = FolderTree(root)
    assert tree.passed_over() == (PassedOver("a/link.md", "link"), PassedOver("theirs", "repository"))
    assert tree.passed_over("a") == (PassedOver("a/link.md", "link"),)
    assert tree.passed_over("nothing") == ()
    assert not [path for path in tree.paths() if path.startswith("theirs")]
    assert tree.paths("theirs") == ("theirs/x.md",)  # asked for by name it is the registry itself


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(root):
    (root / "b.md").chmod(0)
    with pytest.raises(Usage, match="FIL004"):
        FolderTree(root).read("b.md")
