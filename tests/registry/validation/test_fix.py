"""Fixes in their texts: all that are safe, none that is not, and nothing else changes."""

from __future__ import annotations

import pytest
from support.content import write

from registry.authoring.tree import FolderTree
from registry.diagnostics import Diagnostic, Edit, Fix, Place
from registry.validation.fix import Overlay, edited, mend


def finding(
    path: str, row: int, start: int, end: int, text: str, *changes: tuple[str | int, ...]
) -> Diagnostic:
    fix = Fix("Mend", (Edit(path, row, start, row, end, text),), changes)
    return Diagnostic("REF001", "error", Place(path, row, start), "No.", "Yes.", fix)


def test_edits_are_put_in_place_without_moving_each_other():
    text = "one é two\nthree\n"
    made = edited(
        text, [Edit("a", 1, 1, 1, 4, "1"), Edit("a", 1, 7, 1, 10, "two!"), Edit("a", 2, 1, 2, 1, "> ")]
    )
    assert made == "1 é two!\n> three\n"


def test_a_fix_that_changes_what_it_says_is_done(tmp_path):
    tree = FolderTree(write(tmp_path, {"a.yaml": "max: 1  # kept\nb: 2\n"}))
    held = mend(tree, [finding("a.yaml", 1, 1, 4, "most", ("max",), ("most",))])
    assert held.texts == {"a.yaml": "most: 1  # kept\nb: 2\n"}
    assert len(held.done) == 1


@pytest.mark.parametrize("text", ["b", "[", "max: 2\nmax"])
def test_a_fix_that_would_change_more_or_break_the_file_is_left(text, tmp_path):
    tree = FolderTree(write(tmp_path, {"a.yaml": "max: 1\nb: 2\n"}))
    wrong = finding("a.yaml", 1, 1, 4, text, ("max",), ("most",))
    held = mend(tree, [wrong])
    assert (held.texts, held.done, held.refused) == ({}, (), (wrong,))


def test_a_number_that_becomes_its_equal_of_another_type_counts_as_a_change(tmp_path):
    tree = FolderTree(write(tmp_path, {"a.yaml": "max: 1\n"}))
    assert mend(tree, [finding("a.yaml", 1, 6, 7, "1.0", ("other",))]).done == ()


def test_a_bad_fix_does_not_keep_a_good_one_from_its_file(tmp_path):
    tree = FolderTree(write(tmp_path, {"a.yaml": "max: 1\nb: 2\n"}))
    bad, good = finding("a.yaml", 1, 6, 7, "9"), finding("a.yaml", 2, 4, 5, "3", ("b",))
    held = mend(tree, [bad, good])
    assert held.texts == {"a.yaml": "max: 1\nb: 3\n"}
    assert (held.done, held.refused) == ((good,), (bad,))


def test_of_two_edits_at_one_place_the_first_is_done(tmp_path):
    tree = FolderTree(write(tmp_path, {"a.yaml": "b: 2\n"}))
    one, two = finding("a.yaml", 1, 4, 5, "3", ("b",)), finding("a.yaml", 1, 4, 5, "4", ("b",))
    assert mend(tree, [one, two]).done == (one,)


def test_line_ends_of_windows_stay(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"max: 1\r\nb: 2\r\n")
    held = mend(FolderTree(tmp_path), [finding("a.yaml", 1, 1, 4, "most", ("max",), ("most",))])
    assert held.texts == {"a.yaml": "most: 1\r\nb: 2\r\n"}


def test_an_overlay_is_the_tree_with_other_texts(tmp_path):
    tree = FolderTree(write(tmp_path, {"a.yaml": "1", "b.yaml": "2"}))
    over = Overlay(tree, {"a.yaml": "3"})
    assert (over.read("a.yaml"), over.read("b.yaml"), over.paths()) == (b"3", b"2", tree.paths())
    assert over.stamps()["a.yaml"] != tree.stamps()["a.yaml"]
    assert over.stamps()["b.yaml"] == tree.stamps()["b.yaml"]
    with pytest.raises(FileNotFoundError):
        over.read("c.yaml")
