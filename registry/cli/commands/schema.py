"""``promptyard schema``: the JSON Schemas that editors complete and check from."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.text import Text

from registry.authoring.drafts import write_new
from registry.authoring.format import replace_file
from registry.authoring.resources import SCHEMAS, schema_text
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage


@click.command(
    "schema",
    epilog=examples(
        "promptyard schema",
        "promptyard schema prompt > prompt.schema.json",
        "promptyard schema --write schemas      # after an upgrade of promptyard",
        "promptyard schema --check schemas      # in CI",
    ),
)
@click.argument("kind", required=False, type=click.Choice(list(SCHEMAS)))
@click.option("--write", metavar="FOLDER", help="Write the schemas there, over older ones.")
@click.option("--check", metavar="FOLDER", help="Exit code 1 when those there are missing or other ones.")
@pass_context
def command(context: Context, kind: str | None, write: str | None, check: str | None) -> int:
    """Print the schema of a KIND, list all of them, or keep a folder of them up to date.

    The first line of each file points an editor at its schema: completion, hints and errors while typing.
    """
    if write is not None and check is not None:
        raise Usage("SCM001", "--write and --check were both given", "Give one of the two.")
    wanted = {kind: SCHEMAS[kind]} if kind else SCHEMAS
    folder = write if write is not None else check
    if folder is not None:
        return _keep(context, context.here / folder, folder, list(wanted.values()), writes=write is not None)
    if kind:
        click.echo(schema_text(SCHEMAS[kind]), nl=False)
    else:
        _list(context)
    return 0


def _list(context: Context) -> None:
    rows = [(name, file, json.loads(schema_text(file))["title"]) for name, file in SCHEMAS.items()]
    if context.json:
        write_json([{"kind": name, "file": file, "title": title} for name, file, title in rows])
        return
    for name, file, title in rows:
        context.console.print(Text.assemble((f"{name:10}", "path"), f"{file:24}{title}"), soft_wrap=True)
    context.errors.print("promptyard schema KIND prints one; --write FOLDER writes all.", style="dim")


def _keep(context: Context, folder: Path, told: str, names: list[str], *, writes: bool) -> int:
    if folder.exists() and not folder.is_dir():
        raise Usage("SCM001", f"{told} is a file", "Name a folder.")
    states = {name: _state(folder / name) for name in names}
    foreign = [name for name, state in states.items() if state == "foreign"]
    if writes and foreign:
        what = f"{told}/{foreign[0]} is no schema of promptyard"
        raise Usage("SCM002", what, "Move that file away, or name another folder.")
    stale = [name for name, state in states.items() if state != "current"]
    for name in stale if writes else ():
        data = schema_text(name).encode()
        if not write_new(folder / name, data):
            replace_file(folder / name, data)
    _tell(context, told, states, stale, writes=writes)
    return 0 if writes else int(bool(stale))


def _state(place: Path) -> str:
    """Whether a file is this version's schema, an older one, something else, or not there."""
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "missing"
    except UnicodeDecodeError:
        return "foreign"
    if text == schema_text(place.name):
        return "current"
    try:
        return "other" if json.loads(text)["$id"] == place.name else "foreign"
    except (ValueError, KeyError, TypeError):
        return "foreign"


def _tell(context: Context, told: str, states: dict[str, str], stale: list[str], *, writes: bool) -> None:
    if context.json:
        write_json({"clean": writes or not stale, "files": states, "written": stale if writes else []})
        return
    for name in stale:
        lead = ("wrote  ", "good") if writes else (f"{states[name]:9}", "warning")
        context.console.print(Text.assemble(lead, (f"{told}/{name}", "path")), soft_wrap=True)
    if not stale:
        context.errors.print(f"{len(states)} up to date", style="good")
    elif not writes:
        context.errors.print(f"Run promptyard schema --write {told}", style="dim")
