"""``promptyard store check``: whether a store keeps the promises that publishing rests on."""

from __future__ import annotations

import uuid

import click

from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.publish.channels import utc_now
from registry.publish.probe import check


@click.command(
    "store",
    epilog=examples(
        "promptyard store check",
        "promptyard store check 's3://bucket/prompts?region=eu-north-1'",
    ),
)
@click.argument("what", type=click.Choice(["check"]), expose_value=False)
@click.argument("url", required=False)
@pass_context
def command(context: Context, url: str | None) -> None:
    """Try a store's conditional writes and reads, on a key of its own that is removed again.

    A store that ignores conditions would let two publishers overwrite each other, so it is refused. The
    result is remembered in the store's store.json. URL is by default the store of promptyard.yaml.
    """
    found = check(context.target(url), now=utc_now, nonce=lambda: uuid.uuid4().hex)
    if context.json:
        write_json(dict(found))
        return
    context.console.print("good  creates once, replaces under a tag, answers conditional reads", style="good")
    if "etagQuotes" in found:
        context.console.print("wants tags without quotes; remembered in store.json", style="dim")
