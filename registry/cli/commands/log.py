"""``promptyard log``: who changed what a prompt says, when, why, and in which release."""

from __future__ import annotations

from itertools import islice

import click
from rich.text import Text

from registry.authoring.history import Commit
from registry.cli.context import Context, pass_context
from registry.cli.releases import carriers, releases_or_none
from registry.cli.single import no_prompt
from registry.cli.teaching import examples
from registry.cli.writers.changes import visible
from registry.cli.writers.json import write_json
from registry.rendering.lineage import Step, lineage
from serve.core.model import Json


@click.command(
    "log",
    epilog=examples(
        "promptyard log support/triage",
        "promptyard log support/triage -n 5 --ref v1.2",
        "promptyard log support/triage --json",
    ),
)
@click.argument("prompt", metavar="ID")
@click.option(
    "-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many commits."
)
@click.option("--ref", metavar="REV", default="HEAD", help="Begin at a Git revision instead of HEAD.")
@pass_context
def command(context: Context, prompt: str, limit: int, ref: str) -> None:
    """Show the commits that changed what a prompt resolves to, newest first.

    A prompt changes with its own file, its partials, model config, guardrails and tools; each line
    says which. Renames are followed. The release is the first one that carried the commit.
    """
    repository = context.repository()
    found = list(islice(lineage(repository, prompt, ref), limit + 1))
    if not found:
        tree = repository.tree(ref)
        raise no_prompt(tree, context.settings_of(tree), prompt, ref)
    steps, more = found[:limit], len(found) > limit
    commits = repository.commits([step.commit for step in steps])
    known = releases_or_none(context)
    carried = carriers(context, known) if known else {}
    if context.json:
        rows = [step_json(step, commits[step.commit], carried.get(step.commit)) for step in steps]
        write_json({"id": prompt, "commits": rows, "more": more})
        return
    for step in steps:
        _write(context, step, commits[step.commit], carried.get(step.commit), columns=bool(known))
    if more:
        context.errors.print(f"older ones are left out; -n {limit * 5} shows more", style="dim")


def step_json(step: Step, commit: Commit, release: int | None) -> Json:
    """A step as a JSON object."""
    return {
        "commit": step.commit,
        "author": commit.author,
        "mail": commit.mail,
        "at": commit.at,
        "subject": commit.subject,
        "what": step.what,
        "id": step.id,
        "was": step.was,
        "reasons": list(step.reasons),
        "release": release,
    }


def _write(context: Context, step: Step, commit: Commit, release: int | None, *, columns: bool) -> None:
    line = Text.assemble((step.commit[:9], "code"), (f"  {commit.at[:10]}  {visible(commit.author)}", "dim"))
    if columns:
        line.append(
            f"  {f'release {release}' if release is not None else 'unreleased'}", "good" if release else "dim"
        )
    line.append(f"  {visible(commit.subject)}")
    context.console.print(line, soft_wrap=True)
    context.console.print(Text(f"           {_told(step)}", "dim"), soft_wrap=True)


def _told(step: Step) -> str:
    why = visible(", ".join(step.reasons))
    if step.what == "renamed":
        return f"renamed {step.was} → {step.id}" + (f", {why}" if why else "")
    if step.what == "cut":
        return "the shallow clone begins here: git fetch --unshallow brings what is older"
    return why or step.what
