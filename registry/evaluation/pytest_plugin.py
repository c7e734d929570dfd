"""``pytest prompts/``: every suite is collected, every case is an item, the models are asked once.

The first item that runs has the whole selection answered in one go; items then only assert. A case that
fails in a suite whose gate is green is an expected failure, so that pytest and ``promptyard test`` agree.
Loaded by every pytest run, so it must never import anything heavy before it meets a suite.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from registry.diagnostics import Diagnostic
    from registry.evaluation.arms import Arm
    from registry.evaluation.records import Sample, Suite
    from registry.settings import Settings

SUFFIX = ".suite.yaml"
_PROMPTS = (".prompt.yaml", ".prompt.yml")
_CASES = b"testData"
_SETTINGS = "promptyard.yaml"
_STATE: pytest.StashKey[dict[Path, _Registry]] = pytest.StashKey()
_Address = tuple[str, str]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The device, the profile, and whether cached answers count."""
    group = parser.getgroup("promptyard", "prompt suites (*.suite.yaml)")
    group.addoption(
        "--promptyard-device", default="auto", choices=["auto", "cpu", "cuda"], help="where models run"
    )
    group.addoption("--promptyard-profile", choices=["cpu-f32", "fast"], help="compute profile")
    group.addoption("--promptyard-no-cache", action="store_true", help="ask every model anew")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect suites below the content folder of a registry, and prompts with test data; others are somebody's data."""
    if not file_path.name.endswith(SUFFIX) and not _may_hold_cases(file_path):
        return None
    root = next((folder for folder in file_path.parents if (folder / _SETTINGS).is_file()), None)
    if root is None:
        return None
    registries = parent.config.stash.setdefault(_STATE, {})
    registry = registries.setdefault(root, _Registry(root, parent.config))
    if not registry.holds(file_path):
        return None
    file: SuiteFile = SuiteFile.from_parent(parent, path=file_path)
    file.registry = registry
    return file


def _may_hold_cases(path: Path) -> bool:
    return path.name.endswith(_PROMPTS) and _CASES in path.read_bytes()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Only what was selected is asked."""
    for item in session.items:
        if isinstance(item, CaseItem):
            item.registry.wanted.add(item.address)


class SuiteFile(pytest.File):
    """One suite."""

    registry: _Registry

    def collect(self) -> Iterable[pytest.Item]:
        """One item for each case."""
        suite = self.registry.suite_at(self.path)
        if suite is None:
            return
        for case in suite.cases:
            item: CaseItem = CaseItem.from_parent(self, name=case.id)
            item.registry = self.registry
            item.address = (suite.id, case.id)
            yield item


class CaseItem(pytest.Item):
    """One case: passes when every sample of it passes, or when its suite is good enough without it."""

    registry: _Registry
    address: _Address

    def runtest(self) -> None:
        """Assert what was answered."""
        samples = self.registry.samples(self.address)
        if samples and all(sample.status == "pass" for sample in samples):
            return
        failure = CaseFailed(samples)
        if self.registry.tolerates(self.address):
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
        return self.path, None, f"case {self.name}"


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
        lead = f"sample {sample.index + 1} of {len(self.samples)}: {sample.status}"
        if sample.completion.error is not None:
            return f"{lead}\n  {sample.completion.error}"
        bad = [
            f"  {check.type}: {check.reason}" for check in sample.checks if check.status in ("fail", "error")
        ]
        return "\n".join([lead, *bad, f"  answer: {sample.completion.text}"])


class _Registry:
    """One registry in a pytest run: read once, asked once."""

    def __init__(self, root: Path, config: pytest.Config) -> None:
        self._root = root
        self._config = config
        self._head: Arm | None = None
        self._samples: dict[_Address, list[Sample]] | None = None
        self._problems: tuple[Diagnostic, ...] = ()
        self._trouble: Exception | None = None
        self.wanted: set[_Address] = set()

    def holds(self, path: Path) -> bool:
        """True when a file lies in the content folder; also when the settings cannot be read, which is told later."""
        from registry.errors import PromptyardError

        try:
            content = self._settings().content
        except PromptyardError:
            return True
        return path.is_relative_to(self._root / content)

    def suite_at(self, path: Path) -> Suite | None:
        """The suite that a file holds; None for a prompt of which no row asks anything.

        Raises CollectError with the findings when there should be one.
        """
        from serve.core.errors import PromptyardError

        try:
            head = self._arm()
        except PromptyardError as error:
            raise pytest.Collector.CollectError(str(error)) from error
        relative = path.relative_to(self._root)
        found = next((s for s in head.suites.values() if s.path == relative.as_posix()), None)
        if found is None and (path.name.endswith(SUFFIX) or self._has_errors(relative.as_posix())):
            raise pytest.Collector.CollectError(self._findings(relative.as_posix()))
        return found

    def samples(self, address: _Address) -> Sequence[Sample]:
        """The judged samples of one case."""
        if self._trouble is not None:
            raise self._trouble
        if self._samples is None:
            from serve.core.errors import PromptyardError

            try:
                self._samples = self._ask()
            except PromptyardError as trouble:
                self._trouble = trouble
                raise
        return self._samples.get(address, [])

    def tolerates(self, address: _Address) -> bool:
        """True when the whole suite was asked and its gate lets it through in spite of this case."""
        from registry.evaluation.gate import absolute

        suite = self._arm().suites[address[0]]
        everything = {(suite.id, case.id) for case in suite.cases}
        if not everything <= self.wanted:
            return False
        samples = [sample for place in everything for sample in self.samples(place)]
        return absolute(suite, samples).exit_code == 0

    def _settings(self) -> Settings:
        from registry.authoring.settings_file import load_settings
        from registry.authoring.tree import FolderTree

        return load_settings(FolderTree(self._root))

    def _arm(self) -> Arm:
        if self._head is None:
            from registry.authoring.catalog import load
            from registry.authoring.tree import FolderTree
            from registry.evaluation.arms import build
            from registry.evaluation.suite import read_suites

            catalog = load(FolderTree(self._root), self._settings())
            suites, problems = read_suites(catalog)
            self._problems = (*catalog.problems, *problems)
            self._head = build("head", catalog, suites)
        return self._head

    def _has_errors(self, path: str) -> bool:
        return any(p.place.path == path and p.level == "error" for p in self._problems)

    def _findings(self, path: str) -> str:
        mine = [p for p in self._problems if p.place.path == path] or list(self._problems)
        told = [f"{p.place}: {p.level} {p.code} {p.message} {p.hint}" for p in mine]
        return "\n".join(told) or f"{path} is not below the registry's content folder."

    def _ask(self) -> dict[_Address, list[Sample]]:
        from registry.evaluation.arms import EngineOptions, Engines
        from registry.evaluation.cache import ResponseCache
        from registry.evaluation.plan import plan
        from registry.evaluation.runner import run

        option = self._config.getoption
        options = EngineOptions(option("--promptyard-device"), option("--promptyard-profile"))
        cache = self._root / ".promptyard" / "cache"
        engines = Engines(cache / "weights", options)
        head = self._arm()
        suites = [
            replace(suite, cases=tuple(c for c in suite.cases if (suite.id, c.id) in self.wanted))
            for suite in head.suites.values()
        ]
        found: dict[_Address, list[Sample]] = defaultdict(list)
        try:
            kept = None if option("--promptyard-no-cache") else ResponseCache(cache / "responses")
            for sample in run(plan([s for s in suites if s.cases], [head], engines), cache=kept):
                found[sample.suite, sample.case].append(sample)
        finally:
            engines.close()
        return found
