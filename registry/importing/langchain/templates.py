"""LangChain's templates and messages as messages of ours.

Examples of a few-shot prompt are put into the text as LangChain does it when it formats the prompt.
It must never format a field that looks into a value, and never render a template of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from registry.importing.foreign_yaml import load_foreign
from registry.importing.langchain.fstring import converted, fields
from registry.importing.langchain.objects import Named, named
from registry.importing.port import Note
from registry.importing.roles import role_of
from registry.importing.templates import pieces
from registry.importing.templates.jinja import in_our_words, tags, with_lines_kept
from registry.importing.templates.mustache import Converter
from serve.core.model import Json

_ROLES: Mapping[str, str] = {
    "SystemMessagePromptTemplate": "system", "SystemMessage": "system",
    "HumanMessagePromptTemplate": "user", "HumanMessage": "user",
    "AIMessagePromptTemplate": "assistant", "AIMessage": "assistant", "AIMessageChunk": "assistant",
    "ToolMessage": "tool", "FunctionMessage": "function", "ChatMessagePromptTemplate": "", "ChatMessage": "",
}  # fmt: skip
_SIMPLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_MESSAGE_KEYS = ("additional_kwargs", "tool_calls", "response_metadata", "name", "tool_call_id", "example")


class _NotPlain(Exception):
    """An example cannot be put in without running code."""


@dataclass(slots=True)
class Conversation:
    """Gathers messages from a prompt of any class."""

    sibling: Callable[[str], bytes | None]
    notes: list[Note]
    items: list[Json] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    histories: list[str] = field(default_factory=list)
    prints_nothing: bool = False

    def add(self, prompt: Named) -> None:
        """Add the messages of a prompt, those of other prompts inside it too."""
        match prompt.name:
            case "ChatPromptTemplate" | "StructuredPrompt":
                messages = prompt.values.get("messages")
                for message in messages if isinstance(messages, list) else ():
                    self._message(message)
            case "FewShotPromptTemplate" | "FewShotPromptWithTemplates":
                text, form = self._few_shot(prompt.values)
                self._say("user", self._template(text, form, "prompt"))
            case "FewShotChatMessagePromptTemplate":
                self._few_shot_chat(prompt.values)
            case _:
                text, form = self._text(prompt.values)
                self._say("user", self._template(text, form, "prompt"))

    def _message(self, written: Json) -> None:
        found = named(written)
        values = found.values
        if found.name == "MessagesPlaceholder":
            self._placeholder(values)
        elif found.name in ("ChatPromptTemplate", "FewShotChatMessagePromptTemplate"):
            self.add(found)
        elif found.name in _ROLES:
            self._of_role(_ROLES[found.name] or str(values.get("role", "user")), found)
        elif (
            isinstance(written, list) and len(written) == 2 and all(isinstance(each, str) for each in written)
        ):
            self._pair(*written)
        elif not found.is_object and isinstance(values.get("prompt"), Mapping):
            self._of_role(str(values.get("role", "user")), found)
        elif isinstance(values.get("variable_name"), str):
            self._placeholder(values)
        elif not found.is_object and isinstance(values.get("role", values.get("type")), str):
            content = values.get("content", values.get("data"))
            content = content.get("content") if isinstance(content, Mapping) else content
            self._pair(
                str(values.get("role", values.get("type"))), content if isinstance(content, str) else ""
            )
        else:
            self.notes.append(
                Note(
                    "lost",
                    f"message {found.name or type(written).__name__}",
                    "is of no kind that is known here",
                )
            )

    def _pair(self, role: str, text: str) -> None:
        if role == "placeholder":
            self._placeholder({"variable_name": text.strip("{} ")})
        else:
            self._say(role_of(role, self.notes), self._template(text, "f-string", f"{role} message"))

    def _placeholder(self, values: Mapping[str, Json]) -> None:
        name = str(values.get("variable_name", ""))
        ours = re.sub(r"\W", "_", name).lstrip("_0123456789") or "history"
        if ours != name:
            self.notes.append(Note("changed", f"placeholder {name}", f"is called {ours} here"))
        if values.get("optional"):
            why = "may be left out there; hand over an empty list here"
            self.notes.append(Note("changed", f"placeholder {ours}", why))
        if values.get("n_messages") is not None:
            why = f"takes the last {values['n_messages']} messages; the caller chooses them here"
            self.notes.append(Note("lost", f"placeholder {ours}", why))
        self.items.append({"history": ours})
        self.histories.append(ours)

    def _of_role(self, role: str, found: Named) -> None:
        values = found.values
        where = f"{role} message"
        for key in _MESSAGE_KEYS:
            if values.get(key):
                self.notes.append(
                    Note("lost", f"{where}: {key}", "an authored message is its role and its content")
                )
        prompt = values.get("prompt")
        content = values.get("content")
        parts = prompt if isinstance(prompt, list) else [prompt] if prompt is not None else []
        if not parts:
            said = content if isinstance(content, list) else [content]
            whole = [part for each in said if (part := self._plain_part(each, where)) is not None]
        else:
            whole = [part for each in parts if (part := self._part(each, where)) is not None]
        self._say(role_of(role, self.notes), *whole)

    def _part(self, written: Json, where: str) -> dict[str, Json] | None:
        found = named(written)
        held = found.values
        template = held.get("template")
        if found.name == "ImagePromptTemplate" or isinstance(template, Mapping):
            url = template.get("url", template.get("path")) if isinstance(template, Mapping) else None
            if isinstance(url, str):
                form = str(held.get("template_format", "f-string"))
                return {"image": self._template(url, form, where)["text"].removesuffix("\n")}
            self.notes.append(Note("lost", where, "has an image without a URL"))
            return None
        return self._template(*self._text(held), where)

    def _plain_part(self, written: Json, where: str) -> dict[str, Json] | None:
        """A part of a message that is no template: every brace of it is text."""
        if isinstance(written, str):
            return {"text": f"{pieces.joined([pieces.text(written)])}\n"}
        if isinstance(written, Mapping) and isinstance(written.get("text"), str):
            return {"text": f"{pieces.joined([pieces.text(written['text'])])}\n"}
        url = written.get("image_url") if isinstance(written, Mapping) else None
        url = url.get("url") if isinstance(url, Mapping) else url
        if isinstance(url, str):
            return {"image": pieces.joined([pieces.text(url)])}
        if written is not None:
            self.notes.append(Note("lost", where, "has a part that is neither text nor an image"))
        return None

    def _say(self, role: str, *parts: dict[str, Json]) -> None:
        kept = [part for part in parts if "".join(map(str, part.values())).strip()]
        if not kept:
            self.notes.append(Note("changed", f"{role} message", "has no text; it was left out"))
            return
        self.templates += [str(text) for part in kept for text in part.values()]
        content = kept[0]["text"] if len(kept) == 1 and "text" in kept[0] else kept
        self.items.append({"role": role, "content": content})

    def _text(self, values: Mapping[str, Json], key: str = "template") -> tuple[str, str]:
        """The text of a template, from the file or from one beside it, and its format."""
        form = str(values.get("template_format") or "f-string")
        text = values.get(key)
        path = values.get(f"{key}_path")
        if isinstance(path, str):
            data = self.sibling(path)
            if data is None:
                why = "is not there, or lies outside the imported folder; its text is missing"
                self.notes.append(Note("fault", f"file {path}", why))
            return ("" if data is None else data.decode("utf-8-sig", "replace")), form
        return text if isinstance(text, str) else "", form

    def _template(self, text: str, form: str, where: str) -> dict[str, Json]:
        if form == "mustache":
            self.prints_nothing = True
            converter = Converter({})
            ours = converter.converted(text)
            self.notes += converter.notes
        elif form == "jinja2":
            self.prints_nothing = True
            respelled, told = in_our_words(text)
            ours = with_lines_kept(respelled.removesuffix("\n"), starts_message=False)
            self.notes += [Note("changed", "template", why) for why in told]
        else:
            if form != "f-string":
                self.notes.append(Note("fault", where, f"has the format {form}; it was read as an f-string"))
            ours, told_here = converted(text, where)
            self.notes += told_here
        return {"text": f"{ours}\n"}

    def _few_shot(self, values: Mapping[str, Json]) -> tuple[str, str]:
        form = str(values.get("template_format") or "f-string")
        prefix, _ = self._affix(values, "prefix")
        suffix, _ = self._affix(values, "suffix")
        shown = []
        example = self._example_prompt(values)
        for number, row in enumerate(self._examples(values), 1):
            try:
                text, inner = self._text(example)
                shown.append(_put_in(text, inner, row))
            except _NotPlain as error:
                self.notes.append(Note("lost", f"example {number}", f"{error}; it was left out"))
        if shown:
            why = "were put into the text, as LangChain does it before a call"
            self.notes.append(Note("changed", f"examples ({len(shown)})", why))
        separator = values.get("example_separator", "\n\n")
        separator = separator if isinstance(separator, str) else "\n\n"
        return separator.join(text for text in (prefix, *shown, suffix) if text), form

    def _affix(self, values: Mapping[str, Json], key: str) -> tuple[str, str]:
        inner = named(values.get(key))
        if isinstance(values.get(key), Mapping):
            return self._text(inner.values)
        return self._text(values, key)

    def _example_prompt(self, values: Mapping[str, Json]) -> Mapping[str, Json]:
        path = values.get("example_prompt_path")
        if isinstance(path, str):
            found = self._file(path)
            return found if isinstance(found, Mapping) else {}
        return named(values.get("example_prompt")).values

    def _examples(self, values: Mapping[str, Json]) -> list[Mapping[str, Json]]:
        written = values.get("examples")
        if isinstance(written, str):
            written = self._file(written)
        if values.get("example_selector"):
            why = "chooses examples when it is called; the caller hands them over here, or they stand in the text"
            self.notes.append(Note("lost", "example_selector", why))
        return [row for row in written if isinstance(row, Mapping)] if isinstance(written, list) else []

    def _file(self, path: str) -> Json:
        data = self.sibling(path)
        if data is None:
            why = "is not there, or lies outside the imported folder; what it holds was left out"
            self.notes.append(Note("fault", f"file {path}", why))
            return None
        value, notes = load_foreign(path, data, flavour="1.1")
        self.notes += notes
        return value

    def _few_shot_chat(self, values: Mapping[str, Json]) -> None:
        example = named(values.get("example_prompt"))
        rows = self._examples(values)
        for row in rows:
            inner = Conversation(self.sibling, self.notes)
            inner.add(example)
            for item, template in zip(inner.items, inner.templates, strict=False):
                self._example_message(item, template, row)
        if rows:
            why = "were put in as messages of their own, as LangChain does it before a call"
            self.notes.append(Note("changed", f"examples ({len(rows)})", why))

    def _example_message(self, item: Json, template: str, row: Mapping[str, Json]) -> None:
        """One message of one example, its variables replaced by what the example holds."""
        out: list[pieces.Piece] = []
        position = 0
        for tag in tags(template) or ():
            name = _SIMPLE.fullmatch(template[tag.start : tag.end])
            out.append(pieces.tag(template[position : tag.start]))
            is_value = name is not None and isinstance(row.get(name[1]), str | int | float)
            out.append(
                pieces.text(str(row[name[1]]))
                if name is not None and is_value
                else pieces.tag(template[tag.start : tag.end])
            )
            position = tag.end
        self._say(
            str(item.get("role", "user")), {"text": pieces.joined([*out, pieces.tag(template[position:])])}
        )


def _put_in(text: str, form: str, row: Mapping[str, Json]) -> str:
    """An example's text with its values in it."""
    if form != "f-string":
        if (tags(text) or ()) != tuple(
            tag for tag in tags(text) or () if _SIMPLE.fullmatch(text[tag.start : tag.end])
        ):
            raise _NotPlain(f"is made by a {form} template that does more than print values")
        return _SIMPLE.sub(lambda found: _value(row, found[1]), text)
    parts = fields(text)
    if parts is None:
        raise _NotPlain("is made by a template that is no format string")
    out = ""
    for plain, name, spec, conversion in parts:
        out += plain
        if name is not None:
            if spec or conversion or not name.isidentifier():
                raise _NotPlain(f"formats {{{name}}} in a way that needs Python")
            out += _value(row, name)
    return out


def _value(row: Mapping[str, Json], name: str) -> str:
    if name not in row:
        raise _NotPlain(f"has no {name}")
    value = row[name]
    return value if isinstance(value, str) else str(value)
