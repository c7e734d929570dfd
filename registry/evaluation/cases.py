"""One case of a suite: defaults merged in, inputs checked, expectations read.

It must never let two cases share an id: reports, flips and baselines hang on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from registry.authoring.parse import Document
from registry.evaluation.expectations.read import read
from registry.evaluation.fields import Fields
from registry.evaluation.problem import Problem, Steps, did_you_mean
from registry.evaluation.prompt_facts import PromptFacts
from registry.evaluation.records import Case, Expectation
from registry.evaluation.shelf import Shelf
from serve.core.model import Json

CASE_KEYS = ("id", "description", "group", "required", "variant", "threshold", "tags", "inputs", "expect")
DEFAULT_KEYS = ("inputs", "expect", "threshold", "tags")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,119}")
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}")
TAG_RULE = "letters, digits, dots, dashes, underscores and slashes, up to 80"
NAME_RULE = "letters, digits, dots, dashes, underscores and slashes, up to 120"


class CaseReader:
    """Reads the cases of one suite."""

    def __init__(self, document: Document, suite: Fields, facts: PromptFacts) -> None:
        self._document = document
        self.problems = suite.problems
        self._facts = facts
        self._seen: Shelf[bool] = Shelf()
        defaults = Fields(
            suite.mapping("defaults"), "the defaults", DEFAULT_KEYS, ("defaults",), suite.problems
        )
        self._inputs = defaults.mapping("inputs")
        self._expect = self.expectations(defaults.items("expect"), ("defaults", "expect"))
        self._threshold = defaults.share("threshold")
        self._tags = tags_of(defaults)
        self._variant = self.variant(suite)

    def case(self, index: int, data: Json) -> Case | None:
        """The case at a place of the list, or None where a problem was found."""
        before = len(self.problems)
        steps: Steps = ("cases", index)
        fields = Fields(data, "a case", CASE_KEYS, steps, self.problems)
        if not isinstance(data, dict):
            return None
        expect = self.expectations(fields.items("expect"), (*steps, "expect"))
        case = self.made(fields, self._id(fields), fields.text("group"), fields.mapping("inputs"), expect)
        for code, message, hint in self.objections(case) if len(self.problems) == before else ():
            fields.complain(message, hint, *(("inputs",) if code == "SUI010" else ()), code=code)
        return None if len(self.problems) > before else case

    def made(
        self,
        fields: Fields,
        name: str,
        group: str | None,
        inputs: Mapping[str, Json],
        expect: Sequence[Expectation],
        tags: Sequence[str] | None = None,
    ) -> Case:
        """The case with the suite's defaults merged in; what it says itself wins, expectations and tags add up."""
        threshold = fields.share("threshold")
        return Case(
            id=name,
            group=group or name,
            inputs={**self._inputs, **inputs},
            expect=(*self._expect, *expect),
            required=fields.flag("required", False),
            variant=self.variant(fields) or self._variant,
            threshold=self._threshold if threshold is None else threshold,
            line=self._document.place(*fields.steps).line,
            tags=tuple(dict.fromkeys((*self._tags, *(tags_of(fields) if tags is None else tags)))),
        )

    def objections(self, case: Case) -> list[tuple[str, str, str]]:
        """Code, message and hint for all that speaks against a case as a whole."""
        found: list[tuple[str, str, str]] = []
        if not NAME.fullmatch(case.id):
            found.append(("SUI002", "The id has characters that reports cannot carry.", f"Use {NAME_RULE}."))
        elif case.id in self._seen:
            found.append(
                ("SUI004", f"A second case {case.id}.", "Give it an id of its own, or remove the double.")
            )
        if not case.expect:
            hint = "Write expect: [{contains: refund}], or defaults for all cases."
            found.append(("SUI006", f"The case {case.id} asks nothing, so it could not fail.", hint))
        refusal = self._facts.refusal(case.inputs)
        if refusal is not None:
            found.append(
                ("SUI010", f"The prompt would refuse the case {case.id}: {refusal}.", "Mend its inputs.")
            )
        self._seen[case.id] = True
        return found

    def expectations(self, entries: Sequence[Json], steps: Steps) -> list[Expectation]:
        """The expectations of a list in the suite's file; problems are noted."""
        read_entries = [(index, *_read(entry)) for index, entry in enumerate(entries)]
        self.problems += [
            problem.below(*steps, index) for index, _, found in read_entries for problem in found
        ]
        return [expectation for _, expectation, _ in read_entries if expectation is not None]

    def variant(self, fields: Fields) -> str | None:
        """The variant that is asked for, which the prompt must have."""
        name = fields.text("variant")
        if name is not None and name not in self._facts.variants:
            hint = did_you_mean(name, self._facts.variants)
            self.problems.append(
                Problem("SUI003", (*fields.steps, "variant"), f"The prompt has no variant {name}.", hint)
            )
        return name

    def _id(self, fields: Fields) -> str:
        name = fields.text("id")
        if name is None and "id" not in fields.data:
            fields.complain(
                "The case has no id.", "Write id: double-charge; reports and baselines hang on it."
            )
        return name or "unnamed"


def _read(entry: Json) -> tuple[Expectation | None, tuple[Problem, ...]]:
    if isinstance(entry, dict) and len(entry) == 1:
        ((name, value),) = entry.items()
        if isinstance(value, str):
            return _read_plain(name, value)
    return read(entry)


@lru_cache(maxsize=4096)
def _read_plain(name: str, value: str) -> tuple[Expectation | None, tuple[Problem, ...]]:
    """Most cases ask the same few things."""
    return read({name: value})


def tags_of(fields: Fields) -> tuple[str, ...]:
    """The words that a case is found by, each once."""
    found: list[str] = []
    for index, tag in enumerate(fields.items("tags")):
        if isinstance(tag, str) and TAG.fullmatch(tag):
            found.append(tag)
        else:
            fields.complain("A tag must be a name.", f"Use {TAG_RULE}.", "tags", index)
    return tuple(dict.fromkeys(found))
