from __future__ import annotations

import click
import pytest

from registry.cli.main import COMMANDS, main


def test_help_shows_every_command_by_section(run) -> None:
    text = run("--help").stdout
    for section, rows in COMMANDS.items():
        assert f"{section}:" in text
        for row in rows:
            assert f"  {row.name}" in text
            assert row.help in " ".join(text.split())


def test_an_unknown_command_is_met_with_the_nearest_name(error_of) -> None:
    assert (
        error_of(2, ["rendr"])
        == "error: USE001 there is no command rendr. Did you mean render? See promptyard --help."
    )


def test_no_command_at_all_shows_the_help_and_is_a_usage_error(run) -> None:
    result = run(code=2)
    assert "Author:" in result.stderr
    assert result.stdout == ""


def test_the_version_is_the_distribution_s(run) -> None:
    assert run("--version").stdout.startswith("promptyard 0.")


@pytest.mark.parametrize("words", [("--json", "list"), ("list", "--json")])
def test_group_options_work_before_and_after_the_command(run, yard, words) -> None:
    assert run(*words).stdout.startswith("[")


@pytest.mark.parametrize("words", [("-C", "{}", "list"), ("list", "--root", "{}")])
def test_the_root_can_be_named_before_and_after_the_command(run, yard, monkeypatch, words) -> None:
    monkeypatch.chdir(yard.root.parent)
    assert "support/triage" in run(*(word.format(yard.root) for word in words)).stdout


def test_a_registry_is_found_from_a_folder_inside_it(run, yard, monkeypatch) -> None:
    monkeypatch.chdir(yard.root / "prompts/support")
    assert "support/triage" in run("list").stdout


def test_a_root_that_is_no_folder_is_a_usage_error(error_of, yard) -> None:
    assert "CFG003" in error_of(2, ["-C", "nowhere", "list"])


def test_every_row_leads_to_a_command_of_that_name() -> None:
    ctx = click.Context(main)
    for name in main.list_commands(ctx):
        command = main.get_command(ctx, name)
        assert isinstance(command, click.Command)
        assert command.name == name
