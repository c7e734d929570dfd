"""``promptyard init``: a registry that runs, in one command."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import click
from rich.text import Text

from registry.authoring.git_tree import begin_repository
from registry.authoring.kinds import kind_of
from registry.authoring.scaffold import Made, scaffold
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json
from registry.errors import Usage
from registry.publish.channels import initialise

_NEXT = ("git add -A && git commit -m 'Begin the registry'", "promptyard publish")
_LATER = {
    ".pre-commit-config.yaml": "pip install pre-commit && pre-commit install checks each commit",
    ".github/CODEOWNERS": "name your teams, and reviews are asked of them",
    "store in promptyard.yaml": "a bucket instead of a folder, before CI publishes",
}


@click.command(
    "init",
    epilog=examples(
        "promptyard init my-prompts",
        "promptyard init                # in a repository that exists",
        "promptyard init --minimal      # one small prompt, no demo model",
    ),
)
@click.argument("folder", required=False, default=".")
@click.option("--minimal", is_flag=True, help="One small prompt for a hosted model, instead of the examples.")
@pass_context
def command(context: Context, folder: str, minimal: bool) -> None:
    """Make a registry that runs: prompts, suites, a small model, settings, keys, CI, hooks, owners.

    Works in an empty folder and in one that has files: nothing that exists is overwritten, and
    running it again adds only what is missing; examples come only where there is no prompt yet.
    Keys are made below .promptyard/, which Git ignores.
    """
    root = context.here / folder
    if root.exists() and not root.is_dir():
        raise Usage("INI001", f"{folder} is a file", "Name a folder.")
    made = scaffold(root, minimal=minimal)
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
    first = "promptyard lint" if _had_prompts(made) else "promptyard test"
    steps = [*([] if here else [f"cd {shlex.quote(str(_shown(root)))}"]), first, *_NEXT]
    if context.json:
        write_json(
            {"root": str(root), "git": begun, "written": made.written, "kept": made.kept, "next": steps},
        )
        return
    for folder, count in _by_folder(made.written).items():
        context.console.print(Text.assemble(("wrote ", "good"), (folder, "path"), count), soft_wrap=True)
    for folder, count in _by_folder(made.kept).items():
        context.console.print(Text.assemble(("kept  ", "dim"), folder, count), soft_wrap=True)
    if begun:
        context.console.print(Text.assemble(("began ", "good"), "a Git repository with the branch main"))
    context.console.print(
        "Signing keys lie in .promptyard/keys: take the root keys offline.", style="warning"
    )
    context.console.print("\nNext:")
    for step in steps:
        context.console.print(Text(f"  {step}", "path"), soft_wrap=True)
    context.console.print("\nWhen you like:")
    for thing, advice in _LATER.items():
        context.console.print(Text.assemble(f"  {thing:26}", (advice, "dim")), soft_wrap=True)


def _had_prompts(made: Made) -> bool:
    """True where examples were not written because there were prompts, whose state nobody knows."""
    kinds = [kind_of(path) for path in made.kept]
    return any(kind is not None and kind.name == "prompt" for kind in kinds)


def _shown(root: Path) -> Path:
    return root.relative_to(Path.cwd()) if root.is_relative_to(Path.cwd()) else root


def _by_folder(paths: list[str]) -> dict[str, str]:
    """Files alone in their first two folders by name, the others counted by those."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        *folders, name = path.split("/")
        groups.setdefault("/".join(folders[:2]) + "/" if folders else name, []).append(path)
    return {
        folder if len(held) > 1 else held[0]: f"  ({len(held)} files)" if len(held) > 1 else ""
        for folder, held in groups.items()
    }
