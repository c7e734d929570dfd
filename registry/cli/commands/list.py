"""``promptyard list``: the prompts there are, and what a caller needs to know of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import click
from rich.table import Table

from registry.authoring.catalog import Catalog, load
from registry.authoring.sources.model import ModelSource
from registry.authoring.sources.prompt import PlaceholderSource, PromptSource
from registry.cli.context import Context, pass_context
from registry.cli.releases import live_move, release_bundle
from registry.cli.single import tree_of
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage
from serve.core.model import Bundle, Json, ModelConfig, Placeholder, Prompt

_BOUNDS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "enum", "pattern")


@click.command(
    "list",
    epilog=examples(
        "promptyard list",
        "promptyard list --ref v1.2 --json",
        "promptyard list --owner support-platform --model 'models/chat-*'",
        "promptyard list --channel production",
    ),
)
@click.option("--ref", metavar="REV", help="A Git revision instead of the working copy.")
@click.option(
    "--release", type=int, metavar="N", help="What a release holds, read from the store and verified."
)
@click.option("--channel", metavar="NAME", help="What is live on a channel.")
@click.option("--owner", metavar="NAME", help="Only the prompts of an owner; * stands for any letters.")
@click.option("--model", metavar="ID", help="Only those that use a model, also in a variant; * as above.")
@pass_context
def command(
    context: Context,
    ref: str | None,
    release: int | None,
    channel: str | None,
    owner: str | None,
    model: str | None,
) -> None:
    """List the prompts with owner, model, variables and variants; --json says all of each."""
    if sum(each is not None for each in (ref, release, channel)) > 1:
        raise Usage("USE002", "--ref, --release and --channel exclude one another", "Give one of them.")
    catalog = None
    if release is not None or channel is not None:
        number = release if release is not None else live_move(context, channel or "").release
        rows = [
            _released(prompt, bundle)
            for bundle in [release_bundle(context, number)[0]]
            for prompt in _sorted(bundle)
        ]
    else:
        tree = tree_of(context, ref)
        catalog = load(tree, context.settings_of(tree))
        suites = Counter(_tested(catalog))
        rows = [_written(name, catalog, suites[name]) for name in sorted(catalog.prompts)]
    rows = [row for row in rows if _wanted(row, owner, model)]
    if context.json:
        write_json(rows)
    else:
        context.console.print(_table(rows))
    if catalog is not None:
        context.tell_left_out(catalog)


def _sorted(bundle: Bundle) -> list[Prompt]:
    return [bundle.prompts[name] for name in sorted(bundle.prompts)]


def _wanted(row: Mapping[str, Json], owner: str | None, model: str | None) -> bool:
    if owner is not None and not fnmatchcase(row["owner"] or "", owner):
        return False
    return model is None or any(fnmatchcase(name, model) for name in row["models"])


def _tested(catalog: Catalog) -> Iterator[str]:
    for document in catalog.documents["suite"].values():
        if isinstance(document.data, dict):
            yield str(document.data.get("prompt"))


def _written(name: str, catalog: Catalog, suites: int) -> dict[str, Json]:
    source: PromptSource = catalog.prompts[name]
    history = [item.history for item in source.messages if isinstance(item, PlaceholderSource)]
    arms = {key: arm.model or source.model for key, arm in source.variants.items()}
    row = _row(name, source, source.model, arms, catalog.models, history)
    return row | {"guardrails": list(source.guardrails), "tools": list(source.tools), "suites": suites}


def _released(prompt: Prompt, bundle: Bundle) -> dict[str, Json]:
    history = [item.history for item in prompt.messages if isinstance(item, Placeholder)]
    arms = {key: arm.model.id for key, arm in prompt.variants.items()}
    row = _row(prompt.id, prompt, prompt.model.id, arms, bundle.models, history)
    refs = {"guardrails": [ref.id for ref in prompt.guardrails], "tools": [ref.id for ref in prompt.tools]}
    return row | refs | {"suites": None}  # suites are left behind in Git


def _row(
    name: str,
    prompt: PromptSource | Prompt,
    model: str,
    arms: Mapping[str, str],
    models: Mapping[str, Any],
    history: list[str],
) -> dict[str, Json]:
    config: ModelSource | ModelConfig | None = models.get(model)
    return {
        "id": name,
        "description": prompt.description,
        "owner": prompt.owner,
        "model": model,
        "engine": config.engine if config is not None else None,
        "modelName": config.model if config is not None else None,
        "models": list(dict.fromkeys([model, *arms.values()])),
        "inputs": [*prompt.inputs, *history],
        "variables": [
            *(_variable(key, schema) for key, schema in prompt.inputs.items()),
            *map(_history, history),
        ],
        "variants": sorted(arms),
    }


def _variable(name: str, schema: Mapping[str, Json]) -> Json:
    bounds = {key: schema[key] for key in _BOUNDS if key in schema}
    told = {"name": name, "type": schema.get("type"), "required": "default" not in schema}
    return {**told, "trust": schema.get("trust", "operator"), "bounds": bounds}


def _history(name: str) -> Json:
    return {"name": name, "type": "history", "required": True, "trust": "user", "bounds": {}}


def _table(rows: list[dict[str, Json]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("prompt", "owner", "model", "variables", "variants"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "prompt")  # an id is there to be copied
    for row in rows:
        variables, variants = ", ".join(row["inputs"]), ", ".join(row["variants"])
        table.add_row(f"[path]{row['id']}[/path]", row["owner"] or "", row["model"], variables, variants)
    return table
