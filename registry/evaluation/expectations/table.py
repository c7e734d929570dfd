"""Every type of expectation by its name: the one table.

It must never hold a name that nothing examines.
"""

from __future__ import annotations

from registry.evaluation.expectations import distance, measure, pattern, structure, text
from registry.evaluation.expectations.outcome import ExpectationType

NEGATION = "not-"
SET = "assert-set"  # a group of expectations; the judge itself takes it apart
TABLE: dict[str, ExpectationType] = {
    kind.name: kind for family in (text, pattern, structure, measure, distance) for kind in family.TYPES
}
NAMES = (*TABLE, *(NEGATION + name for name in TABLE), SET)
