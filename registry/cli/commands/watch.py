"""``promptyard watch``: edit, save, and a running service answers with the new prompt."""

from __future__ import annotations

import threading
from pathlib import Path

import click
from rich.text import Text

from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.json import findings_json, write_json_line
from registry.cli.writers.text import write_findings
from registry.devloop.loop import FOLDER, DevLoop, Turn
from registry.devloop.saves import BLIND_LOOK_S, turns
from registry.diagnostics import Diagnostic


@click.command(
    "watch",
    epilog=examples(
        "promptyard watch",
        "promptyard serve --store file:.promptyard/dev/store --channel dev \\",
        "    --trust .promptyard/dev/dev.root.json       # beside it, in another terminal",
    ),
)
@click.option(
    "--channel", default="dev", show_default=True, metavar="NAME", help="Name of the local channel."
)
@click.option("--once", is_flag=True, help="Publish the files as they are, and stop.")
@pass_context
def command(context: Context, channel: str, once: bool) -> int:
    """Publish every save to a local store that a service on this machine polls.

    Files with errors are told and not published: the service goes on with what it had. The store
    lies below .promptyard/dev, is signed with local keys and never mixes with the real one.
    """
    loop = DevLoop(context.root, channel)
    stop = threading.Event()
    clean, known = True, frozenset[Diagnostic]()
    try:
        for number, turn in enumerate(turns(loop, context.root, stop, lambda why: _tell_blind(context, why))):
            if number == 0 and not context.json:
                _greet(context, loop, once=once)
            _tell(context, turn, known)
            known = frozenset(turn.findings)
            clean = turn.clean
            if once:
                stop.set()
    except KeyboardInterrupt:
        context.errors.print("\nstopped", style="dim")
        return 0
    return 0 if clean else 1


def _greet(context: Context, loop: DevLoop, *, once: bool) -> None:
    name, trust, cache = loop.channel.name, context.root / loop.channel.root, context.root / FOLDER / "cache"
    near = trust.relative_to(Path.cwd()) if trust.is_relative_to(Path.cwd()) else trust
    store = loop.store.relative_to(Path.cwd()) if loop.store.is_relative_to(Path.cwd()) else loop.store
    context.errors.print("A service follows this store with", style="dim")
    connect = f'serve.connect("file:{loop.store}", trust="{trust}", cache="{cache}", channel="{name}",'
    context.errors.print(Text(f"  {connect} interval_s=0.5, min_interval_s=0.2)", "path"), soft_wrap=True)
    words = f"promptyard serve --store file:{store} --channel {name} --trust {near} --interval 1"
    context.errors.print(Text(f"  {words}", "path"), soft_wrap=True)
    if not once:
        context.errors.print(f"Watching {context.settings.content}/ (Ctrl-C stops)", style="dim")


def _tell_blind(context: Context, why: str) -> None:
    words = f"The system cannot watch the files ({why}); looking every {BLIND_LOOK_S:g} s instead."
    context.errors.print(Text(words, "warning"), soft_wrap=True)
    if "limit" in why:
        context.errors.print(
            "On Linux: raise fs.inotify.max_user_watches or max_user_instances.", style="dim"
        )


def _tell(context: Context, turn: Turn, known: frozenset[Diagnostic]) -> None:
    if context.json:
        write_json_line(_json(turn))
        return
    new = [finding for finding in turn.findings if finding.level == "error" or finding not in known]
    write_findings(context.console, new)
    if len(new) < len(turn.findings):
        context.console.print(f"{len(turn.findings) - len(new)} as before: promptyard lint", style="dim")
    if turn.refusal is not None:
        context.console.print(Text(str(turn.refusal), "error"), soft_wrap=True)
    elif not turn.clean:
        kept = f"release {turn.release} stays" if turn.release else "nothing is live yet"
        context.console.print(Text(f"not published: {kept}", "warning"))
    elif not turn.changes:
        context.console.print(Text(f"release {turn.release} is up to date", "dim"))
    else:
        names = ", ".join(f"{change.what} {change.id}" for change in turn.changes[:6])
        more = f" and {len(turn.changes) - 6} more" if len(turn.changes) > 6 else ""
        lead = Text.assemble((f"release {turn.release}", "good"), f"  {names}{more}")
        cases = f"  {turn.rendered} case{'' if turn.rendered == 1 else 's'} rendered" if turn.rendered else ""
        context.console.print(lead.append(f"{cases}  {turn.seconds * 1000:.0f} ms", "dim"), soft_wrap=True)


def _json(turn: Turn) -> dict[str, object]:
    refusal = turn.refusal
    return {
        "release": turn.release,
        "clean": turn.clean,
        "findings": findings_json(turn.findings),
        "changes": [
            {"what": change.what, "kind": change.kind, "id": change.id, "reasons": list(change.reasons)}
            for change in turn.changes
        ],
        "rendered": turn.rendered,
        "refusal": None if refusal is None else {"code": refusal.code, "what": refusal.what},
        "seconds": round(turn.seconds, 4),
    }
