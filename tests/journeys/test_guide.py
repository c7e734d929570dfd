"""The guide shows what the commands print; it is played here as a reader would play it."""

from __future__ import annotations

import difflib
import re
import shlex
from pathlib import Path

import click
import pytest

from registry.cli.main import main
from tools.guide import PAGE, played

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SHELL = re.compile(r"^```(?:sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    """Every call of promptyard in the page's shell blocks, without comments and pipes."""
    lines = (line for block in SHELL.findall(page.read_text(encoding="utf-8")) for line in block.splitlines())
    parts = (
        part for line in lines for part in re.split(r"&&|\|", line.removeprefix("$ ").partition("  #")[0])
    )
    return [part.strip() for part in parts if part.strip().startswith("promptyard ")]


def parsed(command: str) -> None:
    _, name, *words = shlex.split(command)
    with main.make_context("promptyard", [name, *words]) as context:
        known = main.get_command(context, name)
        assert known is not None, f"there is no command {name}"
        known.make_context(name, words, parent=context)


def test_what_the_guide_shows_is_what_the_commands_print(tmp_path: Path) -> None:
    said = PAGE.read_text(encoding="utf-8")
    now = played(said, tmp_path)
    difference = "\n".join(
        difflib.unified_diff(said.splitlines(), now.splitlines(), "guide", "now", lineterm="")
    )
    assert said == now, f"python -m tools.guide writes it anew:\n{difference}"


def test_a_page_that_shows_something_else_is_not_taken_for_current(tmp_path: Path) -> None:
    page = "```console\n$ printf 'a 1 b\\nc\\nd\\n'\na … b\n…\nd\n$ echo two\none\n```\n"
    assert played(page, tmp_path) == page.replace("two\none", "two\ntwo")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_the_pages_is_one_that_there_is(page: Path) -> None:
    for command in commands(page):
        try:
            parsed(command)
        except click.UsageError as error:
            if not error.message.endswith("does not exist."):  # the reader makes the file
                pytest.fail(f"{command}: {error.format_message()}")
