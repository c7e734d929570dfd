"""LangChain's prompts: files of ``load_prompt`` (JSON and YAML), and serialized objects as its hub hands them out.

Sources: langchain-core's loading and serialization, read and never run.
It must never build the objects that such a file names, nor follow a path out of the imported folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.importing.foreign_yaml import load_foreign
from registry.importing.langchain.model import Asked, asked
from registry.importing.langchain.objects import Named, named
from registry.importing.langchain.templates import Conversation
from registry.importing.port import Entry, Foreign, Imported, Note
from registry.importing.roles import in_order
from registry.importing.samples import inputs_of
from registry.importing.secrets import scrubbed
from registry.importing.templates.dollars import dollars_quoted
from registry.validation.template_policy import examine
from serve.core.model import Json

NAME = "langchain"
_SUFFIXES = (".json", ".yaml", ".yml")
_SIGN = re.compile(rb"input_variables|\"lc\"|_type|few_shot|PromptTemplate")
_PROMPTS = frozenset((
    "PromptTemplate", "ChatPromptTemplate", "FewShotPromptTemplate", "FewShotPromptWithTemplates", "StructuredPrompt",
    "ImagePromptTemplate", "FewShotChatMessagePromptTemplate",
))  # fmt: skip
_SEQUENCES = frozenset(("RunnableSequence", "RunnableBinding", "LLMChain", "PromptPlayground"))
_KEYS = frozenset((
    "_type", "input_variables", "optional_variables", "partial_variables", "template", "template_path",
    "template_format", "validate_template", "messages", "examples", "example_prompt", "example_prompt_path", "example_selector",
    "example_separator", "prefix", "prefix_path", "suffix", "suffix_path", "prompt", "schema_", "schema", "input_types",
    "structured_output_kwargs",
))  # fmt: skip


def recognises(file: Foreign) -> bool:
    """True for JSON and YAML that holds a prompt of LangChain's."""
    if not file.path.lower().endswith(_SUFFIXES) or not _SIGN.search(file.data):
        return False
    value, _ = load_foreign(file.path, file.data, flavour="1.1")
    return _prompt_in(value) is not None


def read(file: Foreign, *, entry_id: str) -> Imported:
    """The prompt, and the model config and the tools where the file names them."""
    value, notes = load_foreign(file.path, file.data, flavour="1.1")
    found = _prompt_in(value)
    if found is None:
        why = "holds no prompt: no template, no messages, and no object of a prompt's class"
        is_told = any(note.level == "fault" for note in notes)
        return Imported(file.path, NAME, (), notes if is_told else (*notes, Note("fault", file.path, why)))
    try:
        return _Reading(file, entry_id, found, list(notes)).imported(_steps(value))
    except RecursionError:
        why = "nests deeper than a template can be read; make it simpler"
        return Imported(file.path, NAME, (), (*notes, Note("fault", file.path, why)))


def _prompt_in(value: Json) -> Named | None:
    """The prompt in a file: the file itself, what a sequence begins with, or what a chain or a hub wraps."""
    if not isinstance(value, Mapping):
        return None
    found = named(value)
    if found.name in _PROMPTS:
        return found
    if found.name in _SEQUENCES:
        return next((inner for step in _inner(found) if (inner := _prompt_in(step)) is not None), None)
    if found.is_object:
        return None
    if isinstance(value.get("manifest"), Mapping):
        return _prompt_in(value["manifest"])
    kind = value.get("_type")
    if kind in ("llm_chain", "llm") and isinstance(value.get("prompt"), Mapping):
        return _prompt_in(value["prompt"])
    if kind in ("few_shot", "few_shot_with_templates"):
        return Named("FewShotPromptTemplate", value)
    if kind == "chat" or (isinstance(value.get("messages"), list) and "input_variables" in value):
        return Named("ChatPromptTemplate", value)
    is_template = "template" in value or "template_path" in value
    if is_template and (kind == "prompt" or (kind is None and "input_variables" in value)):
        return Named("PromptTemplate", value)
    return None


def _inner(found: Named) -> list[Json]:
    held = found.values
    middle = held.get("middle")
    return [
        held.get("first"),
        *(middle if isinstance(middle, list) else ()),
        held.get("last"),
        held.get("bound"),
        held.get("prompt"),
    ]


def _steps(value: Json) -> list[Named]:
    """Every object of a file that stands beside its prompt: models, bindings, parsers."""
    if not isinstance(value, Mapping):
        return []
    if isinstance(value.get("manifest"), Mapping):
        return _steps(value["manifest"])
    if value.get("_type") in ("llm_chain", "llm"):
        llm = value.get("llm")
        return [Named(str(llm.get("_type", "llm")), llm)] if isinstance(llm, Mapping) else []
    found = named(value)
    if found.name not in _SEQUENCES:
        return [] if found.name in _PROMPTS or not found.is_object else [found]
    steps = [step for inner in _inner(found) for step in _steps(inner)]
    if found.name == "RunnableBinding" and isinstance(found.values.get("kwargs"), Mapping):
        steps.append(Named("binding", found.values["kwargs"]))
    return steps


@dataclass(slots=True)
class _Reading:
    """One file on its way to a prompt."""

    file: Foreign
    entry_id: str
    prompt: Named
    notes: list[Note]
    data: dict[str, Json] = field(default_factory=lambda: {"promptyard": 1})

    def imported(self, steps: list[Named]) -> Imported:
        said = asked(steps)
        self.notes += said.notes
        conversation = Conversation(self.file.sibling, self.notes)
        conversation.add(self.prompt)
        items = in_order(conversation.items, self.notes)
        if not items:
            why = "has no message with text"
            return Imported(self.file.path, NAME, (), (*self.notes, Note("fault", self.file.path, why)))
        self._keys()
        self.data["model"] = said.model.id
        if said.parameters:
            self.data["modelParameters"] = said.parameters
        schemas = self._inputs(conversation)
        if schemas:
            self.data["inputs"] = schemas
        output = self._output(said)
        if output is not None:
            self.data["output"] = output
        self.data["messages"], told = dollars_quoted(items)
        self.notes += told
        if said.tools:
            self.data["tools"] = [tool.id for tool in said.tools]
        return self._whole(said)

    def _keys(self) -> None:
        values = self.prompt.values
        if isinstance(values.get("name"), str) and values["name"].strip():
            self.data["name"] = values["name"].strip()
        parser = values.get("output_parser")
        if parser:
            kind = parser.get("_type", named(parser).name) if isinstance(parser, Mapping) else parser
            why = (
                "takes the answer apart after the call; the service does that, or output.schema asks for JSON"
            )
            self.notes.append(Note("lost", f"output_parser {kind}", why))
        for key, value in values.items():
            if key not in _KEYS | {"name", "output_parser"} and value not in (None, "", [], {}, False):
                said = " ".join(str(value).split())
                told = said if len(said) <= 80 else f"{said[:79]}…"
                self.notes.append(Note("lost", key, f"prompts have no such key; it said {told}"))

    def _inputs(self, conversation: Conversation) -> dict[str, Json]:
        values = self.prompt.values
        written: dict[str, dict[str, Json]] = {}
        for name in [*_names(values.get("input_variables")), *_names(values.get("optional_variables"))]:
            if name not in conversation.histories:
                written[name] = {}
        partial = values.get("partial_variables")
        for name, value in partial.items() if isinstance(partial, Mapping) else ():
            if name in conversation.histories:
                if value:
                    self.notes.append(
                        Note("lost", f"partial {name}", "are messages; the caller hands them over here")
                    )
            elif isinstance(value, str | int | float | bool):
                text = value if isinstance(value, str) else str(value)
                written[name] = {"type": "string", "default": text}
            else:
                why = "is made by code or is no plain value; the caller hands it over here"
                self.notes.append(Note("lost", f"partial {name}", why))
        schemas, added = inputs_of(conversation.templates, written)
        self.notes += added
        if conversation.prints_nothing and any("default" not in schema for schema in schemas.values()):
            self.notes.append(
                Note(
                    "changed",
                    "missing values",
                    "print as nothing in LangChain; here a call without one is refused",
                )
            )
        for template in conversation.templates:
            for fault in examine(template, schemas).faults:
                self.notes.append(Note("lost", "template", f"{fault.problem} here. {fault.hint}"))
        return schemas

    def _output(self, said: Asked) -> dict[str, Json] | None:
        schema = self.prompt.values.get("schema_", self.prompt.values.get("schema"))
        if not isinstance(schema, Mapping):
            return said.output
        title = schema.get("title", schema.get("name"))
        inner = schema.get("parameters") if isinstance(schema.get("parameters"), Mapping) else schema
        is_name = isinstance(title, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", title)
        return {"schema": dict(inner or {}), **({"name": title} if is_name else {})}

    def _whole(self, said: Asked) -> Imported:
        kept: list[Entry] = []
        for entry in (Entry("prompt", self.entry_id, self.data), said.model, *said.tools):
            data, hidden = scrubbed(entry.data, entry.id)
            self.notes += hidden
            kept.append(Entry(entry.kind, entry.id, data))
        return Imported(self.file.path, NAME, tuple(kept), tuple(dict.fromkeys(self.notes)))


def _names(value: Json) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
