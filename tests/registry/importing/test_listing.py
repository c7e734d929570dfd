from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importing.gather import gather
from registry.importing.listing import is_pattern, matching

NAMES = (
    "a.txt",
    "p/a.txt",
    "p/b.yaml",
    "p/q/c.txt",
    "t/b.yaml",
    "t/a.yaml",
    "x.v1.prompt",
    "[a].md",
    "x,y.md",
)


@pytest.mark.parametrize(
    ("place", "pattern", "expected"),
    [
        ("", "*.txt", ("a.txt",)),
        ("", "*/*.txt", ("p/a.txt",)),
        ("", "**/*.txt", ("a.txt", "p/a.txt", "p/q/c.txt")),
        ("", "p/**/*.txt", ("p/a.txt", "p/q/c.txt")),
        ("p", "*.txt", ("a.txt",)),
        ("p", "../t/*.yaml", ("../t/a.yaml", "../t/b.yaml")),
        ("", "./p/*.{txt,yaml}", ("p/a.txt", "p/b.yaml")),
        ("", "?.txt", ("a.txt",)),
        ("", "[!x]*.txt", ("a.txt",)),
        ("", "x.*.prompt", ("x.v1.prompt",)),
        ("", "../*", ()),
        ("", "/etc/*", ()),
        ("", "{a.txt", ()),
        ("", "[z-a]*", ()),
        ("", "x,y.*", ("x,y.md",)),
    ],
)
def test_a_pattern_fits_these_names_in_their_order(place, pattern, expected):
    assert matching(NAMES, place, pattern) == expected


@given(st.text(alphabet="a*?[]!{},./\\-^(|)p", max_size=30))
def test_any_text_is_a_pattern_that_fits_what_is_there_or_nothing(pattern):
    assert set(matching(NAMES, "", pattern)) <= set(NAMES)


def test_a_path_without_signs_is_no_pattern():
    assert not is_pattern("tests/a-b.yaml")
    assert is_pattern("tests/*.yaml")


def test_files_in_the_folder_are_listed_links_and_hidden_folders_are_not(tmp_path):
    for name in ("c.yaml", "t/b.txt", "t/a.txt", "t/.hidden/d.txt", "node_modules/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "linked").symlink_to(tmp_path / "t")
    (file,) = gather(tmp_path / "c.yaml").files
    assert file.matching("**/*.txt") == ("t/a.txt", "t/b.txt")
    assert file.matching("../**") == ()
