"""Snapshots that a run did not match, as changes of the suites' files that a person can look at and approve.

A snapshot that is accepted without a look proves nothing, so a proposal carries what was and what would be.
It must never propose an answer that is not the same in every sample, and never approve by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.authoring.catalog import Catalog
from registry.authoring.parse import Document, Steps
from registry.evaluation.expectations.snapshot import SNAPSHOT, approved_form, is_approved
from registry.evaluation.expectations.table import SET
from registry.evaluation.expectations.transform import NotTransformed, steps_of, transformed
from registry.evaluation.records import Case, Sample, Suite
from serve.core.model import Json


@dataclass(frozen=True, slots=True)
class Proposal:
    """One snapshot: where it stands, what is approved now (None: nothing), and what would be.

    ``digest`` is True where the file holds a digest; ``text`` is the answer then too, for people to read. ``why``
    says why there can be no change from here, None where there can.
    """

    path: str
    case: str
    steps: Steps
    before: str | None
    text: str
    digest: bool = False
    why: str | None = None

    @property
    def value(self) -> str:
        """What the file would hold at the place."""
        return approved_form(self.text, digest=self.digest)


def proposals(catalog: Catalog, suites: Iterable[Suite], samples: Iterable[Sample]) -> tuple[Proposal, ...]:
    """What could be approved of head's answers, in the order of the suites and their cases."""
    latest = {(it.suite, it.case, it.index): it.completion for it in samples if it.arm == "head"}
    answers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (suite_id, case, _), completion in sorted(latest.items(), key=lambda pair: pair[0]):
        if completion.error is None:
            answers[suite_id, case].append(completion.text)
    found: list[Proposal] = []
    for suite in suites:
        document = catalog.documents.get("suite", {}).get(suite.id)
        if document is not None:
            held = {case.id: answers.get((suite.id, case.id), []) for case in suite.cases}
            found += _of_suite(document, suite, held)
    return tuple(found)


def _of_suite(document: Document, suite: Suite, answers: Mapping[str, Sequence[str]]) -> Iterator[Proposal]:
    written = {data.get("id"): index for index, data in enumerate(document.data.get("cases") or ())}
    shared = list(_snapshots((document.data.get("defaults") or {}).get("expect"), ("defaults", "expect")))
    for case in suite.cases:
        texts = answers.get(case.id) or ()
        if not texts:
            continue
        index = written.get(case.id)
        own = document.data["cases"][index].get("expect") if index is not None else None
        for steps, entry in _snapshots(own, ("cases", index or 0, "expect")):
            yield from _proposed(suite.path, case.id, steps, entry, texts, None)
        if index is None:
            yield from _of_row(
                suite.path, case, texts, skip=len((document.data.get("defaults") or {}).get("expect") or ())
            )
        for steps, entry in shared:
            why = "it stands in the defaults and holds for every case"
            yield from _proposed(suite.path, case.id, steps, entry, texts, why)


def _of_row(path: str, case: Case, answers: Sequence[str], skip: int) -> Iterator[Proposal]:
    """Snapshots that a dataset's entry gave to one row; those of the defaults come first and are told apart."""
    for expectation in case.expect[skip:]:
        if expectation.type == SNAPSHOT:
            entry = {SNAPSHOT: expectation.value, "transform": list(expectation.transform)}
            why = "it stands in the dataset's entry and holds for every row"
            yield from _proposed(path, case.id, ("datasets",), entry, answers, why)


def _snapshots(entries: Json, steps: Steps) -> Iterator[tuple[Steps, Mapping[str, Any]]]:
    """Every entry of a list that is a snapshot, inside of sets too, and the steps to its value."""
    for index, entry in enumerate(entries or ()):
        if SNAPSHOT in entry:
            yield (*steps, index, SNAPSHOT), entry
        elif SET in entry:
            yield from _snapshots(entry[SET], (*steps, index, SET))


def _proposed(
    path: str, case: str, steps: Steps, entry: Mapping[str, Any], answers: Sequence[str], why: str | None
) -> Iterator[Proposal]:
    approved = entry[SNAPSHOT]
    digest = isinstance(approved, Mapping)
    before = approved["sha256"] if isinstance(approved, Mapping) else approved
    try:
        texts = [transformed(answer, steps_of(entry.get("transform"))) for answer in answers]
    except NotTransformed as problem:
        yield Proposal(path, case, steps, before, answers[0], digest, f"the answer {problem}")
        return
    if all(is_approved(text, approved) for text in texts):
        return
    if len({approved_form(text) for text in texts}) > 1:
        why = why or f"its {len(texts)} samples differ, so no answer can be the approved one"
    elif not approved_form(texts[0]):
        why = why or "the answer is empty"
    yield Proposal(path, case, (*steps, "sha256") if digest else steps, before, texts[0], digest, why)
