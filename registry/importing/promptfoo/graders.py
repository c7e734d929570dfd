"""The models that grade in a promptfoo config, as judges of a suite.

Which model grades where a config names none hangs on the keys in somebody's environment, so that is told, not guessed.
It must never leave a rubric without a judge that the config names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry.importing import ids
from registry.importing.port import Entry
from registry.importing.promptfoo.files import Files
from registry.importing.promptfoo.providers import asked_models
from serve.core.model import Json

GRADED_BY_MODEL = (
    "llm-rubric", "model-graded-closedqa", "g-eval", "factuality", "model-graded-factuality",
)  # fmt: skip


@dataclass(slots=True)
class Graders:
    """Every grader of a config as a model config, made once each."""

    files: Files
    _made: dict[str, Entry | None] = field(default_factory=dict)

    def judge(self, provider: Json) -> str | None:
        """The id of the judge that a ``provider`` is; None where it is no model."""
        text = provider.get("text", provider) if isinstance(provider, Mapping) else provider
        key = json.dumps(text, sort_keys=True, default=str)
        if key not in self._made:
            told = len(self.files.notes)
            found = asked_models([text], self.files)
            self._made[key] = self._named(found[0].entry, told) if found else None
        entry = self._made[key]
        return entry.id if entry is not None else None

    def _named(self, entry: Entry, told: int) -> Entry:
        """The entry under a name of its own: a model may be asked and judge with other parameters."""
        taken = {made.id for made in self._made.values() if made is not None}
        name = ids.untaken(f"{entry.id}-judge", taken)
        self.files.notes[told:] = [
            replace(note, why=note.why.replace(f"config {entry.id},", f"config {name}, a judge,"))
            for note in self.files.notes[told:]
        ]
        return replace(entry, id=name)

    def entries(self, judges: Sequence[str]) -> list[Entry]:
        """The model configs of these judges."""
        return [entry for entry in self._made.values() if entry is not None and entry.id in judges]
