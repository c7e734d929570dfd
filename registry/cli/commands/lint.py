"""``promptyard lint``: every finding with its place and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from registry.authoring.catalog import Catalog
from registry.cli.context import Context, pass_context
from registry.cli.teaching import examples
from registry.cli.writers.github import write_github
from registry.cli.writers.json import findings_json, write_json
from registry.cli.writers.text import summary, write_findings
from registry.diagnostics import Diagnostic
from registry.errors import Usage
from registry.release.findings import findings_of
from registry.settings import FILE


@click.command(
    "lint",
    epilog=examples(
        "promptyard lint",
        "promptyard lint --format github     # annotations in a pull request",
    ),
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), help="How findings are written."
)
@pass_context
def command(context: Context, form: str | None) -> int:
    """Check every file below the content folder.

    Errors stand in the way of a release; warnings do so where promptyard.yaml says
    policy.warningsAsErrors. Exit code 1 means that something stands in the way.
    """
    catalog = context.catalog()
    if not any(catalog.documents.values()) and not catalog.problems and not (context.root / FILE).is_file():
        raise Usage(
            "CFG004", f"there is no {FILE} here or above", "Run promptyard init, or pass --root PATH."
        )
    findings = findings_of(catalog, today=datetime.now(UTC).date())
    strict = catalog.settings.policy.warnings_as_errors
    bad = any(finding.level == "error" or (strict and finding.level == "warning") for finding in findings)
    _write(context, "json" if context.json else form or "text", findings, catalog, clean=not bad)
    return int(bad)


def _write(
    context: Context, form: str, findings: Sequence[Diagnostic], catalog: Catalog, *, clean: bool
) -> None:
    files = len({finding.place.path for finding in catalog.problems} | _paths(catalog))
    if form == "json":
        write_json({"clean": clean, "files": files, "findings": findings_json(findings)})
        return
    if form == "github":
        write_github(findings, context.prefix())
    else:
        write_findings(context.console, findings)
    context.errors.print(summary(findings, files))


def _paths(catalog: Catalog) -> set[str]:
    return {document.path for by_id in catalog.documents.values() for document in by_id.values()}
