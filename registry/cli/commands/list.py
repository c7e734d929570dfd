"""``promptyard list``: the prompts there are, and what a caller needs to know of each."""

from __future__ import annotations

import click
from rich.table import Table

from registry.authoring.sources.prompt import PlaceholderSource, PromptSource
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from serve.core.model import Json


@click.command(
    "list",
    epilog=examples(
        "promptyard list",
        "promptyard list --ref v1.2 --json",
    ),
)
@click.option("--ref", metavar="REV", help="A Git revision instead of the working copy.")
@pass_context
def command(context: Context, ref: str | None) -> None:
    """List the prompts with owner, model, variables and variants."""
    catalog = context.catalog(ref)
    rows = [_row(name, source) for name, source in sorted(catalog.prompts.items())]
    if context.json:
        write_json(rows)
    else:
        context.console.print(_table(rows))
    context.tell_left_out(catalog)


def _row(name: str, source: PromptSource) -> dict[str, Json]:
    history = [item.history for item in source.messages if isinstance(item, PlaceholderSource)]
    return {
        "id": name,
        "description": source.description,
        "owner": source.owner,
        "model": source.model,
        "inputs": [*source.inputs, *history],
        "variants": sorted(source.variants),
    }


def _table(rows: list[dict[str, Json]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("prompt", "owner", "model", "variables", "variants"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "prompt")  # an id is there to be copied
    for row in rows:
        variables, variants = ", ".join(row["inputs"]), ", ".join(row["variants"])
        table.add_row(f"[path]{row['id']}[/path]", row["owner"] or "", row["model"], variables, variants)
    return table
