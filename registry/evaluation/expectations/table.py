"""Every type of expectation by its name: the one table.

It must never hold a name that nothing examines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.evaluation.expectations import (
    delivery,
    distance,
    functions,
    glossary,
    guards,
    judged,
    language,
    likelihood,
    markup_html,
    markup_xml,
    measure,
    overlap,
    pattern,
    refusal,
    similarity,
    snapshot,
    sql,
    structure,
    text,
    tools,
)
from registry.evaluation.expectations.outcome import ExpectationType
from registry.evaluation.records import Expectation

NEGATION = "not-"
SET = "assert-set"  # a group of expectations; the judge itself takes it apart
_FAMILIES = (
    text, pattern, structure, markup_xml, markup_html, sql, measure, distance, overlap, refusal, tools, delivery,
    likelihood, similarity, judged, guards, glossary, language, snapshot, functions,
)  # fmt: skip
TABLE: dict[str, ExpectationType] = {kind.name: kind for family in _FAMILIES for kind in family.TYPES}
NAMES = (*TABLE, *(NEGATION + name for name in TABLE), SET)


def leaves(expectations: Iterable[Expectation]) -> Iterator[Expectation]:
    """All expectations, those inside of sets in place of their set."""
    for expectation in expectations:
        if expectation.type == SET:
            yield from leaves(expectation.value)
        else:
            yield expectation
