"""The verbs of a command that has several, such as ``guard check``.

It must never know what a verb does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.cli.context import pass_context, share_options
from registry.cli.teaching import examples


def verb_of(group: click.Group, name: str, *lines: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A verb of a group, with examples and the options that every command takes."""

    def made(run: Callable[..., Any]) -> click.Command:
        verb = click.Command(
            name,
            callback=pass_context(run),
            params=list(reversed(getattr(run, "__click_params__", []))),
            help=run.__doc__,
            epilog=examples(*lines),
        )
        share_options(verb)
        group.add_command(verb)
        return verb

    return made
