"""``promptyard test --accept``: each snapshot that changed is shown, approved by a person, and written.

It must never write what was not shown.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click
from rich.text import Text

from registry.authoring.catalog import Catalog
from registry.authoring.replacing import replace_text
from registry.authoring.rewrite import rewrite
from registry.cli.annotating import readable
from registry.cli.context import Context
from registry.errors import Usage
from registry.evaluation.accepting import Proposal, proposals
from registry.evaluation.record import read_record
from registry.evaluation.records import Suite


def require_someone(*, asked: bool, yes: bool, as_json: bool) -> None:
    """Let pass only where a person looks, or --yes says that one has; ``asked``: --accept was given.

    Raises:
        Usage: EVL031 in CI, with --json, or without a terminal, unless --yes is given; EVL032 for --yes alone.
    """
    if yes and not asked:
        raise Usage("EVL032", "--yes says nothing without --accept", "Add --accept, or leave --yes out.")
    in_ci = os.environ.get("CI", "").lower() in ("true", "1", "yes")
    if asked and not yes and (in_ci or as_json or not sys.stdin.isatty()):
        where = "in CI" if in_ci else "with --json" if as_json else "without a terminal"
        what = f"snapshots are not accepted {where}, where nobody looks"
        raise Usage("EVL031", what, "Accept them on your machine, or add --yes once you have looked.")


def accept(context: Context, catalog: Catalog, suites: Sequence[Suite], record: Path, *, yes: bool) -> None:
    """Show what changed, ask, and write what was approved.

    Raises:
        Usage: FIX001 for a file that cannot be edited from here; what YAML cannot hold is told, and left out.
    """
    found = proposals(catalog, suites, read_record(record))
    console = context.errors
    approved: list[Proposal] = []
    for proposal in found:
        console.print()
        console.print(Text(f"{proposal.path}  {proposal.case}  snapshot", "path"), soft_wrap=True)
        for line in _changes(proposal):
            console.print(line, soft_wrap=True)
        if proposal.why is not None:
            console.print(Text(f"  cannot be accepted from here: {proposal.why}", "warning"), soft_wrap=True)
        elif yes or click.confirm("  accept?", default=False, err=True):
            approved.append(proposal)
    by_path = groupby(sorted(approved, key=lambda it: it.path), key=lambda it: it.path)
    written = sum(_write(context, path, tuple(own)) for path, own in by_path)
    told = f"{written} of {len(found)} snapshots accepted" if found else "no snapshot changed"
    console.print(
        Text(f"{told}{'; run promptyard test again' if written else ''}", "good" if written else "")
    )


def _write(context: Context, path: str, approved: Sequence[Proposal]) -> int:
    before = (context.root / path).read_bytes()
    after, written = before, 0
    for proposal in approved:
        try:
            after = replace_text(path, after, proposal.steps, proposal.value)
            written += 1
        except Usage as error:  # the others are written all the same
            context.errors.print(Text(f"{proposal.case}: {error}", "warning"), soft_wrap=True)
    rewrite(context.root, path, before, after)
    return written


def _changes(proposal: Proposal) -> Iterator[Text]:
    if proposal.digest:
        yield Text(f"  - {proposal.before}", "removed")
        yield Text(f"  + {proposal.value}", "added")
        yield from (Text(f"    {line}", "dim") for line in readable(proposal.text).split("\n"))
        return
    old = readable(proposal.before).rstrip().split("\n") if proposal.before is not None else []
    new = readable(proposal.text).rstrip().split("\n")
    for line in [*difflib.unified_diff(old, new, lineterm="", n=2)][2:]:
        style = {"-": "removed", "+": "added"}.get(line[:1], "dim")
        if not line.startswith("@@"):
            yield Text(f"  {line[:1]} {line[1:]}", style)
