"""Which model a Prompty file asks and how, in its first and in its second version.

It must never carry a connection: endpoints, versions of an API and keys belong to the service that calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.importing.functions import tools_of
from registry.importing.models import model_entry, unnamed_model
from registry.importing.parameters import carried
from registry.importing.port import Entry, Note
from registry.importing.prompty.inputs import properties, property_schema
from registry.importing.response_format import output_of
from serve.core.model import Json

_NAMES = (
    "azure_deployment",
    "model",
    "model_id",
    "model_name",
    "deployment",
    "deployment_name",
    "name",
    "id",
)
_ENVIRONMENT = re.compile(r"\$\{env:([^:}]*)(?::([^}]*))?\}|\$\{([A-Za-z_]\w*)\}|\$env:(\w+)", re.IGNORECASE)
_VERSION_2 = frozenset(("id", "provider", "apiType", "options"))
_AMONG_PARAMETERS = ("deployment_name", "model", "model_id", "model_name", "azure_deployment")
_KNOWN = frozenset(("api", "configuration", "connection", "parameters", "response", *_VERSION_2, *_NAMES))
_CHAT = ("chat", "responses", "")
_OTHERS: Mapping[str, str] = {
    "completion": "is sent as one message of the user here; engines here take chats",
    "embedding": "has no answer in words; a prompt here is a chat",
    "embeddings": "has no answer in words; a prompt here is a chat",
    "image": "asks for a picture; a prompt here is a chat",
}


@dataclass(slots=True)
class Asked:
    """What a file asks of which model."""

    model: Entry
    parameters: dict[str, Json] = field(default_factory=dict)
    tools: list[Entry] = field(default_factory=list)
    output: dict[str, Json] | None = None
    notes: list[Note] = field(default_factory=list)


def is_version_2(head: Mapping[str, Json]) -> bool:
    """True for a head with keys that only the second version has."""
    model, template = head.get("model"), head.get("template")
    by_model = isinstance(model, Mapping) and bool(_VERSION_2 & model.keys()) and "configuration" not in model
    return by_model or isinstance(model, str) or (isinstance(template, Mapping) and "format" in template)


def asked(head: Mapping[str, Json]) -> Asked:
    """The model config, the parameters, the tools and the answer's schema of a head."""
    written = head.get("model")
    notes: list[Note] = []
    if isinstance(written, str):
        written = {"id": written}
    if written is not None and not isinstance(written, Mapping):
        notes.append(Note("fault", "model", "is no mapping; it was left out"))
    model: Mapping[str, Json] = written if isinstance(written, Mapping) else {}
    entry, told = _model(model)
    out = Asked(entry, notes=[*notes, *told])
    _tell_api(model, out.notes)
    options = {**_mapping(model.get("parameters")), **_mapping(model.get("options"))}
    options |= _mapping(options.pop("additionalProperties", None))
    for key in _AMONG_PARAMETERS:
        options.pop(key, None)
    out.tools = _tools(head, options, out.notes)
    out.output = _output(head, options.pop("response_format", None), out.notes)
    out.parameters, lost = carried(options, entry.data["engine"])
    out.notes += lost
    if model.get("response") not in (None, "first", {}):
        out.notes.append(Note("lost", "model.response", "a call here gives the first answer"))
    others = [key for key in model if key not in _KNOWN]
    out.notes += [Note("lost", f"model.{key}", "a model config has no such key") for key in others]
    return out


def _mapping(value: Json) -> dict[str, Json]:
    return dict(value) if isinstance(value, Mapping) else {}


def _model(model: Mapping[str, Json]) -> tuple[Entry, list[Note]]:
    configuration, connection = _mapping(model.get("configuration")), _mapping(model.get("connection"))
    notes = _connections(model, configuration, connection)
    provider = str(model.get("provider") or configuration.get("type") or "").lower()
    if provider.startswith("azure_openai") or (not provider and "azure_deployment" in configuration):
        provider = "azure_openai"
    among = {
        key: value for key, value in _mapping(model.get("parameters")).items() if key in _AMONG_PARAMETERS
    }
    taken = ""
    for where, held in (
        ("configuration.", configuration), ("", model), ("connection.", connection), ("parameters.", among),
    ):  # fmt: skip
        for key in (*_NAMES, *_AMONG_PARAMETERS):
            written = held.get(key)
            if (
                isinstance(written, bool)
                or not isinstance(written, str | int | float)
                or not str(written).strip()
            ):
                continue
            name = _named(str(written).strip(), f"model.{where}{key}", notes)
            if taken and name not in ("", taken):
                notes.append(Note("lost", f"model.{where}{key}", f"names {name} as well; {taken} was taken"))
            taken = taken or name
    if not taken:
        entry, note = unnamed_model()
        return entry, [*notes, note]
    entry = model_entry(provider, taken)
    why = f"{taken} is the model config {entry.id}, of engine {entry.data['engine']}"
    return entry, [*notes, Note("changed", "model", why)]


def _connections(
    model: Mapping[str, Json], configuration: Mapping[str, Json], connection: Mapping[str, Json]
) -> list[Note]:
    """What a file says of where its model is called and with which key."""
    why = "belongs to the service that calls, not to the prompt"
    notes = [
        Note("lost", f"model.{where}.{key}", why)
        for where, held in (("configuration", configuration), ("connection", connection))
        for key in held
        if key not in ("type", "kind", *_NAMES)
    ]
    names = [
        key
        for key in ("configuration", "connection")
        if model.get(key) and not isinstance(model[key], Mapping)
    ]
    why = "is known to the service that calls"
    notes += [Note("lost", f"model.{key} {model[key]}", why) for key in names]
    return notes


def _named(value: str, where: str, notes: list[Note]) -> str:
    """The name that a value gives: itself, or the default of an environment variable."""
    found = _ENVIRONMENT.search(value)
    if found is None:
        return value if not value.startswith("${") else ""
    variable = found[1] or found[3] or found[4]
    if found[2] and found[0] == value:
        notes.append(
            Note("changed", where, f"is {found[2]}, the default of the environment variable {variable}")
        )
        return found[2]
    notes.append(Note("lost", where, f"is the environment variable {variable}, which files here do not read"))
    return ""


def _tell_api(model: Mapping[str, Json], notes: list[Note]) -> None:
    api = str(model.get("api") or model.get("apiType") or "chat").lower()
    if api == "completion":
        notes.append(Note("changed", "api completion", _OTHERS[api]))
    elif api not in _CHAT:
        why = _OTHERS.get(api, "is no kind of call that is known here; it is a chat")
        notes.append(Note("lost", f"api {api}", why))


def _tools(head: Mapping[str, Json], options: dict[str, Json], notes: list[Note]) -> list[Entry]:
    found = tools_of(head.get("tools"), notes)
    for key in ("tools", "functions"):
        written = options.pop(key, None)
        if isinstance(written, Mapping) and isinstance(written.get("tools"), list):
            written = written["tools"]
        found += tools_of(written, notes)
    return list({tool.id: tool for tool in found}.values())


def _output(head: Mapping[str, Json], written: Json, notes: list[Note]) -> dict[str, Json] | None:
    """The answer's schema: from a JSON Schema, or from declared outputs where JSON is asked for."""
    form = written if isinstance(written, Mapping) else {"type": written} if isinstance(written, str) else {}
    kind = form.get("type")
    if kind == "json_schema":
        return output_of(form, notes)
    outputs = dict(properties(head.get("outputs"), "outputs", notes))
    if not outputs:
        if kind == "json_object":
            why = "asks for JSON of any shape; write its shape under output.schema to enforce it"
            notes.append(Note("lost", "response_format", why))
        elif kind not in (None, "text"):
            notes.append(Note("lost", "response_format", f"{kind} is no form that is known here"))
        return None
    if kind != "json_object" and not is_version_2(head):
        notes.append(
            Note("lost", "outputs", "are declared but the file asks for no JSON; nothing enforces them")
        )
        return None
    held = {
        name: property_schema(said, f"output {name}", notes) if isinstance(said, Mapping) else {}
        for name, said in outputs.items()
    }
    if kind == "json_object":
        notes.append(
            Note("changed", "outputs", "are output.schema, which is enforced: an answer has these keys alone")
        )
    return {"schema": _closed({"type": "object", "properties": held})}


def _closed(schema: Mapping[str, Json]) -> dict[str, Json]:
    """The schema with every object closed and all its properties required, as its own tools send it."""
    out = dict(schema)
    if isinstance(out.get("properties"), Mapping):
        out["properties"] = {key: _closed(value) for key, value in out["properties"].items()}
        out |= {"required": list(out["properties"]), "additionalProperties": False}
    if isinstance(out.get("items"), Mapping):
        out["items"] = _closed(out["items"])
    return out
