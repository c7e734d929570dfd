"""The program itself: where it looks, and what its words come to. What is asked of it is tested in test_git_tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring.git_program import Program, begin_repository
from registry.errors import Usage


def test_a_folder_outside_of_every_repository_is_told(tmp_path):
    with pytest.raises(Usage, match="GIT001"):
        Program(tmp_path)


def test_a_repository_is_begun_once(tmp_path):
    assert begin_repository(tmp_path)
    assert not begin_repository(tmp_path)
    program = Program(tmp_path)
    assert program.top == tmp_path
    assert program.text("symbolic-ref", "HEAD").strip() == "refs/heads/main"


def test_lines_are_given_and_the_two_streams_come_back(tmp_path):
    begin_repository(tmp_path)
    program = Program(tmp_path)
    assert program.ask("stripspace", given=["a  ", "", "", "b"]) == (0, "a\n\nb\n", "")
    status, out, told = program.ask("rev-parse", "--verify", "nothing")
    assert (status != 0, out, "fatal" in told) == (True, "", True)


def test_an_object_that_is_not_there_is_none(tmp_path: Path):
    begin_repository(tmp_path)
    assert Program(tmp_path).read("0" * 40) is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("fatal: detected dubious ownership in repository", "GIT003"),
        ("fatal: could not fetch abc from promisor remote", "GIT004"),
        ("fatal: could not open object name list: .revs", "GIT010"),
        ("fatal: bad object", "GIT009"),
        ("", "GIT009"),
    ],
)
def test_git_s_words_become_an_error_with_a_cure(tmp_path, told, code):
    begin_repository(tmp_path)
    error = Program(tmp_path).failed("log", told)
    assert (error.code, bool(error.next_step)) == (code, True)
