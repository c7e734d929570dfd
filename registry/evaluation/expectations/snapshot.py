"""Check against an answer that a person approved: snapshot.

The approved answer stands in the suite, as text or as a digest, so a new one is reviewed as a change of the file.
Line ends and white space at the end do not count: editors and YAML change them.
It must never approve by itself: without an approved answer there is no verdict.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import zip_longest

from registry.evaluation.expectations.outcome import (
    ExpectationType,
    Outcome,
    Subject,
    bad_value,
    excerpt,
    missing,
)
from registry.evaluation.expectations.text import text_problems
from registry.evaluation.problem import Problem, unknown_keys
from registry.evaluation.records import Expectation
from serve.core.model import Json

SNAPSHOT = "snapshot"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def is_approved(text: str, approved: Json) -> bool:
    """True when an answer's text is what a snapshot holds."""
    if isinstance(approved, dict):
        return bool(_digest(_bare(text)) == approved["sha256"])
    return approved is not None and _bare(text) == _bare(approved)


def approved_form(text: str, *, digest: bool = False) -> str:
    """An answer as a snapshot holds it, or its digest."""
    return _digest(_bare(text)) if digest else _bare(text)


def _snapshot(expectation: Expectation, subject: Subject) -> Outcome:
    said, approved = _bare(subject.text), expectation.value
    if approved is None:
        return missing(
            f"has no approved answer yet; approve {excerpt(said)} with promptyard test --accept, "
            f"with this text, or with sha256: {_digest(said)}"
        )
    if is_approved(said, approved):
        return Outcome(True, "is the approved answer")
    if isinstance(approved, dict):
        return Outcome(False, f"is another answer: {excerpt(said)}")
    return Outcome(False, _first_difference(said, _bare(approved)))


def _bare(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _first_difference(said: str, wanted: str) -> str:
    pairs = zip_longest(said.split("\n"), wanted.split("\n"))
    line, (new, old) = next((line, pair) for line, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    told = ["ends" if text is None else f"is {excerpt(text)}" for text in (new, old)]
    return f"differs from the approved answer: line {line} {told[0]}, where it {told[1]}"


def _approved_problems(value: Json) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, dict):
        yield from text_problems(value)
        return
    yield from unknown_keys(value, ("sha256",), "a snapshot")
    digest = value.get("sha256")
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        hint = "Leave snapshot empty, run the case, and copy the digest that it tells."
        yield bad_value("sha256 must be 64 hexadecimal digits.", hint, "sha256")


TYPES = (ExpectationType(SNAPSHOT, _snapshot, _approved_problems),)
