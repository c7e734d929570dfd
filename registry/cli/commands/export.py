"""``promptyard export``: a prompt in another tool's format, where that can hold it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from registry.authoring.catalog import Catalog
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.exports import export_json, write_exports
from registry.cli.writers.json import write_json
from registry.diagnostics import Diagnostic
from registry.errors import NotClean, Usage
from registry.importing.export.port import Exported
from registry.importing.export.table import WRITERS
from registry.importing.export.whole import wholes_of
from registry.importing.place import put
from registry.release.findings import findings_of

_REFUSED = 3


@click.command(
    "export",
    epilog=examples(
        "promptyard export support/triage --to prompty",
        "promptyard export support/triage support/route --to dotprompt -o ../other/prompts",
        "promptyard export support/ --to github -o out",
    ),
)
@click.argument("prompts", metavar="ID...", nargs=-1, required=True)
@click.option("--to", "form", type=click.Choice(list(WRITERS)), required=True, help="The format.")
@click.option(
    "-o", "--out", metavar="FOLDER", default="-", help="Where files go; - is standard output, for one prompt."
)
@click.option("--variant", metavar="NAME", help="That variant alone; a folder gets all otherwise.")
@click.option("--ref", metavar="REV", help="A Git revision instead of the working copy.")
@click.option("--force", is_flag=True, help="Replace files that are there and different.")
@pass_context
def command(
    context: Context,
    prompts: tuple[str, ...],
    form: str,
    out: str,
    variant: str | None,
    ref: str | None,
    force: bool,
) -> int:
    """Write prompts in another tool's format; an ID that ends in / names all below it.

    What the format cannot carry is told. A prompt whose messages it cannot hold is refused: exit code 3, and
    no file for that one.
    """
    catalog = context.catalog(ref)
    names = list(_named(catalog, prompts))
    _require_clean(catalog, names)
    exports = [
        (name, it) for name in names for it in _exported(catalog, name, form, variant, whole=out != "-")
    ]
    files = {
        posixpath.join(posixpath.dirname(name), it.name): it.text
        for name, it in exports
        if it.text is not None
    }
    if out != "-":
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        put(folder, {path: text.encode() for path, text in files.items()}, replace=force)
    elif len(exports) > 1:
        raise Usage(
            "EXP001", f"standard output takes one prompt, not {len(exports)}", "Name a folder with -o."
        )
    if context.json:
        write_json(export_json(exports, out))
    else:
        write_exports(context.errors, exports, form, out)
        for text in files.values() if out == "-" else ():
            click.echo(text, nl=False)
    return _REFUSED if len(files) < len(exports) else 0


def _named(catalog: Catalog, wanted: Sequence[str]) -> Iterator[str]:
    from registry.cli.commands.render import require_prompt

    for name in dict.fromkeys(wanted):
        below = [
            prompt for prompt in sorted(catalog.prompts) if name.endswith("/") and prompt.startswith(name)
        ]
        if not below:
            require_prompt(catalog, name)
        yield from below or [name]


def _exported(
    catalog: Catalog, name: str, form: str, variant: str | None, *, whole: bool
) -> Iterator[Exported]:
    arms = wholes_of(catalog, name)
    chosen = [arm for arm in arms if arm.variant == variant or (variant is None and whole)]
    if not chosen:
        known = ", ".join(catalog.prompts[name].variants) or "none"
        raise Usage("EXP002", f"the prompt {name} has no variant {variant}", f"It has: {known}.")
    return map(WRITERS[form].write, chosen)


def _require_clean(catalog: Catalog, names: Sequence[str]) -> None:
    paths = {catalog.documents["prompt"][name].path for name in names}
    errors = (each for each in findings_of(catalog, today=datetime.now(UTC).date()) if each.level == "error")
    first: Diagnostic | None = next((each for each in errors if each.place.path in paths), None)
    if first is not None:
        raise NotClean(first.code, f"{first.place} {first.message.rstrip('.')}", first.hint)
