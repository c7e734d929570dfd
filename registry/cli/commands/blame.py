"""``promptyard blame``: who wrote each message of a prompt last, partials included."""

from __future__ import annotations

from functools import partial

import click
from rich.text import Text

from registry.authoring.history import Commit
from registry.cli.context import Context, pass_context
from registry.cli.single import single_prompt
from registry.cli.teaching import examples
from registry.cli.writers.changes import visible
from registry.cli.writers.json import write_json
from registry.rendering.authorship import WrittenLine, WrittenMessage, authorship
from serve.core.model import Json

_NAME_WIDTH = 24
_AUTHOR_WIDTH = 14


@click.command(
    "blame",
    epilog=examples(
        "promptyard blame support/triage",
        "promptyard blame support/triage --lines",
        "promptyard blame support/triage --ref v1.2 --json",
    ),
)
@click.argument("prompt", metavar="ID")
@click.option("--lines", is_flag=True, help="Every line, with its author and where it stands.")
@click.option("--ref", metavar="REV", help="A Git revision instead of the working copy.")
@pass_context
def command(context: Context, prompt: str, lines: bool, ref: str | None) -> None:
    """Show the commit that touched each message of a prompt last.

    Lines that come from a partial are attributed to who wrote them there. Variants are shown by the
    messages that they replace.
    """
    repository = context.repository()
    catalog = single_prompt(context, prompt, ref)
    blame = partial(repository.blame, ref)
    messages = authorship(catalog, prompt, blame, repository.newest)
    if context.json:
        write_json({"id": prompt, "ref": ref, "messages": [_json(message) for message in messages]})
        return
    for message in messages:
        context.console.print(_head(message), soft_wrap=True)
        for line in message.lines if lines else ():
            context.console.print(_line(line), soft_wrap=True)


def _head(message: WrittenMessage) -> Text:
    commits = {line.commit.id for line in message.lines if line.commit is not None}
    line = Text(f"{message.name:<{_NAME_WIDTH}}  ", "path")
    commit = message.commit
    line.append(_told(commit), "dim")
    line.append(f"  {visible(commit.subject)}" if commit is not None else "")
    others = list(message.paths[1:])
    notes = [f"{len(commits)} commits"] if len(commits) > 1 else []
    notes += [f"with {', '.join(others)}"] if others else []
    return line.append(f"  ({'; '.join(notes)})" if notes else "", "dim")


def _line(line: WrittenLine) -> Text:
    place = f"{line.path.rsplit('/', 1)[-1]}:{line.line}"
    return Text.assemble((f"  {_told(line.commit)}  {place:<28} ", "dim"), visible(line.text))


def _told(commit: Commit | None) -> str:
    if commit is None:
        return f"{'not committed':<{9 + 2 + 10 + 2 + _AUTHOR_WIDTH}}"
    author = visible(commit.author)[:_AUTHOR_WIDTH]
    return f"{commit.id[:9]}  {commit.at[:10]}  {author:<{_AUTHOR_WIDTH}}"


def _json(message: WrittenMessage) -> Json:
    lines = [
        {"text": line.text, "path": line.path, "line": line.line, **_commit(line.commit)}
        for line in message.lines
    ]
    return {"name": message.name, **_commit(message.commit), "lines": lines}


def _commit(commit: Commit | None) -> dict[str, Json]:
    if commit is None:
        return {"commit": None, "author": None, "at": None, "subject": None}
    return {"commit": commit.id, "author": commit.author, "at": commit.at, "subject": commit.subject}
