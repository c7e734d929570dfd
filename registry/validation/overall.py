"""What can only be said of a registry as a whole, such as that nothing uses a file.

It must never be asked of a part: there everything else seems to be missing.
"""

from __future__ import annotations

from datetime import date

from registry.authoring.catalog import Catalog
from registry.diagnostics import Diagnostic, in_order
from registry.validation.subject import Subject
from registry.validation.table import OVERALL


def overall(catalog: Catalog, *, today: date | None = None) -> tuple[Diagnostic, ...]:
    """The findings of the lints that need the whole catalog, by place."""
    subject = Subject(catalog, today, (), (), {}, {})
    return in_order(finding for each in OVERALL for finding in each.check(subject))
