"""Which model a LangChain sequence asks after its prompt, with which parameters and tools.

It must never carry what only its own client needs: keys, addresses, retries, callbacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.importing.functions import tools_of
from registry.importing.langchain.objects import Named, is_secret
from registry.importing.models import model_entry, unnamed_model
from registry.importing.parameters import carried
from registry.importing.port import Entry, Note
from registry.importing.response_format import output_of
from serve.core.model import Json

_NAMES = ("model", "model_name", "azure_deployment", "deployment_name", "model_id", "modelName", "repo_id")
_PARAMETERS = frozenset((
    "temperature", "max_tokens", "maxTokens", "max_output_tokens", "max_completion_tokens", "top_p", "topP", "top_k",
    "topK", "stop", "stop_sequences", "seed", "frequency_penalty", "presence_penalty", "reasoning_effort",
    "frequencyPenalty", "presencePenalty", "n", "stream", "streaming", "logit_bias", "best_of", "tool_choice",
    "function_call",
))  # fmt: skip


@dataclass(slots=True)
class Asked:
    """What stands beside a prompt."""

    model: Entry
    parameters: dict[str, Json] = field(default_factory=dict)
    tools: list[Entry] = field(default_factory=list)
    output: dict[str, Json] | None = None
    notes: list[Note] = field(default_factory=list)


def asked(steps: list[Named]) -> Asked:
    """The model, its parameters, the tools and the answer's schema of a sequence."""
    notes: list[Note] = []
    written: dict[str, Json] = {}
    entry: Entry | None = None
    for step in steps:
        name = next((step.values[key] for key in _NAMES if isinstance(step.values.get(key), str)), None)
        if step.name == "binding":
            written |= step.values
        elif name and entry is None:
            entry = model_entry(_provider(step), name)
            notes.append(
                Note(
                    "changed",
                    "model",
                    f"{name} is the model config {entry.id}, of engine {entry.data['engine']}",
                )
            )
            written |= step.values
        else:
            why = "stands beside the prompt; a prompt here is its messages and its model"
            if step.name.endswith("OutputParser"):
                why = "takes the answer apart after the call; the service does that"
            notes.append(Note("lost", step.name or "step", why))
    if entry is None:
        entry, note = unnamed_model()
        notes.append(note)
    out = Asked(entry, notes=notes)
    _add(out, written)
    return out


def _provider(step: Named) -> str:
    return step.name.removesuffix("-chat").replace("_", "").lower().removesuffix("llm")


def _add(out: Asked, written: dict[str, Json]) -> None:
    inner = written.pop("model_kwargs", None)
    whole = {**written, **(inner if isinstance(inner, Mapping) else {})}
    for key in ("tools", "functions"):
        out.tools += tools_of(whole.pop(key, None), out.notes)
    form = whole.pop("response_format", None)
    if isinstance(form, Mapping) and form.get("type") == "json_schema":
        out.output = output_of(form, out.notes)
    elif form and form != {"type": "text"}:
        why = "asks for JSON of any shape; write its shape under output.schema to enforce it"
        out.notes.append(Note("lost", "response_format", why))
    parameters = {key: value for key, value in whole.items() if key in _PARAMETERS}
    parameters.pop("streaming", None)
    out.parameters, lost = carried(parameters, out.model.data["engine"])
    out.notes += lost
    for key, value in whole.items():
        if key in _PARAMETERS | set(_NAMES) | {"_type"} or value in (None, "", [], {}, False):
            continue
        why = (
            "is a key; the service has its own"
            if is_secret(value)
            else "belongs to its client; the service that calls has its own"
        )
        out.notes.append(Note("lost", f"model: {key}", why))
