"""Who acts and why, for the commands that leave a line in the history.

It must never name a person's mail address.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import Any

import click

from registry.cli.context import Context
from registry.errors import Usage

actor_option: Callable[[Any], Any] = click.option(
    "--actor", metavar="NAME", help="Who; default: GITHUB_ACTOR, or the author Git knows."
)
reason_option: Callable[[Any], Any] = click.option(
    "--reason", default="", metavar="TEXT", help="Why, for the history everybody can read."
)


def actor_of(context: Context, named: str | None = None) -> str:
    """Who acts: as named, as CI says, as Git says (without the mail address), or the name of the account."""
    if acting := named or os.environ.get("GITHUB_ACTOR"):
        return acting
    try:
        return context.repository().author.partition(" <")[0] or getpass.getuser()
    except (Usage, OSError):
        return getpass.getuser()
