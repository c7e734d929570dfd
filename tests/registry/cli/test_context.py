from __future__ import annotations

from pathlib import Path

import pytest

from registry.cli.context import Context, begin, nearest_root
from registry.errors import Usage


def test_the_root_is_the_nearest_folder_with_settings(plain: Path) -> None:
    assert nearest_root(plain / "prompts/support") == plain
    assert nearest_root(plain.parent) is None


def test_a_root_that_was_named_is_taken_as_it_is(plain: Path) -> None:
    assert begin("prompts", False, False).root == plain / "prompts"


def test_an_unknown_channel_is_met_with_those_that_are_listed(plain: Path) -> None:
    with pytest.raises(Usage, match=r"CFG002 .* no channel live. Channels are: staging, production."):
        Context(plain, plain).channel("live")


def test_the_first_channel_is_the_default(plain: Path) -> None:
    assert Context(plain, plain).channel().name == "staging"


def test_work_is_compared_with_where_it_left_main(yard) -> None:
    context = Context(yard.root, yard.root)
    begun = yard.git("rev-parse", "HEAD")
    assert context.default_base() == begun
    yard.git("switch", "-qc", "branch")
    yard.edit("prompts/partials/tone.md", "calm", "kind")
    yard.commit()
    assert context.default_base() == begun


def test_without_main_work_is_compared_with_the_last_commit(yard) -> None:
    yard.git("branch", "-m", "trunk")
    assert Context(yard.root, yard.root).default_base() == "HEAD"


def test_a_registry_below_the_top_of_its_repository_knows_its_prefix(yard) -> None:
    assert Context(yard.root, yard.root).prefix() == ""
    assert Context(yard.root / "prompts", yard.root).prefix() == "prompts/"


def test_without_git_there_is_no_prefix(plain: Path) -> None:
    assert Context(plain, plain).prefix() == ""


def test_while_no_channel_has_begun_the_next_release_is_the_first(plain: Path) -> None:
    assert Context(plain, plain).next_release() == 1
