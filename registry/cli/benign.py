"""What ``guard benign`` looks at and says: harmless texts, and the sets that take some of them for a hit.

It must never write a text, only where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from registry.authoring.catalog import Catalog
from registry.errors import Usage
from registry.validation.benign import (
    FOLDER,
    RECORD,
    Alarm,
    Benign,
    alarms,
    benign_texts,
    counted,
    recorded,
    risen,
)
from serve.core.model import GuardrailSet, Json


@dataclass(frozen=True, slots=True)
class Told:
    """What was found: the count of each set, those recorded before, and the sets whose count has risen."""

    texts: Sequence[Benign]
    alarms: Sequence[Alarm]
    counts: Mapping[str, int]
    before: Mapping[str, int]
    risen: Mapping[str, tuple[int, int]]


def benign_folder(catalog: Catalog, named: str | None) -> str:
    """The folder of the texts, relative to the registry's root."""
    return (named or f"{catalog.settings.content}/guardrails/{FOLDER}").strip("/")


def judged_benign(catalog: Catalog, sets: Sequence[GuardrailSet], folder: str) -> Told:
    """All sets on all texts.

    Raises:
        Usage: GRD014 where there is no text, or where text or record cannot be read.
    """
    try:
        texts = benign_texts(catalog.tree, folder)
        before = recorded(catalog.tree, folder)
    except ValueError as error:  # neither UTF-8 nor JSON
        raise Usage(
            "GRD014", f"the texts in {folder} cannot be read ({error})", "Save them as UTF-8."
        ) from error
    if not texts:
        advice = "Put *.txt files there, with a line %% between two texts, or name another folder."
        raise Usage("GRD014", f"there is no harmless text in {folder}", advice)
    found = tuple(alarms(sets, texts))
    counts = counted(found)
    return Told(texts, found, counts, before, risen(counts, before))


def write_benign(console: Console, told: Told) -> None:
    """A line for each set with alarms, and below those that have risen a line for each text."""
    for name in sorted({*told.counts, *told.before}):
        now, before = told.counts.get(name, 0), told.before.get(name, 0)
        line = Text.assemble((name, "code"), f" {now} of {len(told.texts)} texts, {before} recorded")
        line.append(" · risen", "error") if now > before else None
        line.append(f" · fewer: record them in {RECORD} with --write", "info") if now < before else None
        console.print(line, soft_wrap=True)
        for alarm in told.alarms if name in told.risen else ():
            if alarm.set == name:
                place = (f"  {alarm.benign.path}:{alarm.benign.line}", "path")
                console.print(Text.assemble(place, f" {alarm.rule}, {alarm.end - alarm.start} characters"))


def benign_json(told: Told) -> Json:
    """The same for a program."""
    return {
        "texts": len(told.texts),
        "sets": [
            {"set": name, "alarms": told.counts.get(name, 0), "recorded": told.before.get(name, 0)}
            for name in sorted({*told.counts, *told.before})
        ],
        "alarms": [
            {
                "set": one.set,
                "rule": one.rule,
                "file": one.benign.path,
                "line": one.benign.line,
                "start": one.start,
                "end": one.end,
            }
            for one in told.alarms
        ],
        "risen": sorted(told.risen),
    }
