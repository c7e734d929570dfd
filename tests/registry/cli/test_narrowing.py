"""Words on the command line to files of a registry, from wherever the user stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring.tree import FolderTree
from registry.cli.context import Context
from registry.cli.narrowing import Part, part_of
from registry.errors import Usage

FILES = ("promptyard.yaml", "prompts/a/x.prompt.yaml", "prompts/a/x.suite.yaml", "prompts/ab/y.prompt.yml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("promptyard: 1\n", encoding="utf-8")
    return tmp_path


def named(root: Path, *words: str, here: str = ".") -> list[str]:
    part = part_of(Context(root=root, here=root / here), FolderTree(root), words)
    return [path for path in FILES if path in part]


@pytest.mark.parametrize(
    ("words", "here", "found"),
    [
        ([], ".", FILES),
        (["."], ".", FILES),
        ([".."], "prompts", FILES),
        (["prompts"], ".", FILES[1:]),
        (["prompts/a"], ".", FILES[1:3]),
        (["prompts/a/"], ".", FILES[1:3]),
        (["a"], "prompts", FILES[1:3]),
        (["."], "prompts/ab", FILES[3:]),
        (["a/x"], ".", FILES[1:3]),
        (["ab/y"], ".", FILES[3:]),
        (["promptyard.yaml", "prompts/a/x.suite.yaml"], ".", (FILES[0], FILES[2])),
    ],
)
def test_files_folders_and_ids_are_understood_from_where_the_user_stands(root, words, here, found) -> None:
    assert named(root, *words, here=here) == list(found)


def test_a_path_from_the_top_of_the_disk_is_understood(root: Path) -> None:
    assert named(root, str(root / FILES[1])) == [FILES[1]]


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("prompts/a/x.prompt.yml", "Did you mean prompts/a/x.prompt.yaml?"),
        ("zzz", "Name a file or folder below prompts, or an id."),
        ("../elsewhere", "Name a file or folder below prompts, or an id."),
    ],
)
def test_a_name_that_nothing_answers_to_is_refused(root: Path, word: str, advice: str) -> None:
    with pytest.raises(Usage) as caught:
        named(root, word)
    assert caught.value.code == "USE003"
    assert caught.value.next_step == advice


def test_nothing_named_is_everything() -> None:
    assert "anything" in Part()
    assert "prompts/ab" not in Part(("prompts/a",))
