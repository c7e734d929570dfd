"""``promptyard fmt``: every file in its one form."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.text import Text

from registry.authoring.format import Formatted, format_file, key_order, replace_file
from registry.authoring.kinds import kind_of
from registry.authoring.tree import FolderTree
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import findings_json, write_json
from registry.cli.writers.text import write_findings
from registry.diagnostics import Diagnostic, Place
from registry.errors import Usage
from registry.settings import FILE

_STDIN = "-"


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    place: Path
    before: bytes
    formatted: Formatted


@click.command(
    "fmt",
    epilog=examples(
        "promptyard fmt",
        "promptyard fmt --check                     # in CI: exit code 1 names what is not in form",
        "promptyard fmt --diff prompts/support",
        "promptyard fmt - < refund.prompt.yaml      # for editors: standard input to standard output",
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when a file is not in form.")
@click.option("--diff", is_flag=True, help="Like --check, and show what would change.")
@click.option("--as", "name", metavar="NAME", help="With -: what the file is called, which says its kind.")
@pass_context
def command(context: Context, paths: tuple[str, ...], check: bool, diff: bool, name: str | None) -> int:
    """Set files in one form: indentation, quotes, order of keys, text blocks. Comments stay.

    PATHS are files or folders; without any, the content folder and promptyard.yaml. Each result is read
    back first: a file that would say something else, or cannot be read, is named and left as it is.
    """
    if _STDIN in paths:
        if len(paths) > 1:
            raise Usage(
                "FMT003", "- stands beside other paths", "Format standard input in a call of its own."
            )
        return _format_stream(context, name or "standard input")
    files = [_formatted(name, place) for name, place in sorted(_found(context, paths).items())]
    if not (check or diff):
        files = [_written(file) if file.formatted.changed else file for file in files]
    changed = [file for file in files if file.formatted.changed]
    findings = [finding for file in files for finding in file.formatted.findings]
    _tell(context, files, changed, findings, writes=not (check or diff), diff=diff)
    return int(bool(findings) or ((check or diff) and bool(changed)))


def _format_stream(context: Context, name: str) -> int:
    """Standard input in form on standard output; nothing there when it has none."""
    data = sys.stdin.buffer.read()
    formatted = format_file(name, data)
    if formatted.findings:
        write_findings(context.errors, formatted.findings)
        return 1
    click.echo(formatted.data, nl=False)
    return 0


def _found(context: Context, paths: Sequence[str]) -> dict[str, Path]:
    """The files to format, by the name that they are told by."""
    if not paths:
        tree = FolderTree(context.root)
        inside = [path for path in tree.paths(context.settings.content) if kind_of(path)]
        own = [FILE] if (context.root / FILE).is_file() else []
        if not inside and not own:
            raise Usage("CFG004", f"there is no {FILE} here or above", "Run promptyard init, or name files.")
        return {path: context.root / path for path in (*own, *inside)}
    found: dict[str, Path] = {}
    for path in paths:
        place = context.here / path
        if place.is_dir() and not place.is_symlink():
            names = FolderTree(place).paths()
            found |= {str(Path(path) / name): place / name for name in names if key_order(name)}
        else:
            found[path] = _named(path, place)
    return found


def _named(path: str, place: Path) -> Path:
    if not place.is_symlink() and not place.is_file():
        raise Usage("FMT003", f"there is no file {path}", "Check the path; it is taken from where you are.")
    if not key_order(path):
        known = "prompt, model, guardrail, tool and suite files, and promptyard.yaml"
        raise Usage("FMT003", f"{path} is no file of a registry", f"fmt sets {known}.")
    return place


def _formatted(name: str, place: Path) -> _File:
    if place.is_symlink():
        message, hint = "A link is not followed.", "Format the file that it points at."
        finding = Diagnostic("FMT004", "error", Place(name), message, hint)
        return _File(name, place, b"", Formatted(b"", False, (finding,)))
    data = place.read_bytes()
    return _File(name, place, data, format_file(name, data))


def _written(file: _File) -> _File:
    """The file after it was put in form; one that somebody saved meanwhile is left to them."""
    if file.place.read_bytes() == file.before:
        replace_file(file.place, file.formatted.data)
        return file
    message, hint = "The file was saved meanwhile and is left as it is.", "Run promptyard fmt again."
    finding = Diagnostic("FMT005", "error", Place(file.name), message, hint)
    return replace(file, formatted=Formatted(file.before, False, (finding,)))


def _tell(
    context: Context,
    files: Sequence[_File],
    changed: Sequence[_File],
    findings: Sequence[Diagnostic],
    *,
    writes: bool,
    diff: bool,
) -> None:
    if context.json:
        names = [file.name for file in changed]
        write_json({"files": len(files), "changed": names, "findings": findings_json(findings)})
        return
    for file in changed:
        if diff:
            for line in _difference(file):
                style = {"+": "added", "-": "removed"}.get(line[0], "dim" if line[0] == "@" else "")
                context.console.print(Text(line, style), soft_wrap=True)
        else:
            word = ("formatted  ", "good") if writes else ("not in form  ", "warning")
            context.console.print(Text.assemble(word, (file.name, "path")), soft_wrap=True)
    write_findings(context.console, findings)
    context.errors.print(_sum(len(files), len(changed), len({f.place.path for f in findings}), writes=writes))
    if changed and not writes:
        context.errors.print("Run promptyard fmt to set them.", style="dim")


def _difference(file: _File) -> Iterator[str]:
    before = file.before.decode("utf-8", "replace").splitlines()
    after = file.formatted.data.decode().splitlines()
    yield from difflib.unified_diff(before, after, f"a/{file.name}", f"b/{file.name}", lineterm="")


def _sum(files: int, changed: int, left: int, *, writes: bool) -> Text:
    clean = files - changed - left
    parts = [(f"{clean} in form", "good" if not changed and not left else "")]
    if changed:
        parts.append(
            (f"{changed} {'formatted' if writes else 'not in form'}", "good" if writes else "warning")
        )
    if left:
        parts.append((f"{left} left as {'it is' if left == 1 else 'they are'}", "error"))
    told = Text(", ").join(Text(words, style) for words, style in parts)
    return told.append(f": {files} file{'' if files == 1 else 's'}")
