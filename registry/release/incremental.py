"""The findings of a whole registry for the price of what changed since the last time.

What can be said of a file hangs on its bytes and on those of the files that it names. So findings are kept
under the digest of all of them, and only what has no such digest yet is read and checked, a few hundred
files at a time, which bounds the memory too.
It must never differ from checking everything anew, nor trust a file that may have changed.
"""

from __future__ import annotations

import gc
import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from registry.authoring import strays
from registry.authoring.catalog import Catalog, load
from registry.authoring.kinds import kind_of
from registry.authoring.links import Names, closure
from registry.authoring.tree import PartTree, Tree, WholeTree
from registry.diagnostics import Diagnostic, has_errors, in_order
from registry.evaluation.calibration import path_beside
from registry.release.findings import found_in
from registry.release.kept import Kept, KeptFile, KeptUnit
from registry.settings import FILE, Settings
from registry.validation.levels import Judged, judge
from registry.validation.lints import ghp003_implied_model as implied
from registry.validation.lints import grd021_untried_rule as untried
from registry.validation.lints.dup001_duplicate_prompt import Text, doubled, texts_of
from registry.validation.lints.ref002_unused_entry import may_use, unused
from serve.core.digest import sha256

_BATCH = 400
_SMALL_BYTES = 2**16
_NEW_OBJECTS = 100_000  # between two rounds of the collector


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is checked together, a prompt with its suites or any other file; ``files`` is all it hangs on."""

    files: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class _Part:
    """What a batch is taken from: the tree, the paths in it, what it passes over, the day, weights for rules that ask."""

    tree: Tree
    settings: Settings
    among: Collection[str]
    aside: tuple[Diagnostic, ...]
    today: date | None
    weights: Path | None = None


class _HeldTree:
    """A tree that keeps what was read of it, as far as it is small: what was hashed is then what is checked."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._held: dict[str, bytes] = {}
        self.commit, self.committed_at = tree.commit, tree.committed_at
        self.paths, self.stamps = tree.paths, tree.stamps

    def read(self, path: str) -> bytes:
        data = self._held.get(path)
        if data is None:
            data = self._tree.read(path)
            if len(data) <= _SMALL_BYTES:
                self._held[path] = data
        return data


def judged_anew(
    tree: Tree, settings: Settings, kept: Kept, *, today: date | None = None, weights: Path | None = None
) -> Judged:
    """What ``judged`` says of the whole tree, from what was kept as far as it still holds.

    Args:
        tree: the files.
        settings: those of the tree.
        kept: what earlier runs found; it is brought up to date.
        today: the day that dated rules are measured by.
        weights: the folder of weights with which guardrail rules are tried that ask a model.
    """
    with _few_collections():
        return _judged_anew(tree, settings, kept, today, weights)


def _judged_anew(
    tree: Tree, settings: Settings, kept: Kept, today: date | None, weights: Path | None
) -> Judged:
    held = _HeldTree(tree)
    files = _files(held, settings, kept)
    aside = tuple(_passed_over(tree, settings))
    units = _units(files, f"{kept.tool} {today} {sha256(_settings(tree))} {aside}")
    checked = {unit.key: kept.units[unit.key] for unit in units if unit.key in kept.units}
    stale = [unit for unit in units if unit.key not in checked]
    for start in range(0, len(stale), _BATCH):
        part = _Part(held, settings, files.keys(), aside, today, weights)
        checked |= _check(part, stale[start : start + _BATCH])
    faulty = {unit.key for unit in units if _leads_nowhere(checked[unit.key].findings)}
    again = {path for unit in units if unit.key in faulty for path in unit.files}
    kept.paths = files.keys()
    kept.replace(  # a name that leads nowhere today may lead somewhere tomorrow
        {path: file for path, file in files.items() if path not in again},
        {key: unit for key, unit in checked.items() if key not in faulty},
    )
    found = in_order(
        (
            *found_in(load(PartTree(tree, ()), settings), today=today),
            *aside,
            *(finding for unit in checked.values() for finding in unit.findings),
            *unused(files, {path: file.links for path, file in files.items() if may_use(path)}),
            *doubled(text for unit in checked.values() for text in unit.texts),
        )
    )
    return judge(found, tree, settings, today=today)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Python's collector looks for circles whenever so many objects are new, and what is read here has none."""
    usual = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _leads_nowhere(findings: Collection[Diagnostic]) -> bool:
    """True where a name may have been looked up in vain: such a finding hangs on what is yet to come, files or weights."""
    return has_errors(findings) or any(f.code in (implied.CODE, untried.CODE) for f in findings)


def _passed_over(tree: Tree, settings: Settings) -> Iterable[Diagnostic]:
    found = tree.passed_over(settings.content) if isinstance(tree, WholeTree) else ()
    return strays.passed_over(found)


def _files(tree: Tree, settings: Settings, kept: Kept) -> dict[str, KeptFile]:
    stamps = tree.stamps(settings.content)
    names: Names | None = None
    grown = {posixpath.dirname(path) for path in stamps if path not in kept.files}
    found: dict[str, KeptFile] = {}
    for path, stamp in stamps.items():
        known = kept.files.get(path)
        if known is None or known.stamp != stamp or (grown and _may_hold(grown, known.links)):
            data = tree.read(path)
            names = names or Names(settings.content, stamps)
            known = KeptFile(stamp, sha256(data), names.linked(path, data))
        found[path] = known
    return found


def _may_hold(grown: Collection[str], links: Iterable[str]) -> bool:
    """True when a folder of files that are linked, such as weights, has more of them now."""
    folders = {posixpath.dirname(link) for link in links if kind_of(link) is None}
    return any(f"{new}/".startswith(f"{folder}/") for folder in folders for new in grown)


def _settings(tree: Tree) -> bytes:
    try:
        return tree.read(FILE)
    except FileNotFoundError:
        return b""


def _units(files: Mapping[str, KeptFile], about: str) -> list[_Unit]:
    """All units: each prompt with its suites, and each other file."""
    links: dict[str, Sequence[str]] = {path: file.links for path, file in files.items()}
    alike: dict[tuple[str, str], tuple[str, ...]] = {}
    tested: set[str] = set()
    for path, file in files.items():
        kind = kind_of(path)
        if kind is None:
            continue
        same = kind.name, kind.stem(path)
        alike[same] = (*alike.get(same, ()), path)
        if kind.name in ("suite", "prompt"):
            labels = path_beside(path)  # nothing in the suite need name them
            links[path] = (*links[path], *((labels,) if labels in files else ()))
        if kind.name == "suite":
            for prompt in [other for other in file.links if other in files and _is_prompt(other)]:
                tested.add(path)
                links[prompt] = (*links[prompt], path)
    for paths in alike.values():
        for path in paths if len(paths) > 1 else ():
            links[path] = (*links[path], *paths)
    return [_unit(closure(path, links), files, about) for path in files if path not in tested]


def _unit(hung_on: tuple[str, ...], files: Mapping[str, KeptFile], about: str) -> _Unit:
    lines = (f"{path} {files[path].sha256 if path in files else 'absent'}" for path in hung_on)
    return _Unit(hung_on, sha256("\n".join((about, *lines)).encode()))


def _is_prompt(path: str) -> bool:
    kind = kind_of(path)
    return kind is not None and kind.name == "prompt"


def _check(whole: _Part, batch: Sequence[_Unit]) -> dict[str, KeptUnit]:
    """What is to be kept of each unit, by its key. Few have findings, so they are looked at together first."""
    there = {path for unit in batch for path in unit.files if path in whole.among}
    part = load(PartTree(whole.tree, there, whole.among), whole.settings)
    part = replace(part, problems=(*part.problems, *whole.aside))  # a reference to one of these is told there
    touched = {finding.place.path for finding in found_in(part, today=whole.today, weights=whole.weights)}
    texts: dict[str, list[Text]] = defaultdict(list)
    for text in texts_of(part):
        texts[text.place.path].append(text)
    return {
        unit.key: KeptUnit(
            () if touched.isdisjoint(unit.files) else _alone(part, unit, whole),
            tuple(text for path in unit.files for text in texts.get(path, ())),
        )
        for unit in batch
    }


def _alone(part: Catalog, unit: _Unit, whole: _Part) -> tuple[Diagnostic, ...]:
    narrowed = _narrowed(part, [path for path in unit.files if path in whole.among])
    narrowed = replace(narrowed, problems=(*narrowed.problems, *whole.aside))
    found = found_in(narrowed, today=whole.today, weights=whole.weights)
    return tuple(finding for finding in found if finding.place.path in unit.files)


def _narrowed(catalog: Catalog, paths: Collection[str]) -> Catalog:
    """A catalog with the documents at these paths alone."""
    documents = {
        kind: {
            name: document
            for name, document in by_id.items()
            if document.path in paths or (kind == "model" and name in catalog.implied)
        }
        for kind, by_id in catalog.documents.items()
    }
    sources = {
        kind: {name: source for name, source in by_id.items() if name in documents[kind]}
        for kind, by_id in catalog.sources.items()
    }
    problems = tuple(problem for problem in catalog.problems if problem.place.path in paths)
    tree = PartTree(catalog.tree, paths, catalog.files)
    return replace(catalog, tree=tree, documents=documents, sources=sources, problems=problems)
