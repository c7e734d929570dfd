"""``promptyard new``: a small valid file to begin from."""

from __future__ import annotations

import click

from registry.authoring.drafts import DRAFTS, draft, write_new
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage

_DEMO = "models/demo-triage"


@click.command(
    "new",
    epilog=examples(
        "promptyard new prompt support/refund",
        "promptyard new suite support/refund       # cases for that prompt",
        "promptyard new guardrail guardrails/tickets",
    ),
)
@click.argument("kind", type=click.Choice(list(DRAFTS)))
@click.argument("entry_id", metavar="ID")
@pass_context
def command(context: Context, kind: str, entry_id: str) -> None:
    """Write a small valid file of a KIND, below the content folder.

    The ID is the path without its ending: support/refund. A file that exists is never touched.
    """
    catalog = context.catalog()
    models = catalog.models
    model = _DEMO if _DEMO in models else next(iter(sorted(models)), _DEMO)
    path, data = draft(
        kind, entry_id, content=context.settings.content, model=model, prompt=catalog.prompts.get(entry_id)
    )
    if not write_new(context.root / path, data):
        raise Usage("NEW002", f"{path} exists already", "Choose another id, or edit that file.")
    if context.json:
        write_json({"kind": kind, "id": entry_id, "path": path})
        return
    context.console.print(f"[good]wrote[/good] [path]{path}[/path]")
    context.errors.print("Edit it, then: promptyard lint", style="dim")
