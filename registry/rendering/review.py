"""A change as a reviewer wants it: what changed and why, what the model reads, what a call costs.

A prompt that cannot be resolved is told and left out; the rest of the review stands.
It must never decide whether a change is good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from registry.authoring.catalog import Catalog
from registry.authoring.kinds import kind_of
from registry.diagnostics import Diagnostic, Place
from registry.errors import NotClean
from registry.rendering.changes import KINDS, Change, compare, entries
from registry.rendering.costs import CostChange, Counters, cost_changes
from registry.rendering.readings import Case, Reading, read
from registry.rendering.renames import with_renames
from registry.rendering.resolve import resolve
from serve.core.compile import compile_bundle
from serve.core.guard.checks.asked import LATER
from serve.core.live import Live
from serve.core.model import Bundle


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One change, and for a prompt what it means: how it reads (None for an added or removed one), what it costs."""

    change: Change
    reading: Reading | None = None
    costs: tuple[CostChange, ...] = ()

    @property
    def jumps(self) -> bool:
        """True when a call costs a quarter more than it did."""
        return any(cost.jumps for cost in self.costs)


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that changes between two revisions; ``problems`` are of files that had to be left out."""

    base: str
    head: str
    entries: tuple[Reviewed, ...]
    problems: tuple[Diagnostic, ...] = ()

    @property
    def prompts(self) -> tuple[Reviewed, ...]:
        """The prompts among the changes."""
        return tuple(entry for entry in self.entries if entry.change.kind == "prompt")


class Comparison:
    """Two catalogs resolved and compared; rendered only when asked for."""

    def __init__(self, before: Catalog, after: Catalog) -> None:
        self._old, first = _resolved(before)
        self._new, second = _resolved(after)
        problems = [*after.problems, *second, *before.problems, *first]
        self.problems = tuple({(each.place.path, each.code): each for each in reversed(problems)}.values())[
            ::-1
        ]
        lost = {
            *_lost(before, self._old, (*before.problems, *first)),
            *_lost(after, self._new, (*after.problems, *second)),
        }
        found = compare(self._old, self._new, (before.prompts, after.prompts))
        kept = [change for change in found if (change.kind, change.id) not in lost]
        self.changes = with_renames(kept, self._old, self._new)

    def review(self, cases: Mapping[str, Sequence[Case]], counters: Counters = (None, None)) -> Review:
        """The review, with the cases of each prompt by its newer id.

        ``counters`` count the tokens of a side exactly where its model's tokenizer is at hand.
        """
        both = (self._old, self._new)
        old, new = (compile_bundle(each, sha256="", warm=False, models=LATER) for each in both)
        reviewed = (
            _reviewed(change, old, new, cases.get(change.id, ()), counters) for change in self.changes
        )
        return Review(self._old.manifest.commit, self._new.manifest.commit, tuple(reviewed), self.problems)


def _reviewed(change: Change, old: Live, new: Live, cases: Sequence[Case], counters: Counters) -> Reviewed:
    if change.kind != "prompt" or change.what == "removed":
        return Reviewed(change)
    was = change.was or change.id
    if change.what == "added":
        return Reviewed(change, None, cost_changes(None, new, was, change.id, cases, counters))
    reading = read(old, new, was, change.id, cases)
    return Reviewed(change, reading, cost_changes(old, new, was, change.id, cases, counters))


def _resolved(catalog: Catalog) -> tuple[Bundle, tuple[Diagnostic, ...]]:
    """The bundle of what resolves, and a finding for each prompt that does not."""
    try:
        return resolve(catalog), ()
    except NotClean:
        problems = dict(_unresolved(catalog))
    whole = {name: source for name, source in catalog.prompts.items() if name not in problems}
    return resolve(_only(catalog, whole)), tuple(problems.values())


def _unresolved(catalog: Catalog) -> Iterator[tuple[str, Diagnostic]]:
    for name, source in catalog.prompts.items():
        try:
            resolve(_only(catalog, {name: source}))
        except NotClean as error:
            place = Place(catalog.documents["prompt"][name].path)
            yield name, Diagnostic(error.code, "error", place, f"{error.what}.", error.next_step)


def _only(catalog: Catalog, prompts: Mapping[str, object]) -> Catalog:
    return replace(catalog, sources={**catalog.sources, "prompt": prompts})


def _lost(catalog: Catalog, bundle: Bundle, problems: Iterable[Diagnostic]) -> Iterator[tuple[str, str]]:
    """Kind and id of what lies on a side and could not be read there: it is neither there nor gone."""
    for each in problems:
        kind, path = kind_of(each.place.path), each.place.path
        if each.level == "error" and kind is not None and kind.name in KINDS:
            name = kind.stem(path.removeprefix(f"{catalog.settings.content}/"))
            if name not in entries(bundle, kind.name):
                yield kind.name, name
