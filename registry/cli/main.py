"""The command ``promptyard``: one table of commands, each loaded when it is called.

``--help`` has to answer at once, so nothing is imported here but click and what reports errors.
It must never do a command's work, nor import a command's module before the command is asked for.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any, NamedTuple, NoReturn

try:
    import click
except ImportError:
    sys.stderr.write(
        "error: ENV001 promptyard needs the registry extra: pip install 'promptyard[registry]'\n"
    )
    raise SystemExit(4) from None

from registry.cli.boundary import guarded


class Row(NamedTuple):
    """One command: its name, the module that defines it, and its line in ``--help``."""

    name: str
    module: str
    help: str


_HERE = "registry.cli.commands"
COMMANDS = {
    "Author": (
        Row("init", f"{_HERE}.init", "Make a registry that runs: prompts, tests, a small model, CI."),
        Row("new", f"{_HERE}.new", "Write a small valid file: prompt, model, guardrail, tool or suite."),
        Row("lint", f"{_HERE}.lint", "Check files: file, line, column, what to do."),
        Row("render", f"{_HERE}.render", "Show the exact messages of a prompt, at any revision."),
        Row("diff", f"{_HERE}.diff", "Show which prompts change between two revisions, and why."),
        Row("list", f"{_HERE}.list", "List the prompts with owner, model and variables."),
        Row("show", f"{_HERE}.show", "Show a prompt as it was at a revision or in a release."),
        Row("log", f"{_HERE}.log", "Show who changed a prompt, when, and in which release."),
        Row("blame", f"{_HERE}.blame", "Show who wrote each message of a prompt."),
        Row("fmt", f"{_HERE}.fmt", "Format every file the same way; comments stay."),
        Row("schema", f"{_HERE}.schema", "Print or write the JSON Schemas that editors complete from."),
        Row("import", f"{_HERE}.import_", "Take prompts over from another tool's files, with a report."),
        Row("export", f"{_HERE}.export", "Write a prompt in another tool's format."),
    ),
    "Prove": (
        Row("test", f"{_HERE}.test", "Run the suites on the model, against a base revision."),
        Row("guard", f"{_HERE}.guard", "Show which guardrail rule matches where in a text, and why."),
        Row(
            "annotate", f"{_HERE}.annotate", "Label the answers of a run, at a terminal or in a spreadsheet."
        ),
        Row("report", f"{_HERE}.report", "Show a test run again: terminal, HTML, Markdown, JUnit."),
    ),
    "Ship": (
        Row("release", f"{_HERE}.release", "Pack a commit into a release: same commit, same bytes."),
        Row("plan", f"{_HERE}.plan", "Show what a publish, promotion or rollback would change."),
        Row("publish", f"{_HERE}.publish", "Sign a release and make it live on a channel."),
        Row("promote", f"{_HERE}.promote", "Make what is live on one channel live on another."),
        Row("rollback", f"{_HERE}.rollback", "Make an earlier release of a channel live again."),
        Row("rollout", f"{_HERE}.rollout", "Take a canary further, by hand or watched, or back."),
        Row("fleet", f"{_HERE}.fleet", "Show which service runs which release, as they report it."),
        Row("history", f"{_HERE}.history", "Show every move of a channel, newest first."),
        Row("status", f"{_HERE}.status", "Show what is live on each channel, against Git and the fleet."),
        Row("verify", f"{_HERE}.verify", "Check a store or a bundle as a service would."),
        Row("sync", f"{_HERE}.sync", "Watch a Git remote; publish what is merged and proven."),
        Row("store", f"{_HERE}.store", "Check that a store keeps the promises publishing needs."),
        Row("keys", f"{_HERE}.keys", "Show and change who may sign for a channel."),
        Row("resign", f"{_HERE}.resign", "Sign a channel anew before its metadata expires."),
        Row("gc", f"{_HERE}.gc", "Remove from the store what no channel needs any more."),
    ),
    "Serve": (
        Row("serve", f"{_HERE}.serve", "Answer render requests over HTTP from the live release."),
        Row("watch", f"{_HERE}.watch", "Publish every save to a local store; services reload."),
    ),
}
_ROWS = {row.name: row for rows in COMMANDS.values() for row in rows}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def main(self, args: Any = None, **settings: Any) -> NoReturn:  # type: ignore[override]  # never returns
        """Run, and leave with the house's exit code."""
        words = list(sys.argv[1:] if args is None else args)
        settings |= {"prog_name": "promptyard", "standalone_mode": False, "terminal_width": _width()}
        sys.exit(guarded(lambda: super(LazyGroup, self).main(words, **settings), words))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """All names, in the order of the table."""
        return list(_ROWS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """One command, with the options that every command takes."""
        row = _ROWS.get(cmd_name)
        if row is None:
            return None
        command: click.Command = importlib.import_module(row.module).command
        importlib.import_module("registry.cli.context").share_options(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; an unknown one is met with the nearest name."""
        if args and args[0] not in _ROWS and not args[0].startswith("-"):
            close = importlib.import_module("difflib").get_close_matches(args[0], _ROWS, 1, 0.5)
            meant = f" Did you mean {close[0]}?" if close else ""
            raise click.UsageError(f"there is no command {args[0]}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table, by section, without importing a single command."""
        for section, rows in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl([(row.name, row.help) for row in rows], col_max=12)


def _width() -> int:
    """Columns for help; click's own way to ask loads five compression modules."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
    except (OSError, ValueError):
        columns = 80
    return max(50, min(columns, 100) - 2)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"promptyard {importlib.import_module('importlib.metadata').version('promptyard')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    epilog="Begin with: promptyard init my-prompts",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "-C", "--root", metavar="PATH", help="Folder of the registry; default: the nearest with promptyard.yaml."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
@click.option("--no-color", is_flag=True, help="No colour; NO_COLOR=1 does the same.")
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Which one."
)
@click.pass_context
def main(ctx: click.Context, root: str | None, as_json: bool, no_color: bool) -> None:
    """Prompts in Git: reviewed, proven, signed, and live without a restart."""
    ctx.obj = importlib.import_module("registry.cli.context").begin(root, as_json, no_color)


def run() -> NoReturn:
    """The entry point of the command line."""
    gc.set_threshold(
        100_000, 20, 50
    )  # a catalog is all long-lived objects: looking for cycles costs a third of lint
    main.main()
