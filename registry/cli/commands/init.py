"""``promptyard init``: a registry that runs, in one command."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import click
from rich.text import Text

from registry.authoring.git_tree import begin_repository
from registry.authoring.scaffold import Made, scaffold
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage
from registry.publish.channels import initialise

_NEXT = ("promptyard test", "git add -A && git commit -m 'Begin the registry'", "promptyard publish")


@click.command(
    "init",
    epilog=examples(
        "promptyard init my-prompts",
        "promptyard init                # in a repository that exists",
    ),
)
@click.argument("folder", required=False, default=".")
@pass_context
def command(context: Context, folder: str) -> None:
    """Make a registry that runs: prompts, suites, a small model, settings, keys, CI.

    Works in an empty folder and in one that has files: nothing that exists is overwritten, and
    running it again adds only what is missing. Keys are made below .promptyard/, which Git ignores.
    """
    root = context.here / folder
    if root.exists() and not root.is_dir():
        raise Usage("INI001", f"{folder} is a file", "Name a folder.")
    made = scaffold(root)
    begun = begin_repository(root)
    _begin_channels(replace(context, root=root, here=root), made)
    _tell(context, root, made, begun=begun)


def _begin_channels(context: Context, made: Made) -> None:
    for name in context.settings.channels:
        channel = context.settings.channel(name)
        known = (context.root / channel.root).is_file()
        if not known:
            initialise(context.target(), channel, context.root)
        (made.kept if known else made.written).append(channel.root)


def _tell(context: Context, root: Path, made: Made, *, begun: bool) -> None:
    here = root.resolve() == Path.cwd().resolve()
    steps = [*([] if here else [f"cd {shlex.quote(str(_shown(root)))}"]), *_NEXT]
    if context.json:
        write_json(
            {"root": str(root), "git": begun, "written": made.written, "kept": made.kept, "next": steps},
        )
        return
    for folder, count in _by_folder(made.written).items():
        context.console.print(Text.assemble(("wrote ", "good"), (folder, "path"), count), soft_wrap=True)
    for path in made.kept:
        context.console.print(Text.assemble(("kept  ", "dim"), path), soft_wrap=True)
    if begun:
        context.console.print(Text.assemble(("began ", "good"), "a Git repository with the branch main"))
    context.console.print(
        "Signing keys lie in .promptyard/keys: take the root keys offline.", style="warning"
    )
    context.console.print("\nNext:")
    for step in steps:
        context.console.print(Text(f"  {step}", "path"), soft_wrap=True)


def _shown(root: Path) -> Path:
    return root.relative_to(Path.cwd()) if root.is_relative_to(Path.cwd()) else root


def _by_folder(paths: list[str]) -> dict[str, str]:
    """Files at the top by name, the others counted by their first two folders."""
    counts: dict[str, int] = {}
    for path in paths:
        *folders, name = path.split("/")
        key = "/".join(folders[:2]) + "/" if folders else name
        counts[key] = counts.get(key, 0) + 1
    return {
        key: f"  ({n} file{'s' if n > 1 else ''})" if key.endswith("/") else "" for key, n in counts.items()
    }
