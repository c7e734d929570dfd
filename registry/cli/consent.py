"""A yes to what was shown, from the person at the terminal or from ``--yes``.

A job has nobody to ask and no plan that anybody read: it says ``--yes`` itself, in CI too.
It must never take silence for a yes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from registry.cli.context import Context
from registry.errors import Usage

yes_option: Callable[[Any], Any] = click.option(
    "--yes", "-y", is_flag=True, help="Do it without asking; needed where nobody can be asked."
)


def require_yes(context: Context, question: str, *, yes: bool) -> None:
    """Return when the answer is yes; a no ends the run with exit code 130, and nothing was done.

    Raises:
        Usage: PUB014 where nobody can be asked: no terminal, or output for a program.
    """
    if yes:
        return
    if context.json or not _somebody():
        where = "with --json" if context.json else "without a terminal"
        what = f"nobody can be asked {where}: {question}"
        raise Usage("PUB014", what.rstrip("?"), "Look at it with --dry-run, then add --yes.")
    if not click.confirm(question, default=False, err=True):
        context.errors.print("nothing was done", style="dim")
        raise click.Abort


def _somebody() -> bool:
    return sys.stdin.isatty()
