"""``promptyard diff``: which entries change between two revisions, why, in which words, and at what cost."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click

from registry.authoring.affected import affected, with_suites
from registry.authoring.catalog import Catalog
from registry.authoring.git_objects import GitTree
from registry.authoring.git_tree import Repository
from registry.authoring.tree import Tree
from registry.authoring.working_copy import working_copy
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.changes import write_review
from registry.cli.writers.changes_json import review_json
from registry.cli.writers.changes_markdown import comment
from registry.cli.writers.files import write_file
from registry.cli.writers.json import write_json
from registry.evaluation.local_prompts import LocalPrompts
from registry.evaluation.records import Case
from registry.evaluation.suite import read_suites
from registry.rendering.review import Comparison, Review
from registry.settings import FILE


@click.command(
    "diff",
    epilog=examples(
        "promptyard diff                 # this branch against main",
        "promptyard diff v1.2 v1.3",
        "promptyard diff origin/main...HEAD      # as Git writes it: since HEAD left origin/main",
        "promptyard diff origin/main --markdown comment.md",
    ),
)
@click.argument("base", required=False)
@click.argument("head", required=False)
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Also write it as a pull-request comment; - writes that alone, to standard output.",
)
@pass_context
def command(context: Context, base: str | None, head: str | None, markdown: Path | None) -> None:
    """Show which entries change between two revisions, why, in which words, and at what cost.

    BASE is by default where this branch left main, HEAD the working copy. A prompt changes with
    its partials, model config, guardrails and tools, as its digest does. Its suites' cases are
    rendered on both sides; tokens and costs are estimates over them.
    """
    repository = context.repository()
    before, head = _ends(repository, base, head)
    review = _review(context, repository, before, head)
    if markdown is not None and str(markdown) != "-":
        write_file(markdown, comment(review))
    if markdown is not None and str(markdown) == "-":
        click.echo(comment(review), nl=False)
    elif context.json:
        write_json(review_json(review))
    else:
        write_review(context.console, review)
    _tell_problems(context, review)
    if not context.json:
        against = f"{review.base[:12]} → {review.head[:12] if head else 'working copy'}"
        context.errors.print(f"{_count(len(review.entries))}: {against}", style="dim")


def _ends(repository: Repository, base: str | None, head: str | None) -> tuple[str, str | None]:
    """The two ends of a comparison, also where they are written in one word as Git does."""
    if base is None:
        return repository.default_base(), head
    left, dots, right = base.partition("..")
    if not dots or head is not None:
        return base, head
    left, right, since = left or "HEAD", right.removeprefix(".") or "HEAD", right.startswith(".")
    return (repository.merge_base(left, right) if since else left), right


def _review(context: Context, repository: Repository, base: str, head: str | None) -> Review:
    sides = _Sides(context, repository, base, head)
    before, after = affected(sides.before, sides.after, sides.changed, sides.search)
    comparison = Comparison(before, after)
    prompts = [
        change.id for change in comparison.changes if change.kind == "prompt" and change.what != "removed"
    ]
    cases = _cases(with_suites(after, prompts, sides.changed, sides.search))
    return comparison.review(cases, (LocalPrompts(before).count, LocalPrompts(after).count))


class _Sides:
    """The two trees, what differs between them, and a search through what does not."""

    def __init__(self, context: Context, repository: Repository, base: str, head: str | None) -> None:
        self._repository = repository
        self.before = repository.tree(base)
        self._committed: GitTree = repository.tree(head or "HEAD")
        committed = self.before.changed(self._committed)
        if head is None:
            content = context.settings.content
            differing = repository.changed_below(content, FILE)
            local = working_copy(context.root, self._committed, differing)
            self.after: Tree = local
            self.changed = committed | local.changed
        else:
            self.after = self._committed
            self.changed = committed

    def search(self, words: Collection[str], folder: str, pattern: str = "**") -> Collection[str]:
        found = self._repository.naming(self._committed, words, folder, pattern)
        return found - self.changed


def _cases(catalog: Catalog) -> dict[str, list[Case]]:
    cases: dict[str, list[Case]] = {}
    for suite in read_suites(catalog)[0]:
        cases.setdefault(suite.prompt, []).extend(suite.cases)
    return cases


def _tell_problems(context: Context, review: Review) -> None:
    count = len(review.problems)
    if count and not context.json:
        findings = "one finding" if count == 1 else f"{count} findings"
        first = review.problems[0]
        told = f"{findings} in files left out: promptyard lint ({first.place} {first.code})"
        context.errors.print(told, style="warning", soft_wrap=True)


def _count(changes: int) -> str:
    return "one entry changes" if changes == 1 else f"{changes or 'no'} entries change"
