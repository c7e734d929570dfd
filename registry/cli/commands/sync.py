"""``promptyard sync``: what is merged and proven goes live, without a hosted CI."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable

import click
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.syncing import Look, look, run_command
from registry.cli.teaching import examples
from registry.cli.writers.json import write_json_line
from registry.errors import Unavailable

_MOST_PATIENT = 10  # intervals between two tries while the remote or the store is away
_GOOD = ("live", "published")


@click.command(
    "sync",
    epilog=examples(
        "promptyard sync                               # origin, the release branch, the first channel",
        "promptyard sync --branch main --channel staging --interval 60",
        "promptyard sync --once                        # from cron",
    ),
)
@click.option(
    "--remote", default="origin", show_default=True, metavar="NAME", help="The remote that is watched."
)
@click.option("--branch", metavar="NAME", help="Its branch; default: policy.releaseBranch, or main.")
@click.option("--channel", metavar="NAME", help="Where to; default: the first channel of promptyard.yaml.")
@click.option(
    "--interval",
    type=click.FloatRange(5, 86_400),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="Between two looks.",
)
@click.option("--once", is_flag=True, help="Look once and stop.")
@pass_context
def command(
    context: Context, remote: str, branch: str | None, channel: str | None, interval: float, once: bool
) -> int:
    """Watch a Git remote and publish what is merged and proven.

    Run it in a clone on a machine that holds the signing keys. Each new commit of the branch is fetched, its
    suites run, and only what passes is published. The working copy stays as it is: its promptyard.yaml names
    store and keys, so that no merge can point them elsewhere. With --once exit code 0 says that the branch is
    live, 1 that it is not proven, 3 or 4 that it could not be published.
    """
    os.environ.setdefault("GIT_TERMINAL_PROMPT", "0")  # nobody is there to be asked for a password
    where = context.channel(channel)
    watched = branch or context.settings.policy.release_branch or "main"
    if once:
        seen = look(context, where, remote, watched, run_command)
        _tell(context, seen)
        return 0 if seen.state in _GOOD else 1 if seen.state == "not proven" else 3
    _watch(context, lambda: look(context, where, remote, watched, run_command), interval)
    return 0


def _watch(context: Context, see: Callable[[], Look], interval: float) -> None:
    """Look until the process is told to stop; what was told once is told again only when it changes."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    before: Look | str | None = None
    misses = 0
    while not stop.is_set():
        try:
            seen: Look | str = see()
            misses = misses + 1 if isinstance(seen, Look) and seen.again else 0
        except Unavailable as error:
            seen, misses = str(error), misses + 1
        if seen != before and not _settled(before, seen):
            _tell(context, seen)
        before = seen
        most = interval * min(2**misses, _MOST_PATIENT)
        stop.wait(random.uniform(0.8, 1.2) * interval if not misses else random.uniform(interval, most))  # noqa: S311  # spreads load
    context.errors.print("stopped", style="dim")


def _settled(before: Look | str | None, seen: Look | str) -> bool:
    """True when a commit that was told as published is found live: that is no news."""
    return (
        isinstance(before, Look)
        and isinstance(seen, Look)
        and (before.state, seen.state) == ("published", "live")
        and before.commit == seen.commit
    )


def _tell(context: Context, seen: Look | str) -> None:
    if isinstance(seen, str):
        if context.json:
            write_json_line({"state": "unavailable", "why": seen})
        else:
            context.errors.print(Text(seen, "warning"), soft_wrap=True)
        return
    if context.json:
        write_json_line({"state": seen.state, "commit": seen.commit, "why": seen.why})
        return
    style = "good" if seen.state == "published" else "dim" if seen.state == "live" else "warning"
    why = f"  {seen.why}" if seen.why else ""
    context.console.print(
        Text.assemble((seen.state, style), f"  {seen.commit[:12]}", (why, "dim")), soft_wrap=True
    )
