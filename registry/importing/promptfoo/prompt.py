"""One prompt of a promptfoo config, with the models that are asked and the cases that are asked of it.

It must never let a test's value fail the schema that was made for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from registry.importing import ids
from registry.importing.draft import Draft, Made, made, templates_of
from registry.importing.inference import Usage, usages
from registry.importing.openai_config import APART, output_of, tools_of
from registry.importing.port import Entry, Note
from registry.importing.promptfoo.asserts import Asserts
from registry.importing.promptfoo.files import Files
from registry.importing.promptfoo.nunjucks import to_jinja
from registry.importing.promptfoo.prompts import Written
from registry.importing.promptfoo.providers import ANSWER_TOKENS, Asked
from registry.importing.promptfoo.suite import Frame, suite_of
from registry.importing.promptfoo.tests import Case
from registry.importing.values import shared_schema
from serve.core.model import Json


class OnePrompt:
    """Makes the entries of one prompt; ``renders`` tells that the config asks nobody."""

    def __init__(
        self, prompt: Written, entry_id: str, description: str | None, files: Files, *, renders: bool
    ) -> None:
        self._prompt = prompt
        self._id = entry_id
        self._description = description
        self._files = files
        self._renders = renders
        self._names = {*prompt.names, prompt.label}

    def entries(self, models: Sequence[Asked], cases: Sequence[Case]) -> Iterator[Entry]:
        """The prompt, its model configs and tools, and its suite where a case has something to ask."""
        asked = [each for each in models if each.prompts is None or _any_of(each.prompts, self._names)]
        tests = [case for case in cases if case.prompts is None or _any_of(case.prompts, self._names)]
        messages = self._translated(tests)
        used = usages(templates_of(messages))
        written, inputs = self._written(
            used, [{name: value for name, value in case.values.items() if name in used} for case in tests]
        )
        config = {**(asked[0].config if asked else {}), **self._prompt.config}
        tools = tools_of(config, self._id, self._load, self._files.notes)
        own = {key: value for key, value in self._prompt.config.items() if key not in APART}
        model = asked[0].entry if asked else None
        head = self._head(config, tools)
        whole = made(Draft(self._id, messages, written, model, own, head, ANSWER_TOKENS, inputs))
        self._files.notes += [replace(note, what=f"{self._id}: {note.what}") for note in whole.notes]
        if whole.entries:
            yield from self._with_variants(whole, asked, tools)
            asserts = Asserts(self._files, parsed=isinstance(config.get("response_format"), str | Mapping))
            frame = Frame(self._id, self._description, "render" if self._renders else None)
            yield from suite_of(frame, list(zip(tests, inputs, strict=True)), whole, asserts)

    def _load(self, reference: str) -> Json:
        return self._files.value(reference, self._id)

    def _head(self, config: Mapping[str, Json], tools: Sequence[Entry]) -> dict[str, Json]:
        return {
            "name": self._prompt.title or None,
            "description": self._description,
            "tools": [tool.id for tool in tools],
            **output_of(config, self._id, self._load, self._files.notes),
        }

    def _translated(self, cases: Sequence[Case]) -> list[dict[str, Json]]:
        names = dict.fromkeys(name for case in cases for name in case.values)
        schemas = {
            name: shared_schema([case.values[name] for case in cases if case.values.get(name) is not None])
            for name in names
        }

        def jinja(text: str) -> str:
            template, notes = to_jinja(text, schemas=schemas)
            self._files.notes += [replace(note, what=f"{self._id}: {note.what}") for note in notes]
            return template

        out: list[dict[str, Json]] = []
        for message in self._prompt.messages:
            content = message["content"]
            if isinstance(content, str):
                whole = content.strip("\n")
                if whole != content:
                    why = "blank lines at their ends are left out"
                    self._files.notes.append(Note("changed", f"{self._id}: messages", why))
                out.append({**message, "content": jinja(whole)})
            else:
                parts = [{key: jinja(str(value)) for key, value in part.items()} for part in content]
                out.append({**message, "content": parts})
        return out

    def _written(
        self, used: Mapping[str, Usage], inputs: list[dict[str, Json]]
    ) -> tuple[dict[str, Mapping[str, Json]], list[dict[str, Json]]]:
        """The schemas that the tests' values ask for, and defaults for what a test may leave out."""
        kept = [{name: value for name, value in each.items() if value is not None} for each in inputs]
        written: dict[str, Mapping[str, Json]] = {}
        for name, usage in used.items():
            values = [each[name] for each in kept if name in each]
            asked = str(usage.schema()["type"])
            schema = shared_schema(values)
            if schema.get("type") == "string" != asked:
                schema = {}
            if len(values) < len(kept) and "object" not in (asked, schema.get("type")):
                schema = _with_default({"type": asked, **schema})
                why = "is missing in some tests, where promptfoo prints nothing; so it has a default"
                self._files.notes.append(Note("changed", f"{self._id}: input {name}", why))
            written[name] = schema
        return written, kept

    def _with_variants(self, whole: Made, models: Sequence[Asked], tools: Sequence[Entry]) -> Iterator[Entry]:
        prompt, *others = whole.entries
        variants: dict[str, Json] = {}
        for asked in models[1:]:
            name = re.sub(r"[^A-Za-z0-9._-]+", "-", asked.name).strip("-._") or "model"
            variants[ids.untaken(name[:60], set(variants))] = {"model": asked.entry.id}
        if variants:
            why = f"all of them were asked; here the first is, and the others are variants: {', '.join(variants)}"
            self._files.notes.append(Note("changed", f"{self._id}: providers", why))
        yield replace(prompt, data={**prompt.data, **({"variants": variants} if variants else {})})
        yield from others
        yield from (asked.entry for asked in models)
        yield from tools


def _with_default(schema: dict[str, Json]) -> dict[str, Json]:
    """The schema with a default that prints nothing, and a type that takes it."""
    if schema["type"] == "array":
        return {**schema, "default": []}
    if schema["type"] == "string":
        return {**schema, "default": ""}
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return {**schema, "type": [*kinds, *(() if "string" in kinds else ("string",))], "default": ""}


def _any_of(wanted: Sequence[str], names: set[str]) -> bool:
    """True where one of some references, which may end in ``*``, names a prompt."""
    return any(
        name == each or (each.endswith("*") and name.startswith(each[:-1])) or name.startswith(f"{each}:")
        for each in wanted
        for name in names
    )
