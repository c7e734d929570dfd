"""The catalog of a working copy, brought up to date by what changed.

Reading a file again is the dearest part of a save, and a save changes one.
It must never give another catalog than reading everything anew would.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from registry.authoring.catalog import Catalog, load
from registry.authoring.kinds import Kind, kind_of
from registry.authoring.tree import PartTree
from registry.devloop.moment import Moment
from registry.settings import Settings


class Reading:
    """The catalog as it was last; ``renewed`` gives the next one."""

    def __init__(self) -> None:
        self._last: Catalog | None = None

    def renewed(self, moment: Moment, settings: Settings, changed: Collection[str]) -> Catalog:
        """The catalog of a moment, when these paths differ from the moment before."""
        last = self._last
        if last is None or last.settings.content != settings.content:
            self._last = load(moment, settings)
        else:
            self._last = self._merged(last, moment, settings, _with_foreign(moment, changed))
        return self._last

    def _merged(self, last: Catalog, moment: Moment, settings: Settings, changed: Collection[str]) -> Catalog:
        part = load(PartTree(moment, [path for path in changed if path in moment.at]), settings)
        gone = {
            (kind, name)
            for kind, by_id in last.documents.items()
            for name, document in by_id.items()
            if document.path in changed
        }
        documents, sources = _without(last.documents, gone), _without(last.sources, gone)
        for kind, by_id in part.documents.items():
            for name, document in by_id.items():
                held = documents[kind].get(name)
                if held is None or _is_own(kind, document.path) or not _is_own(kind, held.path):
                    documents[kind][name] = document
                    sources[kind].pop(name, None)
                    if name in part.sources[kind]:
                        sources[kind][name] = part.sources[kind][name]
        drifts = {name: drift for name, drift in last.drifts.items() if ("prompt", name) not in gone}
        problems = [problem for problem in last.problems if problem.place.path not in changed]
        return replace(
            part,
            tree=moment,
            documents=documents,
            sources=sources,
            problems=(*problems, *part.problems),
            drifts={**drifts, **part.drifts},
        )


def _without(
    held: Mapping[str, Mapping[str, Any]], gone: Collection[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    return {
        kind: {name: value for name, value in by_id.items() if (kind, name) not in gone}
        for kind, by_id in held.items()
    }


def _with_foreign(moment: Moment, changed: Collection[str]) -> Collection[str]:
    """With all files of other tools where one of them or a model changed: they imply models between them."""
    kinds = {path: kind_of(path) for path in changed}
    if not any(kind and (kind.name == "model" or _is_foreign(kind, path)) for path, kind in kinds.items()):
        return changed
    return {*changed, *(path for path in moment.at if _is_foreign(kind_of(path), path))}


def _is_foreign(kind: Kind | None, path: str) -> bool:
    return kind is not None and not path.endswith(kind.suffix)


def _is_own(kind: str, path: str) -> bool:
    """False for a document that a file of another kind implies."""
    found = kind_of(path)
    return found is not None and found.name == kind
