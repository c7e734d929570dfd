"""Google's dotprompt: a ``.prompt`` file with a head in YAML and a body in Handlebars.

Source: the dotprompt specification. Other tools have files of that name as well; they are told apart.
It must never follow a partial out of the imported folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from registry.importing import frontmatter
from registry.importing.dotprompt.handlebars_tokens import HandlebarsError
from registry.importing.dotprompt.inputs import schemas_of
from registry.importing.dotprompt.kin import from_go, kin_of, tagged
from registry.importing.dotprompt.picoschema import to_json_schema
from registry.importing.dotprompt.template import Body
from registry.importing.dotprompt.variants import base_of, joined, variants_of
from registry.importing.draft import Draft, made, templates_of
from registry.importing.foreign_yaml import load_foreign
from registry.importing.gaps import unfilled
from registry.importing.inference import usages
from registry.importing.makers import maker_of
from registry.importing.models import model_entry
from registry.importing.port import Entry, Foreign, Imported, Note
from serve.core.model import Json

NAME = "dotprompt"
_SUFFIX = ".prompt"
_ANSWER_TOKENS = 4096  # what Genkit's plugin asks of Anthropic where a file names no limit
_PLACES = ("", "../", "../../", "partials/", "_partials/", "../partials/", "../../partials/")
_HEADER = re.compile(r"\A(?:(?:#[^\n]*|[ \t]*)\n)+(?=---[ \t]*\n)")
_GONE: Mapping[str, str] = {
    "version": "versions are Git's here",
    "variant": "a variant is named by its file",
    "metadata": "a prompt here has no free metadata",
    "ext": "a prompt here has no extensions",
    "raw": "is worked out by dotprompt, not written",
}


def recognises(file: Foreign) -> bool:
    """True for every ``.prompt`` file; what it is then is told by ``read``."""
    return file.path.endswith(_SUFFIX)


def read(file: Foreign, *, entry_id: str) -> Imported:
    """The prompt of a file with its variants, its model config and its tools.

    A variant of a file beside it is a part of that one's prompt, where a variant here can hold it.
    """
    if (found := base_of(file)) is not None:
        return _as_variant(file, *found, entry_id)
    alone = _alone(file, entry_id)
    base, dot, variant = posixpath.basename(file.path).removesuffix(_SUFFIX).rpartition(".")
    if dot and alone.entries:
        why = f"is the variant {variant} of {base}; here it is a prompt of its own, {entry_id}"
        alone = replace(alone, notes=(*alone.notes, Note("changed", file.path, why)))
    arms = {name: _alone(arm, entry_id) for name, arm in variants_of(file).items()}
    return joined(alone, arms)[0]


def _as_variant(file: Foreign, base: Foreign, name: str, entry_id: str) -> Imported:
    alone = _alone(file, entry_id)
    stem = posixpath.basename(base.path)
    _, refused = joined(_alone(base, entry_id), {name: alone})
    if name not in refused:
        return Imported(
            file.path, NAME, (), (Note("changed", file.path, f"is the variant {name} in {stem}"),)
        )
    if not alone.entries:
        return alone
    why = f"is the variant {name} of {stem}; here it is a prompt of its own, since {refused[name]}"
    return replace(alone, notes=(*alone.notes, Note("changed", file.path, why)))


def _alone(file: Foreign, entry_id: str) -> Imported:
    try:
        text = file.data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return _nothing(file, "is not UTF-8 text; save it as UTF-8")
    notes: list[Note] = []
    header = _HEADER.match(text)
    if header and "#" in header[0]:
        notes.append(Note("lost", "comment", "stands before the head, which has no such place here", 1))
    parts = frontmatter.split(text[header.end() :] if header else text)
    skipped = header[0].count("\n") if header else 0
    if parts.open:
        return _nothing(file, "has a head that nothing ends; write --- below it")
    if posixpath.basename(file.path).startswith("_"):
        return _partial_alone(file, text)
    if (other := kin_of(parts)) is not None:
        return _nothing(file, other)
    head = _head(parts, skipped, notes)
    if head is None:
        return Imported(file.path, NAME, (), tuple(notes))
    return _Reader(file, entry_id, head, notes).read(parts.body, parts.body_line + skipped)


def _nothing(file: Foreign, why: str) -> Imported:
    return Imported(file.path, NAME, (), (Note("fault", file.path, why),))


def _partial_alone(file: Foreign, text: str) -> Imported:
    why = "is a partial; it was put in place in each prompt that names it"
    level: Any = "changed" if text.strip() else "fault"
    return Imported(file.path, NAME, (), (Note(level, file.path, why if text.strip() else "is empty"),))


def _head(parts: frontmatter.Parts, skipped: int, notes: list[Note]) -> dict[str, Json] | None:
    if parts.head is None or not parts.head.strip():
        return {}
    data, found = load_foreign("head", parts.head.encode(), first_line=parts.head_line + skipped)
    notes += found
    if isinstance(data, dict):
        return data
    if data is None and not any(note.level == "fault" for note in found):
        return {}
    if data is not None:
        notes.append(Note("fault", "head", "is no mapping of keys to values", parts.head_line + skipped))
    return None


class _Reader:
    def __init__(self, file: Foreign, entry_id: str, head: Mapping[str, Json], notes: list[Note]) -> None:
        self._file = file
        self._id = entry_id
        self._head = head
        self._notes = notes
        self._tools: list[Entry] = []
        self._config = self._mapping("config")

    def read(self, source: str, first_line: int) -> Imported:
        schemas = schemas_of(self._input(), self._notes)
        source = self._of_other_tools(source, first_line)
        body = Body(schemas, self._partial, first_line + len(source) - len(source.lstrip("\n")))
        try:
            messages = tagged(source) or body.read(source.strip())
        except HandlebarsError as error:
            line = error.line + first_line - 1
            self._notes.append(Note("fault", "body", f"is no Handlebars: {error.problem}", line))
            return Imported(self._file.path, NAME, (), tuple(self._notes))
        self._notes += body.notes
        if tagged(source):
            self._notes.append(
                Note("changed", "messages", "stood in tags such as <system>, as Humanloop writes them")
            )
        written = self._renamed(schemas, body)
        used = usages(templates_of(messages))
        if used.keys() - written.keys():
            why = "print nothing in dotprompt when they are missing; here they are refused"
            self._notes.append(Note("changed", "undeclared inputs", why))
        model = self._model()
        draft = Draft(self._id, messages, dict(written), model, self._config, self._told(), _ANSWER_TOKENS)
        whole = made(draft)
        entries = (*whole.entries, *self._tools) if whole.entries else ()
        return Imported(self._file.path, NAME, entries, tuple(dict.fromkeys((*self._notes, *whole.notes))))

    def _of_other_tools(self, source: str, first_line: int) -> str:
        source, fields = from_go(source)
        if fields:
            why = f"is in Go's template language; {', '.join(fields)} are taken as variables"
            self._notes.append(Note("changed", "body", why))
        if "{{" not in source:
            self._notes += unfilled(source, first_line)
        return source

    def _input(self) -> Json:
        """What the file says of its input; the first dotprompt called the schema ``variables``."""
        older = self._head.get("variables")
        if self._head.get("input") is not None or not isinstance(older, Mapping):
            return self._head.get("input")
        self._notes.append(Note("changed", "variables", "is how dotprompt once spelled input.schema"))
        return {"schema": older}

    def _renamed(self, schemas: Mapping[str, dict[str, Json]], body: Body) -> dict[str, dict[str, Json]]:
        for old, new in body.names.renamed.items():
            self._notes.append(
                Note("changed", f"input {old}", f"is called {new} here, in files and in callers")
            )
        return {
            body.names.renamed.get(name, name): schema
            for name, schema in schemas.items()
            if name not in body.histories
        }

    def _partial(self, name: str) -> str | None:
        folder, base = posixpath.split(name)
        for place in _PLACES:
            data = self._file.sibling(posixpath.join(place, folder, f"_{base}{_SUFFIX}"))
            if data is not None:
                return data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
        return None

    def _model(self) -> Entry | None:
        written = self._head.get("model")
        if isinstance(written, Mapping) and isinstance(written.get("id") or written.get("name"), str):
            rest = {key: value for key, value in written.items() if key not in ("id", "name")}
            self._config = {**rest, **self._config}
            written = written.get("id") or written.get("name")
            self._notes.append(
                Note("fault", "model", "is a mapping, where dotprompt has a text; its id was taken")
            )
        if written is None:
            return None
        if not isinstance(written, str) or not written.strip():
            self._notes.append(Note("fault", "model", "is no text such as googleai/gemini-2.5-flash"))
            return None
        provider, slash, name = written.strip().partition("/")
        entry = (
            model_entry(provider, name) if slash and name else model_entry(maker_of(written), written.strip())
        )
        why = f"{written} is the model config {entry.id}, of engine {entry.data['engine']}"
        self._notes.append(Note("changed", "model", why if slash else f"{why}, since it names no provider"))
        return entry

    def _mapping(self, key: str) -> Mapping[str, Json]:
        value = self._head.get(key)
        if value is None or isinstance(value, Mapping):
            return value or {}
        self._notes.append(Note("fault", key, "is no mapping of keys to values"))
        return {}

    def _told(self) -> dict[str, Json]:
        """Name, description, output and tools; every other key of the head is told."""
        out: dict[str, Json] = {}
        for key in ("name", "description"):
            value = self._head.get(key)
            if isinstance(value, str) and value.strip():
                out[key] = value
            elif value is not None:
                self._notes.append(Note("fault", key, "is no text"))
        out |= self._output()
        self._tool_list()
        if self._tools:
            out["tools"] = [tool.id for tool in self._tools]
        known = {"name", "description", "model", "config", "input", "output", "tools", "toolDefs"}
        for key, value in self._head.items():
            older = key == "variables" and isinstance(value, Mapping) and self._head.get("input") is None
            if key in known or older or value in (None, "", [], {}):
                continue
            why = _GONE.get(key) or ("is an extension" if "." in key else "is no key of dotprompt")
            self._notes.append(Note("lost", key, why))
        return out

    def _output(self) -> dict[str, Json]:
        output = self._mapping("output")
        written = output.get("schema")
        self._notes += [
            Note("lost", f"output.{key}", "is no key of dotprompt")
            for key in output
            if key not in ("format", "schema")
        ]
        form = output.get("format", "json" if written else "text")
        if written is None:
            if form != "text":
                self._notes.append(
                    Note("lost", "output.format", f"{form} without a schema; an output here has one")
                )
            return {}
        if isinstance(written, str) and written.partition(",")[0].strip() not in (
            "string",
            "number",
            "boolean",
        ):
            why = f"{written} is a schema that the application keeps; write it out below output"
            self._notes.append(Note("lost", "output.schema", why))
            return {}
        schema, found = to_json_schema(written, "output")
        self._notes += found
        if form not in ("json", None):
            self._notes.append(
                Note("lost", "output.format", f"is {form}; an output with a schema is JSON here")
            )
        return {"output": {"schema": schema}}

    def _tool_list(self) -> None:
        for each in self._listed("toolDefs") + [
            tool for tool in self._listed("tools") if isinstance(tool, Mapping)
        ]:
            self._tool(each)
        names = [tool for tool in self._listed("tools") if isinstance(tool, str)]
        defined = {str(tool.data["name"]) for tool in self._tools}
        for name in names:
            if name not in defined:
                why = (
                    "is declared in the application's code; write it as a .tool.yaml and name it under tools"
                )
                self._notes.append(Note("lost", f"tool {name}", why))

    def _listed(self, key: str) -> list[Json]:
        value = self._head.get(key)
        if value is not None and not isinstance(value, list):
            self._notes.append(Note("fault", key, "is no list"))
        return value if isinstance(value, list) else []

    def _tool(self, written: Json) -> None:
        name = written.get("name") if isinstance(written, Mapping) else None
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            self._notes.append(
                Note("fault", "toolDefs", "holds a tool without a plain name; it was left out")
            )
            return
        schema, found = to_json_schema(written.get("inputSchema") or {"type": "object"}, f"tool {name}")
        self._notes += found
        self._notes += [
            Note("lost", f"tool {name}: {key}", "a tool here has name, description and parameters")
            for key in written
            if key not in ("name", "description", "inputSchema")
        ]
        described = written.get("description")
        if not isinstance(described, str) or not described.strip():
            self._notes.append(Note("changed", f"tool {name}", "had no description; its name stands for one"))
            described = name
        data = {"promptyard": 1, "name": name, "description": described, "parameters": schema}
        self._tools.append(Entry("tool", f"tools/{name.lower().strip('_-') or 'tool'}", data))
