"""The pull-request comment: the same news as on a terminal, in Markdown.

A hidden marker on the first line lets a workflow find its one comment and update it.
It must never let an answer's text act as Markdown, HTML or a mention: all of it stands in code spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.evaluation.report import Report, Row, lines, rows, title, tone, visible
from registry.evaluation.verdict import Verdict

MARKER = "<!-- promptyard:test -->"
_SIGNS = {"good": "✅", "bad": "❌", "doubt": "⚠️", "plain": "", "dim": ""}
_MOST_ROWS = 30
_LIMIT = 60_000  # GitHub refuses a comment of more than 65,536 characters


def verdicts(report: Report) -> str:
    """The comment, marker first, at most 60,000 characters."""
    text = (
        "\n".join([MARKER, "## Promptyard", "", *_overview(report), *_details(report), *_reproduce(report)])
        + "\n"
    )
    if len(text) <= _LIMIT:
        return text
    short = "\n".join(
        [MARKER, "## Promptyard", "", "Details are in the run's record.", "", *_overview(report)]
    )
    return short if len(short) < _LIMIT else short[: short.rindex("\n", 0, _LIMIT)] + "\n"


def _overview(report: Report) -> Iterator[str]:
    yield "| suite | verdict | why |"
    yield "|---|---|---|"
    for verdict in report.verdicts:
        why = code("; ".join(verdict.reasons)) if verdict.reasons else ""
        yield f"| {code(verdict.suite)} | {_SIGNS[tone(verdict)]} **{verdict.word}** | {why} |"
    for suite in report.removed:
        yield f"| {code(suite)} | {_SIGNS['doubt']} removed | {code('its cases are no longer asked')} |"


def _details(report: Report) -> Iterator[str]:
    for verdict in report.verdicts:
        opened = " open" if verdict.exit_code else ""
        yield ""
        yield f"<details{opened}><summary>{_html(title(report, verdict))}</summary>"
        yield ""
        yield from (f"- {line.label}: {code(line.text)}" for line in lines(verdict)[:-1])
        yield from _table(verdict)
        yield ""
        yield "</details>"


def _reproduce(report: Report) -> Iterator[str]:
    if report.exit_code:
        yield ""
        yield f"Reproduce: {code(report.reproduce)}"


def _table(verdict: Verdict) -> Iterator[str]:
    found = rows(verdict)
    if not found:
        return
    yield ""
    yield "| case | | passed | why | answer |"
    yield "|---|---|---|---|---|"
    yield from (_row(row) for row in found[:_MOST_ROWS])
    if len(found) > _MOST_ROWS:
        yield ""
        yield f"and {len(found) - _MOST_ROWS} more"


def _row(row: Row) -> str:
    required = " (required)" if row.required else ""
    cells = (f"{code(row.case)}{required}", row.mark, row.counts, code(row.reason), code(row.answer))
    return f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """A text as a code span that may stand in a table: longer fence than any run inside, pipes escaped."""
    if not text:
        return ""
    shown = visible(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    inner = shown.replace("|", "\\|")
    return f"{fence} {inner} {fence}" if longest else f"{fence}{inner}{fence}"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@&#8203;")
