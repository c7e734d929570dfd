"""How the command line looks: one place that makes consoles and names their colours.

It must never decide what is said, and never wrap or colour what a program will read.
"""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.theme import Theme

_THEME = Theme(
    {
        "error": "bold red",
        "warning": "yellow",
        "info": "cyan",
        "good": "green",
        "dim": "dim",
        "path": "bold",
        "code": "magenta",
        "added": "green",
        "removed": "red",
        "system": "bold magenta",
        "user": "bold cyan",
        "assistant": "bold green",
        "tool": "bold yellow",
    }
)
_PIPE_WIDTH = 200


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the boundary see it; rich would leave with exit code 1, which means findings here."""
        raise BrokenPipeError


def console(*, stderr: bool, plain: bool) -> Console:
    """A console in the house's colours; NO_COLOR is honoured, and a pipe's lines are not wrapped."""
    stream = sys.stderr if stderr else sys.stdout
    piped = not os.environ.get("COLUMNS") and not stream.isatty()
    return _Console(
        stderr=stderr,
        theme=_THEME,
        no_color=plain or None,
        highlight=False,
        emoji=False,
        width=_PIPE_WIDTH if piped else None,
    )
