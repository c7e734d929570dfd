"""The keys ``judge`` and ``classifier`` of a suite, or the settings' judge in its place, and the labels beside it.

It must never take a label that it cannot read for none: a broken line is a finding with its place.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace

from registry.authoring.catalog import Catalog
from registry.authoring.parse import Document
from registry.diagnostics import Diagnostic, Place
from registry.evaluation.calibration import SUFFIX, agreed, path_beside, read_labels
from registry.evaluation.dataset import RowError
from registry.evaluation.expectations.judged import PAIRWISE, is_judged, missing_input
from registry.evaluation.expectations.read import read
from registry.evaluation.expectations.table import leaves
from registry.evaluation.fields import Fields
from registry.evaluation.problem import Problem, did_you_mean
from registry.evaluation.records import Expectation, JudgeConfig, Suite
from serve.core.model import Json

JUDGE_KEYS = ("model", "votes", "calibration", "prompt", "digest", "minKappa")
MOST_VOTES = 9
_HEX = frozenset("0123456789abcdef")


class JudgeReader:
    """Reads the judge of one suite; what is wrong inside of a calibration file gathers in ``findings``."""

    def __init__(self, catalog: Catalog, document: Document, suite: Fields) -> None:
        self._catalog = catalog
        self._document = document
        self._suite = suite
        self.findings: list[Diagnostic] = []

    def config(self) -> JudgeConfig | None:
        """The judge with its labels; None where neither the suite nor the settings name one."""
        written = self._suite.data.get("judge")
        if written is None:
            own = self._catalog.settings.judge
            if own is None:
                return None
            # Looked up when it is asked: a part of a registry that is linted alone need not hold the settings' models.
            made = JudgeConfig(own.model, own.votes, own.prompt, own.digest, own.min_kappa)
            return self._labelled(made, None)
        data = {"model": written} if isinstance(written, str) else written
        fields = Fields(data, "the judge", JUDGE_KEYS, ("judge",), self._suite.problems)
        if not isinstance(data, dict):
            return None
        made = JudgeConfig(
            model=fields.text("model") or "",
            votes=self._votes(fields),
            prompt=fields.text("prompt"),
            pinned=self._digest(fields),
            min_kappa=fields.share("minKappa") or JudgeConfig("").min_kappa,
        )
        if not made.model:
            fields.complain("The judge names no model.", "Write model: models/judge.")
            return None
        self._look_up(made, fields)
        return self._labelled(made, fields)

    def _votes(self, fields: Fields) -> int:
        votes = fields.whole("votes", 1, 1, MOST_VOTES)
        if votes % 2 == 0:
            fields.complain("votes must be odd, so that there is a majority.", "Write votes: 3.", "votes")
        return votes

    def _digest(self, fields: Fields) -> str | None:
        digest = fields.text("digest")
        if digest is not None and (not set(digest) <= _HEX or not 8 <= len(digest) <= 64):
            hint = "Copy it from the line judge of a test run, and quote it."
            fields.complain("digest must be 8 to 64 hexadecimal digits.", hint, "digest")
        return digest

    def _look_up(self, made: JudgeConfig, fields: Fields) -> None:
        for kind, key, name in (("model", "model", made.model), ("prompt", "prompt", made.prompt)):
            if name is not None and name not in self._catalog.documents[kind]:
                steps = (key,) if key in fields.data else ()
                hint = did_you_mean(name, self._catalog.ids(kind))
                fields.complain(
                    f"The judge asks for a {kind} {name}, which is not there.", hint, *steps, code="SUI003"
                )

    def _labelled(self, made: JudgeConfig, fields: Fields | None) -> JudgeConfig:
        named = fields.text("calibration") if fields is not None else None
        path = path_beside(self._document.path)
        if named is not None:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self._document.path), named))
            if fields is not None and (not path.endswith(SUFFIX) or path.startswith("..")):
                fields.complain(
                    f"calibration must name a file *{SUFFIX}.",
                    "Write its path from the suite.",
                    "calibration",
                )
                return made
        try:
            data = self._catalog.tree.read(path)
        except FileNotFoundError:
            if named is not None and fields is not None:
                hint = "Collect labels with promptyard annotate, or leave the key out."
                fields.complain(f"There is no file {path}.", hint, "calibration", code="SUI008")
            return made
        labels = []
        try:
            for line, label in read_labels(path, data):
                labels.append(label)
                self.findings += self._of_label(path, line, dict(label.expect))
        except RowError as error:
            self._find(path, error.line, f"{error.problem[0].upper()}{error.problem[1:]}.")
        found, split = agreed(labels)
        return replace(made, labels=found, split=split)

    def _of_label(self, path: str, line: int, entry: object) -> Iterator[Diagnostic]:
        expectation, problems = read(entry)
        for problem in problems:
            yield Diagnostic(problem.code, "error", Place(path, line), problem.message, problem.hint)
        if expectation is not None and (not is_judged(expectation) or expectation.type == PAIRWISE):
            hint = 'Labels are about checks that a judge answers, such as {"llm-rubric": "Says when."}.'
            message = f"No judge is asked for {expectation.type} about one answer."
            yield Diagnostic("SUI008", "error", Place(path, line), message, hint)

    def _find(self, path: str, line: int, message: str) -> None:
        hint = "Mend the line; docs/judges.md has the keys."
        self.findings.append(Diagnostic("SUI008", "error", Place(path, line), message, hint))


def judge_problems(suite: Suite, catalog: Catalog) -> Iterator[Problem]:
    """What is wrong with the checks of a suite that ask a judge; each kind of trouble is told once, of the first case."""
    told: set[str] = set()
    for case in suite.cases:
        for expectation in leaves(case.expect):
            problem = _trouble(suite, case.inputs, expectation, catalog) if is_judged(expectation) else None
            if problem is not None and problem.message not in told:
                told.add(problem.message)
                yield replace(problem, message=f"Case {case.id}: {problem.message}")


def _trouble(
    suite: Suite, inputs: Mapping[str, Json], expectation: Expectation, catalog: Catalog
) -> Problem | None:
    if expectation.judge is not None and expectation.judge not in catalog.documents["model"]:
        hint = did_you_mean(expectation.judge, catalog.ids("model"))
        return Problem(
            "SUI003", (), f"the judge {expectation.judge} of {expectation.type} is no model.", hint
        )
    if expectation.judge is None and suite.judge is None:
        hint = "Write judge: models/judge in the suite, or in promptyard.yaml for all suites."
        return Problem("SUI007", (), f"{expectation.type} needs a judge, and the suite names none.", hint)
    lacks = missing_input(expectation, inputs)
    if lacks is not None:
        return Problem("SUI007", (), f"{expectation.type} {lacks}.", "Correct the value, or the inputs.")
    return None


def read_labels_of(outer: Fields) -> Mapping[str, tuple[str, ...]]:
    """The examples of each label that ``classifier`` knows; none where the suite has no such key."""
    if "classifier" not in outer.data:
        return {}
    fields = Fields(outer.data["classifier"], "the classifier", ("labels",), ("classifier",), outer.problems)
    found: dict[str, tuple[str, ...]] = {}
    for name, examples in fields.mapping("labels").items():
        if (
            isinstance(examples, list)
            and examples
            and all(isinstance(each, str) and each.strip() for each in examples)
        ):
            found[name] = tuple(examples)
        else:
            fields.complain("A label needs examples.", f"Write {name}: [a text, another].", "labels", name)
    if len(found) < 2 and not outer.problems:
        fields.complain(
            "A classifier needs two labels at least.", "Write labels: {polite: [..], rude: [..]}."
        )
    return found


def label_problems(suite: Suite) -> Iterator[Problem]:
    """What is wrong with the checks of a suite that ask for a label."""
    asked = dict.fromkeys(
        each.value for case in suite.cases for each in leaves(case.expect) if each.type == "classifier"
    )
    for label in asked:
        if not suite.labels:
            hint = "Write classifier: {labels: {polite: [..], rude: [..]}} in the suite."
            yield Problem("SUI007", (), "classifier needs labels, and the suite gives none.", hint)
            return
        if label not in suite.labels:
            yield Problem(
                "SUI007", (), f"The classifier has no label {label}.", did_you_mean(label, suite.labels)
            )
