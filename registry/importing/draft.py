"""A prompt of ours in the making: what a reader found, made whole and checked before it is an entry.

Every format lacks something that ours asks for: bounds, a model, a question. What is added is told.
It must never leave a prompt that lint refuses without a note that says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.authoring.includes import IncludeError, expand
from registry.importing.inference import usages
from registry.importing.inputs import declared
from registry.importing.models import parameters_of, unnamed_model
from registry.importing.parameters import carried
from registry.importing.port import Entry, Note
from registry.importing.secrets import scrubbed
from registry.importing.values import completed, widened
from registry.validation.template_policy import examine
from serve.core.model import Json
from serve.core.payloads import PARAMETERS

HISTORY = "conversation"
_INCLUDE = re.compile(r"\{% include [^%]*%\}\n?")


@dataclass(slots=True)
class Draft:
    """What a reader found in a file.

    Attributes:
        id: the prompt's id.
        messages: as in our format; templates are Jinja2 already.
        written: the JSON Schema of each variable that the file declares.
        model: the model config that it asks, if any.
        parameters: decoding parameters as the file spells them.
        head: name, description, output and tools, as in our format.
        answer_tokens: what the format's own tool asks of an engine that demands a limit.
        samples: inputs of its cases, which the bounds must let through.
        partials: the texts that its templates include, by path.
    """

    id: str
    messages: list[dict[str, Json]]
    written: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    model: Entry | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict)
    head: Mapping[str, Json] = field(default_factory=dict)
    answer_tokens: int = 1024
    samples: Sequence[Mapping[str, Json]] = ()
    partials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A whole prompt: its entries, what was told, and the names of its inputs and histories."""

    entries: tuple[Entry, ...]
    notes: tuple[Note, ...]
    inputs: Mapping[str, Json]
    histories: tuple[str, ...]


def made(draft: Draft) -> Made:
    """The entries of a draft, its model config among them; none where it has nothing to say."""
    notes: list[Note] = []
    messages = [item for item in draft.messages if _says_something(item)]
    if not any("role" in item for item in messages):
        return Made((), (Note("fault", "messages", "hold no text, so there is no prompt"),), {}, ())
    _answered(messages, notes)
    clean, found = scrubbed(messages, "messages")
    notes += found
    templates = [_whole(template, draft.partials) for template in templates_of(clean)]
    inputs, found = declared(templates, _written(templates, draft.written, notes))
    notes += found
    inputs, found = widened(inputs, draft.samples)
    notes += [*found, *_closed(inputs)]
    model, parameters = _asked(draft, notes)
    data = {"promptyard": 1, **draft.head, "model": model.id, "modelParameters": parameters, "inputs": inputs}
    data |= {"messages": clean}
    order = (
        "promptyard",
        "name",
        "description",
        "model",
        "modelParameters",
        "inputs",
        "output",
        "messages",
        "tools",
    )
    whole = {
        key: data[key] for key in (*order, *(data.keys() - set(order))) if data.get(key) not in (None, {}, [])
    }
    notes += _refused(templates, inputs)
    histories = tuple(str(item["history"]) for item in clean if "history" in item)
    return Made((Entry("prompt", draft.id, whole), model), tuple(dict.fromkeys(notes)), inputs, histories)


def templates_of(messages: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """Every template in some messages."""
    for item in messages:
        content = item.get("content", "")
        if isinstance(content, str):
            yield content
        else:
            for part in content:
                yield str(part.get("text") or part.get("image") or part.get("file") or "")


def _says_something(item: Mapping[str, Json]) -> bool:
    content = item.get("content", "")
    return "history" in item or bool(content.strip() if isinstance(content, str) else content)


def _answered(messages: list[dict[str, Json]], notes: list[Note]) -> None:
    """Say what order of roles providers refuse, and let a question in where there is none."""
    roles = [str(item.get("role", "history")) for item in messages]
    lead = next((place for place, role in enumerate(roles) if role != "system"), len(roles))
    if "system" in roles[lead:]:
        why = "stands after others, which several providers refuse; move it to the start"
        notes.append(Note("fault", "system message", why))
    if not {"user", "history"} & set(roles):
        why = f"none of the user; what is asked comes in as the history {HISTORY}, which may be empty"
        notes.append(Note("changed", "messages", why))
        messages.append({"history": HISTORY})


def _asked(draft: Draft, notes: list[Note]) -> tuple[Entry, dict[str, Json]]:
    model = draft.model
    if model is None:
        model, note = unnamed_model()
        notes.append(note)
    engine = str(model.data["engine"])
    demanded = (
        engine == "anthropic" and "maxTokens" not in parameters_of(draft.parameters, PARAMETERS[engine])[0]
    )
    own = model.data.get("parameters", {}).get("maxTokens")
    limit = {"maxTokens": own or draft.answer_tokens} if demanded else {}
    kept, found = carried({**limit, **draft.parameters}, engine)
    notes += found
    if demanded and own:
        kept.pop("maxTokens")  # the model config says it already
    elif demanded:
        why = f"{draft.answer_tokens} was added; the engine demands a limit of the answer"
        notes.append(Note("changed", "parameter maxTokens", why))
    return model, kept


def _closed(inputs: Mapping[str, Json]) -> Iterator[Note]:
    """Say where an object that held anything now holds nothing but what is declared."""
    for name, schema in inputs.items():
        if _is_bare(schema):
            why = "is an object without declared properties; declare them below properties"
            yield Note("changed", f"input {name}", why)


def _is_bare(schema: Json) -> bool:
    if not isinstance(schema, Mapping):
        return False
    kinds = schema.get("type", ())
    if "object" in ([kinds] if isinstance(kinds, str) else kinds) and not schema.get("properties"):
        return True
    return _is_bare(schema.get("items")) or any(map(_is_bare, (schema.get("properties") or {}).values()))


def _written(
    templates: Sequence[str], written: Mapping[str, Mapping[str, Json]], notes: list[Note]
) -> dict[str, Mapping[str, Json]]:
    """The schemas of all inputs, what the file leaves open filled in by their use."""
    used = usages(templates)
    out: dict[str, Mapping[str, Json]] = {}
    for name in dict.fromkeys([*written, *used]):
        use = used[name].schema() if name in used else {}
        out[name] = completed(written.get(name, {}), use)
        if name not in written:
            why = "was not declared; its type is that of its use in the template"
            notes.append(Note("changed", f"input {name}", why))
    return out


def _whole(template: str, partials: Mapping[str, str]) -> str:
    """A template with its partials in place; without them where one is not there, which lint says."""

    def read(name: str) -> str:
        if name not in partials:
            raise FileNotFoundError(name)
        return partials[name]

    try:
        return expand(template, read)[0]
    except IncludeError:
        return _INCLUDE.sub("", template)


def _refused(templates: Sequence[str], inputs: Mapping[str, Json]) -> Iterator[Note]:
    for number, template in enumerate(templates, 1):
        for fault in examine(template, inputs).faults:
            yield Note("fault", f"template {number}, line {fault.line}", f"{fault.problem}; {fault.hint}")
