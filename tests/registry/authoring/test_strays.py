"""What nothing reads is told: slips in names, links, repositories within."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from pathlib import Path

import pytest
from support.content import FILES, MODEL, catalog, write

from registry.authoring.catalog import load
from registry.authoring.git_tree import Repository
from registry.authoring.strays import odd_suffix
from registry.authoring.tree import FolderTree
from registry.diagnostics import Diagnostic
from registry.errors import NotClean
from registry.rendering.resolve import resolve
from registry.settings import Settings

ENVIRONMENT = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}


def git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@bank.test")
    subprocess.run(["git", *who, *words], cwd=root, env=ENVIRONMENT, check=True, capture_output=True)


def told(root: Path, *, committed: bool = False) -> list[tuple[str, str, str]]:
    tree = FolderTree(root)
    if committed:
        git(root, "init", "--quiet")
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", "all of it")
        tree = Repository(root).tree()
    return [(it.place.path, it.code, it.level) for it in load(tree, Settings()).problems]


@pytest.mark.parametrize("committed", [False, True])
def test_a_pointer_of_git_lfs_is_told_as_one(tmp_path: Path, committed: bool) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12\n"
    files = {**FILES, "prompts/big.prompt.yaml": pointer, "prompts/partials/tone.md": pointer}
    root = write(tmp_path / "yard", files)
    assert told(root, committed=committed) == [("prompts/big.prompt.yaml", "FIL008", "error")]
    with pytest.raises(NotClean, match="TPL003"):  # a pointer must not become part of a prompt
        resolve(catalog(root))


@pytest.mark.parametrize("committed", [False, True])
def test_a_link_is_told_in_a_folder_and_in_a_commit_alike(tmp_path: Path, committed: bool) -> None:
    root = write(tmp_path / "yard", FILES)
    (tmp_path / "elsewhere.yaml").write_text(MODEL)
    (root / "prompts/far.model.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (root / "prompts/near.prompt.yml").symlink_to("support/triage.prompt.yaml")
    (root / "prompts/broken.md").symlink_to("nothing")
    (root / "prompts/folder").symlink_to("support")
    assert told(root, committed=committed) == [
        ("prompts/broken.md", "FIL003", "warning"),
        ("prompts/far.model.yaml", "FIL003", "error"),
        ("prompts/folder", "FIL003", "warning"),
        ("prompts/near.prompt.yml", "FIL003", "error"),
    ]


@pytest.mark.parametrize("committed", [False, True])
def test_a_repository_within_is_told_and_its_files_are_not_read(tmp_path: Path, committed: bool) -> None:
    root = write(tmp_path, FILES, **{"prompts/theirs/chat.model.yaml": MODEL})
    git(root / "prompts/theirs", "init", "--quiet")
    git(root / "prompts/theirs", "add", "--all")
    git(root / "prompts/theirs", "commit", "--quiet", "--message", "theirs")
    assert told(root, committed=committed) == [("prompts/theirs", "FIL006", "warning")]


def test_the_registry_itself_may_be_a_repository_or_a_submodule(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    (root / ".git").write_text("gitdir: ../.git/modules/yard\n")
    assert told(root) == []


@pytest.mark.parametrize("committed", [False, True])
def test_a_name_that_is_no_text_is_told_and_can_be_shown(tmp_path: Path, committed: bool) -> None:
    root = write(tmp_path, FILES)
    for name in (b"\xff.prompt.yaml", b"\xfe.md"):
        (Path(os.fsdecode(os.fsencode(root) + b"/prompts/" + name))).write_text("x")
    found = told(root, committed=committed)
    assert found == [
        ("prompts/\\xfe.md", "FIL002", "error"),
        ("prompts/\\xff.prompt.yaml", "FIL002", "error"),
    ]
    str(found).encode()


def test_a_name_in_pieces_is_told_with_what_to_do(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "prompts/grüße.md")
    (problem,) = catalog(write(tmp_path, {**FILES, name: "Hello."})).problems
    assert (problem.code, problem.level, problem.place.path) == ("FIL007", "warning", name)
    whole = unicodedata.normalize("NFC", name)
    assert catalog(write(tmp_path / "other", {**FILES, whole: "Hello."})).problems == ()


def test_two_files_of_one_id_are_told_and_the_first_counts(tmp_path: Path) -> None:
    text = "model: models/chat\nmessages:\n  - {role: user, content: Hi.}\n"
    held = catalog(write(tmp_path, {**FILES, "prompts/support/triage.prompt.yml": text}))
    (problem,) = held.problems
    assert (problem.code, problem.level) == ("FIL005", "error")
    assert problem.place.path == "prompts/support/triage.prompt.yml"
    assert problem.message.startswith("triage.prompt.yaml has the id support/triage too")
    assert held.prompts["support/triage"].owner == "support"
    assert held.drifts == {}


def test_every_finding_says_what_to_do(tmp_path: Path) -> None:
    root = write(tmp_path, {**FILES, "prompts/a.promt.yaml": "a: 1\n", "prompts/größe.tool.yaml": "a: 1\n"})
    (root / "prompts/link.md").symlink_to("nothing")
    found: tuple[Diagnostic, ...] = catalog(root).problems
    assert {it.code for it in found} == {"FIL001", "FIL002", "FIL003"}
    assert all(it.message.endswith(".") and it.hint for it in found)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("a.prompts.yaml", "Did you mean a.prompt.yaml?"),
        ("a.yaml", "Name it a.prompt.yaml (or .model, .suite, …), or move it out of the content folder."),
    ],
)
def test_a_name_without_a_kind_is_told_with_one_that_has_it(name: str, hint: str) -> None:
    (finding,) = odd_suffix(f"prompts/{name}")
    assert (finding.code, finding.hint) == ("FIL001", hint)
