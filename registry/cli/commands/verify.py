"""``promptyard verify``: a store or a bundle, looked at as a service would."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.shipping import count
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Refused, Usage
from registry.publish.confirm import Seen, see, see_file
from registry.settings import Channel


@click.command(
    "verify",
    epilog=examples(
        "promptyard verify                       # the store of promptyard.yaml, first channel",
        "promptyard verify --channel production https://prompts.example/bank",
        "promptyard verify .promptyard/releases/57-3f9c0d1e2a4b.tar.gz",
    ),
)
@click.argument("what", required=False, metavar="[URL|FILE]")
@click.option("--channel", metavar="NAME", help="Which channel; default: the first of promptyard.yaml.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The root file to start from; default: that of the channel.",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Go on from here, as a service that ran before; default: a fresh one.",
)
@pass_context
def command(
    context: Context, what: str | None, channel: str | None, trust: Path | None, cache: Path | None
) -> None:
    """Check a store or a bundle as a service would, starting from the trusted root and an empty cache.

    Every signature, version, expiry and digest is checked, the bundle is unpacked and compiled, and its
    probes are rendered. What a service would refuse is refused here, with the same code.
    """
    if what is not None and ":" not in what:
        seen, name = _seen(context.here / what), what
    else:
        where = _channel(context, channel, trust)
        data = trust.read_bytes() if trust else None
        seen, name = (
            see(what or context.settings.store, where, context.root, trust=data, cache=cache),
            where.name,
        )
    _tell(context, seen, name)


def _channel(context: Context, name: str | None, trust: Path | None) -> Channel:
    """A channel of the settings, or any name when the trust is given: a reader may have no registry."""
    if name is not None and trust is not None:
        return Channel(name, str(trust), "", "", "")
    return context.channel(name)


def _seen(path: Path) -> Seen:
    try:
        return see_file(_bytes(path))
    except Refused as error:
        raise Refused(error.code, f"{path.name}: {error.what}", error.next_step) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage(
            "VER001",
            f"{path.name} cannot be read ({error.strerror})",
            "Name a bundle file, or the URL of a store.",
        ) from error


def _tell(context: Context, seen: Seen, name: str) -> None:
    if context.json:
        told = {"verified": name, "release": seen.release, "sha256": seen.sha256, "prompts": seen.prompts}
        canary = {"release": seen.canary.release, "sha256": seen.canary.sha256} if seen.canary else None
        write_json({**told, "expiresInSeconds": seen.expires_in_s, "canary": canary})
        return
    line = Text.assemble(("verified", "good"), f"  {name}: release {seen.release}, {count(seen.prompts)}")
    context.console.print(line.append(f"  {seen.sha256}", "dim"), soft_wrap=True)
    if seen.canary is not None:
        line = Text.assemble(("verified", "good"), f"  {name}, canary: release {seen.canary.release}")
        context.console.print(line.append(f"  {seen.canary.sha256}", "dim"), soft_wrap=True)
    if seen.expires_in_s is not None:
        context.console.print(f"signatures expire in {seen.expires_in_s / 86400:.1f} days", style="dim")
    else:
        context.console.print("a file carries no signature: a store does", style="dim")
