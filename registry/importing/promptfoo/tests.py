"""The tests of a promptfoo config as plain cases: defaults merged in, lists of values multiplied out.

It must never multiply without end, nor drop a test untold.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.importing.port import Note
from registry.importing.promptfoo.csv import tests_of
from registry.importing.promptfoo.files import CODE, Files, References
from registry.importing.secrets import is_secret_name
from serve.core.model import Json

MOST = 2_000
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_ROUNDS = 5
_LONGEST = 1_000_000  # texts that name each other must not grow without end
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg", ".pdf", ".mp3", ".wav", ".mp4", ".webm")
_READ = frozenset(("vars", "assert", "description", "threshold", "options", "prompts", "$ref"))


@dataclass(frozen=True, slots=True)
class Case:
    """One test with single values: ``asserts`` are promptfoo's, its defaults' included."""

    description: str
    values: Mapping[str, Json]
    asserts: tuple[Json, ...] = ()
    threshold: Json = None
    prompts: tuple[str, ...] | None = None
    group: str = ""
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Tests:
    """Reads all tests of one config; ``defaults`` is ``defaultTest`` in place."""

    config: Mapping[str, Json]
    files: Files
    defaults: Mapping[str, Json] = field(default_factory=dict)
    references: References = field(init=False)

    def __post_init__(self) -> None:
        self.references = References(self.config)

    def cases(self) -> list[Case]:
        """Every case, in the order of the config."""
        self.defaults = self._mapping(self._loaded(self.config.get("defaultTest")), "defaultTest")
        out: list[Case] = []
        written = [*self._listed(self.config.get("tests")), *self._scenarios()]
        if not written and self.defaults.get("assert"):
            written = [{}]  # without tests promptfoo asks once, with the defaults
        for number, test in enumerate(written, 1):
            out += self._of_test(test, number)
            if len(out) > MOST:
                self._note("lost", "tests", f"make more than {MOST} cases; the first {MOST} are here")
                return out[:MOST]
        return out

    def _note(self, level: str, what: str, why: str) -> None:
        self.files.notes.append(Note(level, what, why))  # type: ignore[arg-type]

    def _loaded(self, value: Json) -> Json:
        if isinstance(value, str) and value.startswith("file://"):
            value = self.files.value(value, value)
        return self.references.resolved(value)

    def _mapping(self, value: Json, what: str) -> Mapping[str, Json]:
        if value is not None and not isinstance(value, Mapping):
            self._note("fault", what, "is no mapping with vars and assert")
        return value if isinstance(value, Mapping) else {}

    def _listed(self, value: Json, depth: int = 0) -> Iterator[Mapping[str, Json]]:
        """Single tests, those of files among them."""
        if isinstance(value, str):
            yield from self._of_file(value, depth)
        elif isinstance(value, Mapping) and isinstance(value.get("path"), str):
            yield from self._of_file(value["path"], depth)
        elif isinstance(value, Mapping):
            yield self.references.resolved(value)
        elif isinstance(value, list):
            for item in value:
                yield from self._listed(item, depth)
        elif value is not None:
            self._note("fault", "tests", "hold what is no mapping with vars and assert")

    def _of_file(self, reference: str, depth: int) -> Iterator[Mapping[str, Json]]:
        if depth > 3:
            self._note("fault", reference, "leads through too many files")
            return
        for name in self.files.named(reference, "tests"):
            yield from self._of_one_file(name, depth)

    def _of_one_file(self, reference: str, depth: int) -> Iterator[Mapping[str, Json]]:
        value = self.files.value(reference, "tests")
        if reference.removeprefix("file://").endswith(".csv") and isinstance(value, list):
            value = tests_of(value)
        if isinstance(value, Mapping) and isinstance(value.get("tests"), list):
            value = value["tests"]
        yield from self._listed(value, depth + 1)

    def _scenarios(self) -> Iterator[Mapping[str, Json]]:
        scenarios = self.config.get("scenarios")
        for item in scenarios if isinstance(scenarios, list) else [scenarios]:
            loaded = self._loaded(item)
            for scenario in loaded if isinstance(loaded, list) else [loaded]:
                if isinstance(scenario, Mapping):
                    yield from self._of_scenario(scenario)
                elif scenario is not None:
                    self._note("fault", "scenarios", "hold what is no mapping with config and tests")

    def _of_scenario(self, scenario: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
        tests = list(self._listed(scenario.get("tests"))) or [{}]
        for base, test in itertools.product(self._listed(scenario.get("config")), tests):
            both = [part.get("assert") for part in (base, test)]
            asserts = [item for part in both if isinstance(part, list) for item in part]
            merged = {**_dict(base.get("vars")), **_dict(test.get("vars"))}
            yield {**base, **test, "vars": merged, "assert": asserts}

    def _of_test(self, test: Mapping[str, Json], number: int) -> Iterator[Case]:
        written = test.get("description")
        description = written if isinstance(written, str) else ""
        what = f"test {number}{f' ({description[:60]})' if description else ''}"
        for key in sorted(test.keys() - _READ):
            if test[key] not in (None, "", [], {}):
                self._note("lost", f"tests: {key}", "cases here have no such key")
        values = {
            **self._variables(self.defaults.get("vars"), "defaultTest"),
            **self._variables(test.get("vars"), what),
        }
        asserts = [*_list(self.defaults.get("assert")), *_list(test.get("assert"))]
        options = {**_dict(self.defaults.get("options")), **_dict(test.get("options"))}
        if _dict(test.get("options")).get("disableDefaultAsserts"):
            asserts = _list(test.get("assert"))
        threshold = test.get("threshold", self.defaults.get("threshold"))
        prompts = tuple(map(str, test["prompts"])) if isinstance(test.get("prompts"), list) else None
        together = self._multiplied(values, options)
        for one in together:
            filled = self._filled(one, what)
            if filled is not None:
                group = description or f"test-{number}" if len(together) > 1 else ""
                yield Case(description, filled, tuple(asserts), threshold, prompts, group, options)

    def _variables(self, written: Json, what: str) -> dict[str, Json]:
        if isinstance(written, str):
            written = [written]
        if isinstance(written, list):
            merged: dict[str, Json] = {}
            for reference in written:
                merged |= _dict(self.files.value(str(reference), f"{what}: vars"))
            return merged
        if written is not None and not isinstance(written, Mapping):
            self._note("fault", f"{what}: vars", "is no mapping of variables to values")
        secret = [name for name in _dict(written) if is_secret_name(name)]
        for name in secret:
            self._note("lost", f"var {name}", "secrets stay out of files; hand it over where the suite runs")
        return {name: value for name, value in _dict(written).items() if name not in secret}

    def _multiplied(self, values: Mapping[str, Json], options: Mapping[str, Json]) -> list[dict[str, Json]]:
        """One set of values for each combination of the variables that list several."""
        if options.get("disableVarExpansion"):
            return [dict(values)]
        choices = [
            value if _is_choice(value) else self._files_of(name, value) for name, value in values.items()
        ]
        chosen = itertools.islice(itertools.product(*choices), MOST + 1)
        return [dict(zip(values, each, strict=True)) for each in chosen]

    def _files_of(self, name: str, value: Json) -> list[Json]:
        """A value, or the files that it names by a pattern: each is a case."""
        if isinstance(value, str) and value.startswith("file://"):
            return list(self.files.named(value, f"var {name}"))
        return [value]

    def _filled(self, values: dict[str, Json], what: str) -> dict[str, Json] | None:
        """The values with files read and references to each other put in place; None where one cannot be."""
        for name, value in values.items():
            if isinstance(value, str) and value.startswith(("file://", "package:")):
                text = self._of_value_file(value, f"{what}: {name}")
                if text is None:
                    self._note("lost", what, f"the value of {name} cannot be had, so the case is left out")
                    return None
                values[name] = text
            elif isinstance(value, str):
                values[name] = value.removesuffix("\n")
        for _ in range(_ROUNDS):
            values = {name: _put_in(value, values) for name, value in values.items()}
        for name, value in values.items():
            if isinstance(value, str) and re.search(r"\{\{|\{%", value):
                self._note(
                    "changed", f"var {name}", "is a template in promptfoo; here a value is text as it stands"
                )
        return values

    def _of_value_file(self, reference: str, what: str) -> str | None:
        path = reference.removeprefix("file://")
        if path.lower().endswith((*_MEDIA, *CODE)) or reference.startswith("package:"):
            kind = (
                "is a picture or another medium"
                if path.lower().endswith(_MEDIA)
                else "is code, which is not run"
            )
            self._note("lost", what, f"{path} {kind}")
            return None
        if path.endswith((".yaml", ".yml")):
            value = self.files.value(reference, what)
            return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        text = self.files.text(reference, what)
        return None if text is None else text.strip()


def _is_choice(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], str)


def _put_in(value: Json, values: Mapping[str, Json]) -> Json:
    """A text with the variables it names in place; anything else as it is."""
    if not isinstance(value, str):
        return value
    grown = sum(len(_put(found, values)) for found in _VARIABLE.finditer(value))
    return _VARIABLE.sub(lambda found: _put(found, values), value) if grown <= _LONGEST else value


def _put(found: re.Match[str], values: Mapping[str, Json]) -> str:
    value = values.get(found[1])
    return value if isinstance(value, str) and found[0] not in value else found[0]


def _dict(value: Json) -> dict[str, Json]:
    return dict(value) if isinstance(value, Mapping) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]
