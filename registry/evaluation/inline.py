"""The suite that a prompt carries in its own file: rows of test data, and evaluators that look at each answer.

A row is a case: its keys are inputs, ``expected`` is what evaluators may name. Where none does, ``expected`` itself
is compared with the answer, except in GitHub's files, where it never was.
It must never let an evaluator that cannot run pass for one that held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from registry.authoring.catalog import Catalog
from registry.authoring.parse import Document, Steps
from registry.authoring.sources.prompt import EvaluatorSource, PromptSource
from registry.diagnostics import Diagnostic, Level
from registry.evaluation.evaluators import (
    EXPECTED,
    MissingError,
    entries,
    entries_of_expected,
    is_known,
    slots,
)
from registry.evaluation.expectations.read import read
from registry.evaluation.fields import Fields
from registry.evaluation.judges.reading import JudgeReader
from registry.evaluation.prompt_facts import PromptFacts
from registry.evaluation.records import Case, Expectation, JudgeConfig, Suite
from serve.core.digest import digest
from serve.core.model import Json

MARK = ":testData"  # no path has a colon in it, so no suite file can have such an id
_AS_EXPECTED = '[{name: as expected, string: {equals: "{{expected}}"}}]'


@dataclass(frozen=True, slots=True)
class Inline:
    """What a prompt's file says of its tests.

    Attributes:
        cases: one for each row that the prompt takes, by the row's number from 1; ``expect`` is empty where
            nothing can be asked of it.
        suite: the cases of which something is asked; None where there are none, or an error is among the findings.
        findings: what is wrong with rows and evaluators.
    """

    cases: Mapping[int, Case]
    suite: Suite | None
    findings: tuple[Diagnostic, ...]


def read_inline(catalog: Catalog, prompt: str) -> Inline | None:
    """The test data in a prompt's file, None where there is none (codes SUI005 to SUI012).

    In a file of GitHub's nothing is an error: a row or an evaluator that cannot be used is told and left out.
    """
    source = catalog.prompts.get(prompt)
    if source is None or not (source.test_data or source.evaluators):
        return None
    document = catalog.documents["prompt"][prompt]
    judge, found = _judge(catalog, document, source)
    reader = _Reader(source, document, judge, lenient=prompt in catalog.drifts)
    cases = dict(reader.cases())
    asking = tuple(case for case in cases.values() if case.expect)
    findings = (*reader.findings, *found)
    broken = any(finding.level == "error" for finding in findings)
    name = f"{prompt}{MARK}"
    suite = Suite(name, document.path, prompt, asking, judge=judge) if asking and not broken else None
    return Inline(cases, suite, findings)


def _judge(
    catalog: Catalog, document: Document, source: PromptSource
) -> tuple[JudgeConfig | None, list[Diagnostic]]:
    """The settings' judge, where an evaluator asks one: a prompt's file names none of its own."""
    if not any(it.llm or it.uses for it in source.evaluators):
        return None, []
    reader = JudgeReader(catalog, document, Fields({}, "a suite", (), (), []))
    return reader.config(), reader.findings


class _Reader:
    def __init__(
        self, source: PromptSource, document: Document, judge: JudgeConfig | None, *, lenient: bool
    ) -> None:
        self._source = source
        self._document = document
        self._judge = judge
        self._lenient = lenient
        self._facts = PromptFacts(source)
        self._names: dict[str, int] = {}
        self._asked: list[tuple[int, EvaluatorSource]] = []
        self.findings: list[Diagnostic] = []

    def cases(self) -> Iterator[tuple[int, Case]]:
        """One case for each row that can be used, with the row's number from 1."""
        self._asked = [
            (index, it) for index, it in enumerate(self._source.evaluators) if self._can_run(index, it)
        ]
        self._look_for_idle_keys()
        for index, row in enumerate(self._source.test_data):
            case = self._case(("testData", index), row)
            if case is not None:
                yield index + 1, case

    def _can_run(self, index: int, evaluator: EvaluatorSource) -> bool:
        if not is_known(evaluator):
            message = f"There is no evaluator {evaluator.uses}, so {evaluator.name} is not run."
            hint = "There are github/similarity, relevance, groundedness, coherence and fluency."
            self._find("SUI012", ("evaluators", index), message, hint, "warning")
            return False
        if (evaluator.llm or evaluator.uses) and self._judge is None:
            asks = f"{evaluator.name} ({evaluator.uses or 'llm'})"
            message = f"The evaluator {asks} needs a judge, and there is none; it is not run."
            hint = "Write judge: models/judge in promptyard.yaml, with a model of this registry."
            self._find("SUI012", ("evaluators", index), message, hint, "warning")
            return False
        if evaluator.json_schema == "output" and not self._facts.has_output:
            hint = "Give the prompt an output, or write the schema here."
            steps: Steps = ("evaluators", index, "jsonSchema")
            self._find(
                "SUI007", steps, "The prompt has no output schema, which this evaluator asks for.", hint
            )
            return False
        return True

    def _look_for_idle_keys(self) -> None:
        rows = self._source.test_data
        if not rows:
            hint = "Add rows under testData, or write a suite file."
            self._find(
                "SUI006", ("evaluators",), "Evaluators without testData are never asked.", hint, "warning"
            )
        elif self._lenient and not self._names_expected() and any(EXPECTED in row for row in rows):
            hint = f"Write evaluators: {_AS_EXPECTED}, if the answer must be just that."
            self._find(
                "SUI006",
                ("testData",),
                "No evaluator looks at expected, so nothing asks for it.",
                hint,
            )

    def _case(self, steps: Steps, row: Mapping[str, Json]) -> Case | None:
        inputs = {key: value for key, value in row.items() if key != EXPECTED or key in self._source.inputs}
        refusal = self._facts.refusal(inputs)
        if refusal is not None:
            self._find("SUI010", steps, f"The prompt would refuse this row: {refusal}.", "Correct the row.")
            return None
        before = len(self.findings)
        expect = tuple(self._expectations(steps, row))
        idle = not expect and len(self.findings) == before
        if idle and not self._source.evaluators and not self._lenient:
            hint = "Write what is expected, or evaluators that ask something of every answer."
            self._find("SUI006", steps, "Nothing is asked of this row, so it could not fail.", hint)
        name = self._name(inputs)
        return Case(name, name, inputs, expect, line=self._document.place(*steps).line)

    def _expectations(self, steps: Steps, row: Mapping[str, Json]) -> Iterator[Expectation]:
        for index, evaluator in self._asked:
            try:
                asked = list(entries(evaluator, row))
            except MissingError as missing:
                message = f"The row has no {missing}, which the evaluator {evaluator.name} names."
                self._find("SUI009", steps, message, f"Write {missing} in the row, or correct the evaluator.")
                continue
            yield from self._read(asked, steps if slots(evaluator) else ("evaluators", index))
        if row.get(EXPECTED) is not None and not self._lenient and not self._names_expected():
            yield from self._read(entries_of_expected(row[EXPECTED]), (*steps, EXPECTED))

    def _read(self, asked: Iterable[Json], steps: Steps) -> Iterator[Expectation]:
        for entry in asked:
            expectation, problems = read(entry)
            for problem in problems:
                self._find(problem.code, steps, problem.message, problem.hint)
            if expectation is not None:
                yield expectation

    def _names_expected(self) -> bool:
        asked = self._source.evaluators
        return any(it.uses or EXPECTED in (slot.split(".")[0] for slot in slots(it)) for it in asked)

    def _name(self, inputs: Mapping[str, Json]) -> str:
        """By the digest of its inputs, so that a row put in between renames nothing; a double gets a number."""
        name = f"row-{digest(inputs)[:8]}"
        self._names[name] = self._names.get(name, 0) + 1
        return name if self._names[name] == 1 else f"{name}-{self._names[name]}"

    def _find(self, code: str, steps: Steps, message: str, hint: str, level: Level = "error") -> None:
        place = self._document.place(*steps)
        self.findings.append(Diagnostic(code, "warning" if self._lenient else level, place, message, hint))
