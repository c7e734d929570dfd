"""Prompty files (``.prompty``) of both versions, and with what promptflow adds to the first.

Sources: Prompty's specification (file format, roles, references), the behaviour of its last version 1 where the
specification speaks of version 2 only, and promptflow's documentation of its extras.
It must never render a body to find its messages: roles are found in the text that was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.importing.inference import Usage, usages
from registry.importing.port import Entry, Foreign, Imported, Note
from registry.importing.prompty.body import Body, Messages, messages_of
from registry.importing.prompty.head import Head, head_of, rows_of
from registry.importing.prompty.inputs import Declared, as_printed, declared_inputs, with_samples
from registry.importing.prompty.model import Asked, asked, is_version_2
from registry.importing.samples import inputs_of, of_all
from registry.importing.secrets import scrubbed
from registry.importing.templates.dollars import dollars_quoted
from registry.validation.template_policy import examine
from serve.core.model import Json

NAME = "prompty"
_OWN = frozenset((
    "name", "displayName", "description", "model", "inputs", "inputSchema", "outputs", "outputSchema", "sample",
    "template", "tools", "base", "instructions",
))  # fmt: skip
_WHY: Mapping[str, str] = {
    "version": "is kept by Git and by the release here",
    "authors": "are kept by Git here; owner names the team that answers for a prompt",
    "tags": "have no counterpart; folders and owners sort prompts here",
}
_ENGINES = ("jinja2", "mustache")
_MESSAGE: Mapping[str, Json] = {
    "type": "object",
    "properties": {"role": {"type": "string"}, "content": {"type": "string"}},
    "required": ["role", "content"],
}


def recognises(file: Foreign) -> bool:
    """True for files of that suffix."""
    return file.path.lower().endswith(".prompty")


def read(file: Foreign, *, entry_id: str) -> Imported:
    """The prompt, its model config and its tools."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _nothing(file, [Note("fault", file.path, "is not UTF-8 text; save it as UTF-8")])
    head = head_of(file, text)
    notes = list(head.notes)
    if not head.closed:
        return _nothing(file, notes)
    body = head.body if head.body.strip() else head.values.get("instructions")
    if not isinstance(body, str) or not body.strip():
        return _nothing(file, [*notes, Note("fault", file.path, "has no text below its head")])
    try:
        return _Reading(file, entry_id, head, body, notes).imported()
    except RecursionError:
        why = "nests deeper than a template can be read; make it simpler"
        return _nothing(file, [*head.notes, Note("fault", file.path, why)])


def _nothing(file: Foreign, notes: list[Note]) -> Imported:
    return Imported(file.path, NAME, (), tuple(notes))


@dataclass(slots=True)
class _Reading:
    """One file on its way to a prompt."""

    file: Foreign
    entry_id: str
    head: Head
    text: str
    notes: list[Note]
    data: dict[str, Json] = field(default_factory=lambda: {"promptyard": 1})

    def imported(self) -> Imported:
        values = self.head.values
        said = asked(values)
        self.notes += said.notes
        inputs = declared_inputs(values.get("inputs", values.get("inputSchema")))
        rows = rows_of(values.get("sample"), self.file, self.notes)
        messages = messages_of(self._body(inputs, rows))
        self.notes += messages.notes
        if not messages.items:
            return _nothing(
                self.file, [*self.notes, Note("fault", self.file.path, "has no message with text")]
            )
        self._words()
        self.data["model"] = said.model.id
        if said.parameters:
            self.data["modelParameters"] = said.parameters
        schemas = self._inputs(inputs, rows, messages)
        if schemas:
            self.data["inputs"] = schemas
        if said.output is not None:
            self.data["output"] = said.output
        self.data["messages"], told = dollars_quoted(messages.items)
        self.notes += told
        if said.tools:
            self.data["tools"] = [tool.id for tool in said.tools]
        self._tell_faults(messages.templates, schemas)
        return self._whole(said)

    def _body(self, inputs: Declared, rows: list[Mapping[str, Json]]) -> Body:
        version_2 = is_version_2(self.head.values)
        shown = {str(name): of_all(row.get(name) for row in rows) for row in rows for name in row}
        known = {name: shown.get(name, {}) | schema for name, schema in inputs.schemas.items()}
        return Body(
            text=self.text,
            first_line=self.head.body_line,
            engine=self._engine(),
            version_2=version_2,
            base=self.head.base,
            rich=inputs.rich,
            known=shown | known,
            sibling=self.file.sibling,
        )

    def _engine(self) -> str:
        written = self.head.values.get("template")
        if isinstance(written, Mapping):
            named = written.get("format", written.get("type"))
            written = named.get("kind") if isinstance(named, Mapping) else named
            if isinstance(named, Mapping) and named.get("strict") is False:
                self.notes.append(
                    Note("changed", "template.strict", "is always on here: no value can become a role")
                )
        engine = str(written or "").lower().replace("jinja", "jinja2").replace("jinja22", "jinja2")
        if engine and engine not in _ENGINES:
            self.notes.append(
                Note("lost", f"template {written}", "is no engine of Prompty's; the text was read as Jinja2")
            )
            return "jinja2"
        return engine

    def _words(self) -> None:
        """Name and description, and the report of every key that has no place here."""
        values = self.head.values
        for ours, theirs in (("name", ("displayName", "name")), ("description", ("description",))):
            said = next((values[key] for key in theirs if values.get(key) not in (None, "")), None)
            if isinstance(said, str | int | float) and str(said).strip():
                self.data[ours] = str(said).strip()
            elif said is not None:
                self.notes.append(Note("fault", ours, "is no text; it was left out"))
        if values.get("displayName") and values.get("name"):
            self.notes.append(Note("lost", "name", f"{values['name']} gave way to displayName"))
        for key, value in values.items():
            if key not in _OWN and value not in (None, "", [], {}):
                why = _WHY.get(key, "prompts have no such key")
                self.notes.append(Note("lost", key, f"{why}; it said {_said(value)}"))

    def _inputs(
        self, inputs: Declared, rows: list[Mapping[str, Json]], messages: Messages
    ) -> dict[str, Json]:
        templates = messages.templates
        used = usages(templates)
        with_samples(inputs, rows, used)
        for name in (*messages.histories, *(name for name, kind in inputs.rich.items() if kind == "thread")):
            if inputs.schemas.pop(name, None) is not None:
                why = "is a history here: the caller hands over a list of {role, content}"
                self.notes.append(Note("changed", f"input {name}", why))
        as_printed(inputs, templates, used)
        self._name_histories(messages, inputs, used)
        self.notes += inputs.notes
        schemas, added = inputs_of(templates, inputs.schemas)
        self.notes += added
        self._tell_values(schemas, rows, templates)
        return schemas

    def _name_histories(self, messages: Messages, inputs: Declared, used: Mapping[str, Usage]) -> None:
        """Give a history another name where a template looks into the earlier messages as well."""
        for item in messages.items:
            name = item.get("history")
            if name in used:
                item["history"] = f"{name}_messages"
                inputs.schemas[name] = {"type": "array", "items": _MESSAGE}
                why = f"is looked into as well; hand the messages over as {name} and as {name}_messages"
                self.notes.append(Note("changed", f"history {name}", why))

    def _tell_values(
        self, schemas: Mapping[str, Json], rows: list[Mapping[str, Json]], templates: list[str]
    ) -> None:
        """Where the same values give another text, or another outcome, than in Prompty."""
        if any("default" not in schema for schema in schemas.values()):
            why = "print as nothing in Prompty; here a call that leaves one out is refused"
            self.notes.append(Note("changed", "missing values", why))
        if rows:
            why = "gives the inputs their examples; Prompty uses it where a caller hands over nothing"
            self.notes.append(Note("changed", "sample", why))
        for name, schema in schemas.items():
            bare = re.compile(rf"\{{\{{[-+]?\s*{name}\s*[-+]?\}}\}}")
            if schema.get("type") == "boolean" and any(bare.search(template) for template in templates):
                self.notes.append(
                    Note("changed", f"input {name}", "prints as true and false here, not True and False")
                )

    def _tell_faults(self, templates: list[str], schemas: Mapping[str, Mapping[str, Json]]) -> None:
        for template in templates:
            for found in examine(template, schemas).faults:
                self.notes.append(Note("lost", "template", f"{found.problem} here. {found.hint}"))

    def _whole(self, said: Asked) -> Imported:
        entries = [Entry("prompt", self.entry_id, self.data), said.model, *said.tools]
        kept: list[Entry] = []
        for entry in entries:
            data, hidden = scrubbed(entry.data, entry.id)
            self.notes += hidden
            kept.append(Entry(entry.kind, entry.id, data))
        return Imported(self.file.path, NAME, tuple(kept), tuple(dict.fromkeys(self.notes)))


def _said(value: Json) -> str:
    """What a value says, in one short line."""
    whole = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = " ".join(whole.split())
    return text if len(text) <= 80 else f"{text[:79]}…"
