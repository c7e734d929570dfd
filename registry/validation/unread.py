"""Findings about files that YAML cannot read, where it is plain what was meant.

It must never speak of a file that can be read.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.authoring.catalog import Catalog
from registry.diagnostics import Diagnostic, Fix, Place
from registry.validation import edits
from registry.validation.slips import Slip, slips

_UNREAD = ("YML001", "YML004")


def findings_of_slips(catalog: Catalog, code: str) -> Iterator[Diagnostic]:
    """The slips of one code in all files that cannot be read; each with its fix."""
    for path in sorted({problem.place.path for problem in catalog.problems if problem.code in _UNREAD}):
        try:
            source = catalog.tree.read(path).decode("utf-8").replace("\r\n", "\n")
        except (FileNotFoundError, UnicodeDecodeError):
            continue
        for slip in slips(source):
            if slip.code == code:
                yield _finding(path, source.split("\n"), slip)


def _finding(path: str, rows: list[str], slip: Slip) -> Diagnostic:
    title = slip.hint.rstrip(".")
    fix = Fix(title, edits.of_rows(path, rows, slip.row, slip.rows))
    place = Place(path, slip.row + 1, slip.column + 1)
    return Diagnostic(slip.code, "error", place, slip.message, slip.hint, fix)
