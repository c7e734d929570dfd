"""Fix after fix until none is left: what one mends can bring the next to light.

It must never write; a caller decides what becomes of the new texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from registry.authoring.catalog import Catalog, load
from registry.authoring.tree import Tree
from registry.diagnostics import Diagnostic
from registry.release.findings import judged
from registry.settings import Settings
from registry.validation.fix import Overlay, mend
from registry.validation.levels import Judged

_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Mending:
    """What all rounds came to.

    Attributes:
        texts: the new text of each file that changed, by path.
        done: the findings that were mended.
        catalog: what the tree holds with the new texts.
        left: what is found in it.
    """

    texts: Mapping[str, str]
    done: tuple[Diagnostic, ...]
    catalog: Catalog
    left: Judged


def mend_all(
    tree: Tree, settings: Settings, *, today: date | None = None, weights: Path | None = None
) -> Mending:
    """A tree's texts with every safe fix in place; findings that are excused are left alone."""
    texts: dict[str, str] = {}
    done: list[Diagnostic] = []
    refused: set[Diagnostic] = set()
    for _ in range(_ROUNDS):
        catalog = load(Overlay(tree, texts), settings)
        left = judged(catalog, today=today, weights=weights)
        mended = mend(catalog.tree, [finding for finding in left.standing if finding not in refused])
        refused |= set(mended.refused)
        if not mended.done:
            break
        texts.update(mended.texts)
        done += mended.done
    else:
        catalog = load(Overlay(tree, texts), settings)
        left = judged(catalog, today=today, weights=weights)
    return Mending(texts, tuple(done), catalog, left)
