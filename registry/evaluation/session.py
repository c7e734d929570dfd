"""One registry in a test session: read once, asked once, whatever number of processes share the session.

The first process that needs an answer has the whole selection answered and writes the samples down; the others wait
at a lock and read them, so no model is loaded twice and all see the same answers.
It must never ask what was not selected.
"""

from __future__ import annotations

import fcntl
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from registry.authoring.catalog import load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.diagnostics import Diagnostic
from registry.errors import PromptyardError
from registry.evaluation.arms import Arm, EngineOptions, Engines, build
from registry.evaluation.asking import WEIGHTS
from registry.evaluation.expectations.functions import functions_named, require_own
from registry.evaluation.gate import absolute
from registry.evaluation.plan import plan
from registry.evaluation.record import Record, read_record
from registry.evaluation.records import Sample, Suite
from registry.evaluation.runner import run
from registry.evaluation.shared_cache import cache_of
from registry.evaluation.suite import read_suites
from registry.settings import Settings
from serve.core.digest import digest

Address = tuple[str, str]
Samples = dict[Address, list[Sample]]
_WHOLE = '{"kind":"whole"}'
_TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a session asks: on which device, whether cached answers count, and what it shares with whom.

    ``shared`` is a folder that the session's processes have in common, None where there is one process.
    ``top`` is the folder whose tests may define expectations beside the registry's own.
    """

    options: EngineOptions
    cached: bool = True
    shared: Path | None = None
    top: Path | None = None


class Session:
    """The suites of one registry, and the answers to what was selected of them."""

    def __init__(self, root: Path, wishes: Wishes) -> None:
        self._root = root
        self._wishes = wishes
        self._head: Arm | None = None
        self._problems: tuple[Diagnostic, ...] = ()
        self._found: Samples | None = None
        self._trouble: PromptyardError | None = None
        self._tolerated: dict[str, bool] = {}
        self.wanted: set[Address] = set()

    def holds(self, path: Path) -> bool:
        """True when a file lies in the content folder; also when the settings cannot be read, which is told later."""
        try:
            return path.is_relative_to(self._root / self._settings.content)
        except PromptyardError:
            return True

    def suite_at(self, path: Path) -> Suite | None:
        """The suite that a file holds, None where there is none.

        Raises:
            PromptyardError: for a registry that cannot be resolved; EVL021, EVL022 for functions of its tests.
        """
        relative = path.relative_to(self._root).as_posix()
        found = next((suite for suite in self._arm().suites.values() if suite.path == relative), None)
        if found is not None and functions_named(found):
            require_own(functions_named(found), self._tests())
        return found

    def findings(self, path: Path) -> str | None:
        """What is wrong with a file, line by line; None where nothing is an error."""
        relative = path.relative_to(self._root).as_posix()
        mine = [it for it in self._problems if it.place.path == relative]
        if not any(it.level == "error" for it in mine):
            return None
        return "\n".join(f"{it.place}: {it.level} {it.code} {it.message} {it.hint}" for it in mine)

    def samples(self, address: Address) -> Sequence[Sample]:
        """The judged samples of one case.

        Raises:
            PromptyardError: when a model cannot be used, the same for every case.
        """
        if self._trouble is not None:
            raise self._trouble
        if self._found is None:
            try:
                self._found = _by_case(self._together())
            except PromptyardError as trouble:
                self._trouble = trouble
                raise
        return self._found.get(address, [])

    def tolerates(self, address: Address) -> bool:
        """True when the whole suite was asked and its gate lets it through in spite of this case."""
        name = address[0]
        if name not in self._tolerated:
            suite = self._arm().suites[name]
            places = [(name, case.id) for case in suite.cases]
            held = [sample for place in places for sample in self.samples(place)]
            self._tolerated[name] = self.wanted.issuperset(places) and absolute(suite, held).exit_code == 0
        return self._tolerated[name]

    @cached_property
    def _settings(self) -> Settings:
        return load_settings(FolderTree(self._root))

    def _arm(self) -> Arm:
        if self._head is None:
            catalog = load(FolderTree(self._root), self._settings)
            suites, problems = read_suites(catalog)
            self._problems = (*catalog.problems, *problems)
            self._head = build("head", catalog, suites, weights=self._root / WEIGHTS)
        return self._head

    def _tests(self) -> list[Path]:
        """Where functions may come from: the tests of the registry, and those of the repository around it."""
        top = self._wishes.top
        around = [top] if top is not None and self._root.is_relative_to(top) else []
        return list(dict.fromkeys([self._root, *around]))

    def _together(self) -> Iterable[Sample]:
        if self._wishes.shared is None:
            return self._ask(None)
        self._wishes.shared.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = self._wishes.shared / f"promptyard-{digest(str(self._root))[:16]}.jsonl"
        with _locked(place.with_suffix(".lock")):
            state = _state(place)
            if isinstance(state, PromptyardError):
                raise state
            return list(read_record(place)) if state == "whole" else self._written(place)

    def _written(self, place: Path) -> Iterable[Sample]:
        with Record(place) as record:
            try:
                samples = self._ask(record)
            except PromptyardError as error:
                told = [type(error).__name__, error.code, error.what, error.next_step]
                record.append(json.dumps({"kind": _TROUBLE, "told": told}))
                raise
            record.append(_WHOLE)
        return samples

    def _ask(self, record: Record | None) -> Sequence[Sample]:
        wishes, head = self._wishes, self._arm()
        place = self._root / ".promptyard" / "cache"
        engines = Engines(place / "weights", wishes.options, settings=head.catalog.settings)
        cache = cache_of(place, self._settings) if wishes.cached else None
        narrowed = [
            replace(suite, cases=tuple(c for c in suite.cases if (suite.id, c.id) in self.wanted))
            for suite in head.suites.values()
        ]
        try:
            items = plan([suite for suite in narrowed if suite.cases], [head], engines)
            return run(items, cache=cache, record=record)
        finally:
            engines.close()
            if cache is not None:
                cache.close()


def _by_case(samples: Iterable[Sample]) -> Samples:
    """The samples of each case by index; of doubles the last counts, for a process may have gone on for another."""
    latest = {(sample.suite, sample.case, sample.index): sample for sample in samples}
    found: Samples = defaultdict(list)
    for (suite, case, _), sample in sorted(latest.items(), key=lambda pair: pair[0]):
        found[suite, case].append(sample)
    return found


def _state(place: Path) -> str | PromptyardError:
    """What the process before has left: "whole", the trouble that it met, or nothing that counts."""
    last = place.read_bytes().splitlines()[-1:] if place.is_file() else []
    if last and last[0].decode("utf-8", "replace") == _WHOLE:
        return "whole"
    if last and last[0].startswith(b'{"kind": "trouble"'):
        _, code, what, then = json.loads(last[0])["told"]
        return PromptyardError(code, what, then)
    return ""


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Alone among the session's processes; a process that dies lets go."""
    with place.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
