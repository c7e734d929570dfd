"""``pytest prompts/``: every suite is collected, every case is an item, the models are asked once.

The first item that runs has the whole selection answered in one go; items then only assert. A case that
fails in a suite whose gate is green is an expected failure, so that pytest and ``promptyard test`` agree.
Loaded by every pytest run, so it must never import anything heavy before it meets a suite.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from registry.evaluation.records import Case, Sample, Suite
    from registry.evaluation.session import Address, Session, Wishes

SUFFIX = ".suite.yaml"
_PROMPTS = (".prompt.yaml", ".prompt.yml")
_CASES = b"testData"
_SETTINGS = "promptyard.yaml"
_SESSIONS: pytest.StashKey[dict[Path, Session]] = pytest.StashKey()
_MARKERS = (
    "prompt(id): a case of that prompt, as in -m \"prompt(id='support/triage')\"",
    "tag(name): a case with that tag, as in -m \"tag(name='billing')\"",
    "required: a case that must pass whatever the gate tolerates",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The device, the profile, and whether cached answers count."""
    group = parser.getgroup("promptyard", "prompt suites (*.suite.yaml)")
    group.addoption(
        "--promptyard-device", default="auto", choices=["auto", "cpu", "cuda"], help="where models run"
    )
    group.addoption("--promptyard-profile", choices=["cpu-f32", "fast"], help="compute profile")
    group.addoption("--promptyard-no-cache", action="store_true", help="ask every model anew")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known, so that --strict-markers takes them."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect suites below the content folder of a registry, and prompts with test data; others are somebody's data."""
    if not file_path.name.endswith(SUFFIX) and not _may_hold_cases(file_path):
        return None
    root = next((folder for folder in file_path.parents if (folder / _SETTINGS).is_file()), None)
    if root is None:
        return None
    from registry.evaluation.session import Session

    sessions = parent.config.stash.setdefault(_SESSIONS, {})
    if root not in sessions:
        sessions[root] = Session(root, _wishes(parent.config))
    if not sessions[root].holds(file_path):
        return None
    file: SuiteFile = SuiteFile.from_parent(parent, path=file_path)
    file.held = sessions[root]
    return file


def _may_hold_cases(path: Path) -> bool:
    return path.name.endswith(_PROMPTS) and _CASES in path.read_bytes()


def _wishes(config: pytest.Config) -> Wishes:
    from registry.evaluation.arms import EngineOptions
    from registry.evaluation.session import Wishes

    option = config.getoption
    return Wishes(
        EngineOptions(option("--promptyard-device"), option("--promptyard-profile")),
        cached=not option("--promptyard-no-cache"),
        shared=_shared(config),
        top=config.rootpath,
    )


def _shared(config: pytest.Config) -> Path | None:
    """A folder of this run alone that pytest-xdist's processes have in common; None where there is one process."""
    worker = getattr(config, "workerinput", None)
    if worker is None:
        return None
    base = config.getoption("basetemp", None)
    return Path(base).parent if base else Path(tempfile.gettempdir()) / f"promptyard-{worker['testrunuid']}"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Only what was selected is asked."""
    for item in session.items:
        if isinstance(item, CaseItem):
            item.held.wanted.add(item.address)


class SuiteFile(pytest.File):
    """One suite."""

    held: Session

    def collect(self) -> Iterable[pytest.Item]:
        """One item for each case."""
        suite = self._suite()
        if suite is None:
            return
        for case in suite.cases:
            item: CaseItem = CaseItem.from_parent(self, name=case.id)
            item.begin(self.held, suite, case)
            yield item

    def _suite(self) -> Suite | None:
        """The suite of the file; None for a prompt of which no row asks anything."""
        from registry.errors import PromptyardError

        try:
            found = self.held.suite_at(self.path)
        except PromptyardError as error:
            raise self.CollectError(str(error)) from error
        wrong = self.held.findings(self.path) if found is None else None
        if wrong is None and found is None and self.path.name.endswith(SUFFIX):
            wrong = f"{self.path.name} could not be read; promptyard lint says why."
        if wrong is not None:
            raise self.CollectError(wrong)
        return found


class CaseItem(pytest.Item):
    """One case: passes when every sample of it passes, or when its suite is good enough without it."""

    held: Session
    address: Address
    line: int

    def begin(self, held: Session, suite: Suite, case: Case) -> None:
        """Take in which case this is, and what it can be selected by."""
        self.held, self.address, self.line = held, (suite.id, case.id), case.line
        self.add_marker(pytest.mark.prompt(id=suite.prompt))
        for tag in case.tags:
            self.add_marker(pytest.mark.tag(name=tag))
        if case.required:
            self.add_marker(pytest.mark.required)
        self.extra_keyword_matches.update((suite.prompt, *case.tags))

    def runtest(self) -> None:
        """Assert what was answered."""
        samples = self.held.samples(self.address)
        if samples and all(sample.status == "pass" for sample in samples):
            return
        failure = CaseFailed(samples)
        if self.held.tolerates(self.address):
            pytest.xfail(f"the suite's gate is green all the same\n{failure.told()}")
        raise failure

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """The checks that did not hold, and the answer."""
        if isinstance(excinfo.value, CaseFailed):
            return excinfo.value.told()
        from serve.core.errors import PromptyardError

        if isinstance(excinfo.value, PromptyardError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands."""
        return self.path, self.line - 1, f"case {self.name}"


class CaseFailed(AssertionError):
    """A case with at least one sample that did not pass."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        super().__init__(samples)
        self.samples = samples

    def told(self) -> str:
        """One paragraph for each sample that did not pass."""
        if not self.samples:
            return "The case was not answered."
        return "\n".join(self._sample(sample) for sample in self.samples if sample.status != "pass")

    def _sample(self, sample: Sample) -> str:
        from registry.evaluation.report import visible

        lead = f"sample {sample.index + 1} of {len(self.samples)}: {sample.status}"
        if sample.completion.error is not None:
            return f"{lead}\n  {sample.completion.error}"
        bad = [
            f"  {check.type}: {check.reason}" for check in sample.checks if check.status in ("fail", "error")
        ]
        answer = "\n".join(visible(line) for line in sample.completion.text.split("\n"))
        return "\n".join([lead, *bad, f"  answer: {answer}"])
