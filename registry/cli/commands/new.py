"""``promptyard new``: a small valid file to begin from."""

from __future__ import annotations

import click
from rich.text import Text

from registry.authoring.drafts import DRAFTS, draft, write_new
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage

_DEMO = "models/demo-triage"
_THEN = {
    "prompt": ("promptyard new suite {id}", "promptyard lint"),
    "suite": ("promptyard lint", "promptyard test {id}"),
    "model": ("name it in a prompt: model: {id}", "promptyard lint"),
    "guardrail": ("name it in a prompt: guardrails: [{id}]", "promptyard lint"),
    "tool": ("name it in a prompt: tools: [{id}]", "promptyard lint"),
}


@click.command(
    "new",
    epilog=examples(
        "promptyard new prompt support/refund",
        "promptyard new suite support/refund       # cases for that prompt",
        "promptyard new guardrail guardrails/tickets",
        "promptyard new tool tools/lookup-order",
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
    prompt = catalog.prompts.get(entry_id)
    asked = models.get(prompt.model if prompt else model)
    path, data = draft(
        kind,
        entry_id,
        content=context.settings.content,
        model=model,
        prompt=prompt,
        offline=asked is None or asked.engine != "ctranslate2",
    )
    if not write_new(context.root / path, data):
        raise Usage("NEW002", f"{path} exists already", "Choose another id, or edit that file.")
    steps = [step.format(id=entry_id) for step in _THEN[kind]]
    if context.json:
        write_json({"kind": kind, "id": entry_id, "path": path, "next": steps})
        return
    context.console.print(f"[good]wrote[/good] [path]{path}[/path]")
    context.errors.print("Edit it, then:", style="dim")
    for step in steps:
        context.errors.print(Text(f"  {step}", "dim"), soft_wrap=True)
