"""``promptyard release``: a commit as one signed-ready file, the same bytes on every machine."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.cutting import cut_revision, tell_uncommitted
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.release.cut import Release
from registry.release.shelf import place_of, put


@click.command(
    "release",
    epilog=examples(
        "promptyard release",
        "promptyard release --ref v1.2 --number 57 --out release.tar.gz",
        "promptyard verify .promptyard/releases/57-3f9c0d1e2a4b.tar.gz",
    ),
)
@click.option("--ref", default="HEAD", show_default=True, metavar="REV", help="What is released.")
@click.option("--number", type=click.IntRange(min=1), help="Its number; default: the next one of the store.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the file goes.")
@pass_context
def command(context: Context, ref: str, number: int | None, out: Path | None) -> None:
    """Pack a commit into a release file, without publishing it.

    A commit with findings of lint is refused; where promptyard.yaml says policy.requireEvidence, so is
    one that `promptyard test` has not passed. One commit and number give the same bytes everywhere.
    """
    release = cut_revision(context, ref, number or context.next_release())
    path = out or place_of(release, context.root)
    put(release, path)
    _tell(context, release, path, ref)


def _tell(context: Context, release: Release, path: Path, ref: str) -> None:
    manifest = release.bundle.manifest
    shown = path.relative_to(context.root) if path.is_relative_to(context.root) else path
    kinds = ("prompts", "models", "guardrails", "tools")
    entries = {kind: sorted(getattr(release.bundle, kind)) for kind in kinds}
    if context.json:
        write_json(
            {
                "release": release.number,
                "sha256": release.sha256,
                "contentSha256": manifest.content_sha256,
                "commit": manifest.commit,
                "bytes": len(release.data),
                "file": str(shown),
                "entries": entries,
            }
        )
        return
    lead = Text.assemble(("release ", "dim"), (str(release.number), "good"), f"  {release.sha256}")
    context.console.print(lead, soft_wrap=True)
    context.console.print(f"commit {manifest.commit[:12]}, {len(release.data):,} bytes", style="dim")
    for kind, names in entries.items():
        if names:
            context.console.print(Text(f"{kind:<11}{', '.join(names)}"), soft_wrap=True)
    context.console.print(Text(str(shown), "path"), soft_wrap=True)
    tell_uncommitted(context, ref)
