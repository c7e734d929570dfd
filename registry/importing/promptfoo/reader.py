"""promptfoo configs: each prompt a prompt here, its providers model configs and variants, its tests a suite.

Source: promptfoo's configuration reference. Code that a config names is never run; what it did is told.
It must never let a suite ask for less than the config did without saying so.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from registry.importing import ids
from registry.importing.foreign_yaml import load_foreign
from registry.importing.port import Entry, Foreign, Imported, Note
from registry.importing.promptfoo.files import Files
from registry.importing.promptfoo.prompt import OnePrompt
from registry.importing.promptfoo.prompts import Written, written_prompts
from registry.importing.promptfoo.providers import asked_models
from registry.importing.promptfoo.tests import Case, Tests
from serve.core.model import Json

NAME = "promptfoo"
_FILE = re.compile(r"(.*[.-])?promptfoo(config)?([.-].*)?\.(yaml|yml|json)\Z", re.IGNORECASE)
_SIGNS = ("tests", "defaultTest", "scenarios", "targets", "evaluateOptions", "commandLineOptions", "redteam")
_GONE: Mapping[str, str] = {
    **dict.fromkeys(("redteam",), "attacks are made by promptfoo itself; there is nothing to carry"),
    **dict.fromkeys(("nunjucksFilters", "extensions"), "names code, which is not run"),
    **dict.fromkeys(("derivedMetrics",), "are formulas; a weighted mean is written as metrics: in the suite"),
    **dict.fromkeys(("env",), "environment variables belong to the service that calls"),
    **dict.fromkeys(
        ("outputPath", "sharing", "evaluateOptions", "commandLineOptions", "writeLatestResults", "tracing"),
        "says how promptfoo runs, not what is tested",
    ),
    **dict.fromkeys(("tags", "metadata", "author"), "a suite here has no such key"),
}
_USED = frozenset((
    "description", "prompts", "providers", "targets", "tests", "defaultTest", "scenarios", "$schema",
    "assertionTemplates", "$defs", "definitions",
))  # fmt: skip


def recognises(file: Foreign) -> bool:
    """True for a file of that name, and for YAML or JSON with prompts, providers and tests."""
    name = posixpath.basename(file.path)
    if not name.endswith((".yaml", ".yml", ".json")) or b"promptyard:" in file.data[:400]:
        return False
    if _FILE.match(name):
        data, _ = load_foreign(file.path, file.data)
        return not isinstance(data, list)
    if b"prompts" not in file.data or not any(
        sign.encode() in file.data for sign in ("providers", "targets")
    ):
        return False
    data, _ = load_foreign(file.path, file.data)
    if not isinstance(data, Mapping):
        return False
    asks = "prompts" in data and ("providers" in data or "targets" in data)
    return asks and any(sign in data for sign in _SIGNS)


def read(file: Foreign, *, entry_id: str) -> Imported:
    """A prompt for each of the config's, with its suite, and the model configs they ask."""
    data, notes = load_foreign(file.path, file.data)
    if not isinstance(data, Mapping):
        if not any(note.level == "fault" for note in notes):
            notes = (
                *notes,
                Note("fault", file.path, "holds no keys; a config has prompts, providers and tests"),
            )
        return Imported(file.path, NAME, (), notes)
    files = Files(file, list(notes))
    entries = _Config(data, files, entry_id).entries()
    return Imported(file.path, NAME, tuple(entries), tuple(dict.fromkeys(files.notes)))


class _Config:
    def __init__(self, data: Mapping[str, Json], files: Files, entry_id: str) -> None:
        self._data = data
        self._files = files
        self._id = entry_id

    def entries(self) -> Iterator[Entry]:
        for key in self._data:
            is_told = key in _USED or key.startswith(("x-", "."))  # such keys only hold anchors
            if not is_told and self._data[key] not in (None, "", [], {}):
                self._note("lost", key, _GONE.get(key, "is no key that is read"))
        written = written_prompts(self._data.get("prompts"), self._files)
        providers = self._data.get("providers", self._data.get("targets"))
        models = asked_models(providers, self._files)
        renders = _only_echo(providers)
        if renders:
            self._note("changed", "provider echo", "gives the prompt back; its suites have mode: render here")
        cases = Tests(self._data, self._files).cases() if written else []
        self._tell_options(cases)
        if not written and not any(note.level == "fault" for note in self._files.notes):
            why = "none can be carried, so neither can the tests; see the other notes"
            if not self._data.get("prompts"):
                why = "there are none; such a config tests an application as a whole"
            self._note("lost", "prompts", why)
        taken: set[str] = set()
        seen: set[str] = set()
        for number, prompt in enumerate(written, 1):
            entry_id = self._id if len(written) == 1 else self._below(prompt, number, taken)
            made = OnePrompt(prompt, entry_id, self._text("description"), self._files, renders=renders)
            for entry in made.entries(models, cases):
                if f"{entry.kind} {entry.id}" not in seen:
                    yield entry
                seen.add(f"{entry.kind} {entry.id}")

    def _note(self, level: str, what: str, why: str) -> None:
        self._files.notes.append(Note(level, what, why))  # type: ignore[arg-type]

    def _text(self, key: str) -> str | None:
        value = self._data.get(key)
        return value if isinstance(value, str) and value.strip() else None

    def _below(self, prompt: Written, number: int, taken: set[str]) -> str:
        said = prompt.label or str(prompt.messages[0]["content"])
        words = re.sub(r"[^a-z0-9_]+", "-", said.lower())[:40].strip("-_")
        return ids.untaken(f"{self._id}/{words or f'prompt-{number}'}", taken)

    def _tell_options(self, cases: Sequence[Case]) -> None:
        for key in sorted({key for case in cases for key in case.options}):
            if key not in ("disableVarExpansion", "disableDefaultAsserts", "provider"):
                self._note(
                    "lost", f"tests: options.{key}", "suites here send a prompt and judge the answer as it is"
                )


def _only_echo(providers: Json) -> bool:
    """True where the config asks nobody: promptfoo's ``echo`` answers with the prompt itself."""
    listed = providers if isinstance(providers, list) else [providers]
    names = [item.get("id") if isinstance(item, Mapping) else item for item in listed]
    return bool(names) and all(name == "echo" for name in names)
