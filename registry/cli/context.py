"""What every command is given: where the registry is, how to speak, and the adapters behind the ports.

The only place where ports meet adapters, so a command names what it needs and never how it is had.
It must never do work before it is asked: each part is made at its first use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.errors import Usage
from registry.settings import FILE, Channel, Settings

if TYPE_CHECKING:
    from rich.console import Console

    from registry.authoring.catalog import Catalog
    from registry.authoring.git_tree import Repository
    from registry.authoring.tree import Tree
    from registry.publish.target import Target


@dataclass(frozen=True)
class Context:
    """One run of the command line.

    Attributes:
        root: the registry's folder, the one with ``promptyard.yaml``.
        here: the folder that the run was started in, or named with ``-C``.
        json: results are wanted as JSON on stdout.
        plain: no colour is wanted.
    """

    root: Path
    here: Path
    json: bool = False
    plain: bool = False

    @cached_property
    def settings(self) -> Settings:
        """What ``promptyard.yaml`` says in the working copy; raises Usage (CFG001)."""
        return self.settings_of(self.tree())

    @cached_property
    def console(self) -> Console:
        """Standard output."""
        return self._console(stderr=False)

    @cached_property
    def errors(self) -> Console:
        """Standard error: progress, notes and everything that is not the result."""
        return self._console(stderr=True)

    def repository(self) -> Repository:
        """The Git repository around the root; raises Usage (GIT001) when there is none."""
        from registry.authoring.git_tree import Repository

        return Repository(self.root)

    def tree(self, revision: str | None = None) -> Tree:
        """The files of a revision, or of the working copy; raises Usage (GIT001, GIT002)."""
        from registry.authoring.tree import FolderTree

        return FolderTree(self.root) if revision is None else self.repository().tree(revision)

    def settings_of(self, tree: Tree) -> Settings:
        """A tree's own settings; raises Usage (CFG001)."""
        from registry.authoring.settings_file import load_settings

        return load_settings(tree)

    def catalog(self, revision: str | None = None) -> Catalog:
        """Everything that a revision, or the working copy, holds."""
        from registry.authoring.catalog import load

        tree = self.tree(revision)
        return load(tree, self.settings_of(tree))

    def tell_left_out(self, catalog: Catalog) -> None:
        """Warn that files with findings are missing from what is shown."""
        count = len(catalog.problems)
        if count:
            findings = "one finding" if count == 1 else f"{count} findings"
            self.errors.print(f"{findings} in files left out: promptyard lint", style="warning")

    def channel(self, name: str | None = None) -> Channel:
        """A channel of the settings, the first unless named; raises Usage (CFG002) otherwise."""
        wanted = name or self.settings.first_channel
        try:
            return self.settings.channel(wanted)
        except KeyError as error:
            known = ", ".join(self.settings.channels)
            raise Usage("CFG002", f"{FILE} lists no channel {wanted}", f"Channels are: {known}.") from error

    def target(self, url: str | None = None) -> Target:
        """The store that is published to, that of the settings unless a URL is given."""
        from registry.publish.stores import open_target

        return open_target(url or self.settings.store, self.root)

    def next_release(self) -> int:
        """The number of the next release in the store, 1 while no channel has begun."""
        from registry.publish.channels import next_release

        channel = self.channel()
        if not (self.root / channel.root).is_file():
            return 1
        return next_release(self.target(), channel, self.root)

    def prefix(self) -> str:
        """The root's path below the top of its Git repository with a slash, or nothing."""
        try:
            below = self.root.resolve().relative_to(self.repository().top.resolve()).as_posix()
        except Usage:
            return ""
        return "" if below == "." else f"{below}/"

    def default_base(self) -> str:
        """The commit that work is compared with: where this branch left main; HEAD on main or without one."""
        return self.repository().default_base()

    def _console(self, *, stderr: bool) -> Console:
        from registry.cli.style import console

        return console(stderr=stderr, plain=self.plain)


Change = Callable[[Context, Any], Context]
pass_context = click.make_pass_decorator(Context)


def begin(root: str | None, as_json: bool, plain: bool) -> Context:
    """The context of a run; raises Usage (CFG003) when the root that was named is not a folder."""
    if root is None:
        here = Path.cwd()
        return Context(nearest_root(here) or here, here, as_json, plain)
    return Context(_folder(root), _folder(root), as_json, plain)


def nearest_root(start: Path) -> Path | None:
    """The folder with ``promptyard.yaml``, at or above a folder."""
    return next((folder for folder in (start, *start.parents) if (folder / FILE).is_file()), None)


def share_options(command: click.Command) -> None:
    """Let a command take the group's options too, so that ``promptyard lint --json`` is what it seems."""
    taken = {word for parameter in command.params for word in parameter.opts}
    for words, change, settings in _SHARED:
        if not taken & set(words):
            option = click.Option(words, expose_value=False, callback=_changing(change), **settings)
            command.params.append(option)


def _changing(change: Change) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value and isinstance(ctx.obj, Context):
            ctx.obj = change(ctx.obj, value)

    return callback


def _folder(path: str) -> Path:
    folder = Path(path).absolute()
    if not folder.is_dir():
        raise Usage("CFG003", f"{path} is not a folder", "Name the folder that holds promptyard.yaml.")
    return folder


_SHARED: tuple[tuple[list[str], Change, dict[str, Any]], ...] = (
    (
        ["-C", "--root"],
        lambda it, path: replace(it, root=_folder(path), here=_folder(path)),
        {"metavar": "PATH", "hidden": True},
    ),
    (["--json"], lambda it, _: replace(it, json=True), {"is_flag": True, "help": "Machine-readable output."}),
    (["--no-color"], lambda it, _: replace(it, plain=True), {"is_flag": True, "hidden": True}),
)
