"""Trees made by hand; those of real repositories are read in test_git_tree."""

from __future__ import annotations

import pytest

from registry.authoring.git_objects import Entry, GitTree, Objects
from registry.errors import Unavailable

TOP, SUB, BLOB, COMMIT = "a" * 40, "b" * 40, "c" * 40, "d" * 40
HEADER = f"tree {TOP}\nparent {'e' * 40}\nparent {'f' * 40}\nauthor A <a@b> 1 +0100\ncommitter A <a@b> 86400 +0100\n\ntree x\n"


def item(mode: str, name: bytes, sha: str) -> bytes:
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(sha)


@pytest.fixture
def store() -> dict[str, Entry]:
    top = item("100755", b"run.md", BLOB) + item("40000", b"sub", SUB) + item("100644", b"\xff.md", BLOB)
    sub = item("120000", b"link", BLOB) + item("160000", b"module", COMMIT) + item("100644", b"x.md", BLOB)
    told = {
        COMMIT: ("commit", HEADER.encode()),
        TOP: ("tree", top),
        SUB: ("tree", sub),
        BLOB: ("blob", b"hello"),
    }
    return {name: Entry(name, *rest) for name, rest in told.items()}


def test_files_are_told_apart_from_links_and_repositories(store) -> None:
    tree = GitTree(Objects(store.get), COMMIT, "")
    assert tree.paths() == ("run.md", "sub/x.md", "\udcff.md")
    assert [(each.path, each.why) for each in tree.passed_over()] == [
        ("sub/link", "link"),
        ("sub/module", "repository"),
    ]
    assert tree.read("run.md") == b"hello"
    assert tree.stamps("sub") == {"sub/x.md": BLOB}


@pytest.mark.parametrize(
    "path",
    ["", "sub", "sub/", "/run.md", "sub//x.md", "sub/../run.md", "run.md/x", "sub/link", "sub/module/x"],
)
def test_a_path_that_is_no_plain_file_is_not_there(store, path) -> None:
    tree = GitTree(Objects(store.get), COMMIT, "")
    assert tree.blob(path) is None
    with pytest.raises(FileNotFoundError):
        tree.read(path)


def test_a_commit_tells_its_parents_and_its_time_in_utc(store) -> None:
    tree = GitTree(Objects(store.get), COMMIT, "")
    assert tree.parents == ("e" * 40, "f" * 40)
    assert tree.committed_at == "1970-01-02T00:00:00Z"
    assert tree.known
    assert not tree.at("e" * 40).known
    assert tree.at("e" * 40).paths() == ()


def test_a_lost_object_is_no_missing_file(store) -> None:
    tree = GitTree(Objects(store.get), COMMIT, "")
    del store[SUB], store[BLOB]
    for lost in (lambda: tree.paths(), lambda: tree.read("run.md")):
        with pytest.raises(Unavailable, match="GIT009"):
            lost()


def test_a_prefix_that_is_not_there_makes_an_empty_tree(store) -> None:
    tree = GitTree(Objects(store.get), COMMIT, "nowhere/")
    assert tree.paths() == ()
    assert tree.blob("run.md") is None
    assert GitTree(Objects(store.get), COMMIT, "").changed(tree) == {
        "run.md",
        "sub/link",
        "sub/module",
        "sub/x.md",
        "\udcff.md",
    }


def test_equal_folders_are_not_looked_into(store) -> None:
    asked = []
    objects = Objects(lambda name: asked.append(name) or store.get(name))
    one, two = GitTree(objects, COMMIT, ""), GitTree(objects, COMMIT, "")
    assert one.changed(two) == frozenset()
    assert SUB not in asked
