"""Check of terminology: glossary.

``terms`` says how a term of the inputs must be rendered in the answer: as one of some texts, or unchanged (null);
``avoid`` lists what the answer must never say. Terms that the inputs do not hold ask nothing.
It must never match inside of a word: a term begins where a word begins, and may go on (invoice, invoices).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    bad_value,
    beside_the_point,
    excerpt,
)
from registry.evaluation.expectations.text import list_problems, text_problems
from registry.evaluation.problem import Problem, unknown_keys
from registry.evaluation.records import Expectation
from serve.core.model import Json

_KEYS = ("terms", "avoid")


def _glossary(expectation: Expectation, subject: Subject) -> Outcome:
    terms: Mapping[str, Json] = expectation.value.get("terms") or {}
    avoid: list[str] = expectation.value.get("avoid") or []
    source = "\n".join(_texts(subject.inputs))
    asked = [term for term in terms if _holds(source, term)]
    if not asked and not avoid:
        return beside_the_point("the inputs hold no term of the glossary")
    wrong = [_lacking(term, terms[term]) for term in asked if not _rendered(subject.text, term, terms[term])]
    wrong += [f"says {excerpt(text)}" for text in avoid if _holds(subject.text, text)]
    fact = "; ".join(wrong) if wrong else f"keeps to the glossary ({len(asked)} terms)"
    return Outcome(not wrong, fact, 1 - len(wrong) / (len(asked) + len(avoid)))


def _rendered(answer: str, term: str, wanted: Json) -> bool:
    if wanted is None:
        return term in answer
    return any(_holds(answer, text) for text in ([wanted] if isinstance(wanted, str) else wanted))


def _lacking(term: str, wanted: Json) -> str:
    if wanted is None:
        return f"does not keep {excerpt(term)} as it is"
    texts = [wanted] if isinstance(wanted, str) else wanted
    return f"does not render {excerpt(term)} as {' or '.join(map(excerpt, texts))}"


def _texts(value: Json) -> Iterator[str]:
    """Every text in the inputs, those inside of lists and objects too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))


def _holds(text: str, term: str) -> bool:
    return _pattern(term).search(text) is not None


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str]:
    has_case = term[0].lower() != term[0].upper()  # a script with spaces, so that words have a beginning
    return re.compile((r"(?<!\w)" if has_case else "") + re.escape(term), re.IGNORECASE)


def _glossary_problems(value: Json) -> Iterator[Problem]:
    if not isinstance(value, dict) or not value:
        hint = "Write {terms: {invoice: Rechnung, Harbour Bank: null}, avoid: [Faktura]}."
        yield bad_value("The value must say terms, avoid, or both.", hint)
        return
    yield from unknown_keys(value, _KEYS, "glossary")
    if "avoid" in value:
        yield from (problem.below("avoid") for problem in list_problems(value["avoid"]))
    if "terms" not in value:
        return
    terms = value["terms"]
    if not isinstance(terms, dict) or not terms:
        yield bad_value("terms must be an object.", "Write terms: {invoice: Rechnung}.", "terms")
        return
    for term, wanted in terms.items():
        yield from (problem.below("terms") for problem in text_problems(term))
        if wanted is not None:
            found = list_problems(wanted) if isinstance(wanted, list) else text_problems(wanted)
            yield from (problem.below("terms", term) for problem in found)


TYPES = (ExpectationType("glossary", _glossary, _glossary_problems),)
