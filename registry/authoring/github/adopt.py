"""A GitHub file as a document of ours, and what was not ours in it.

After this a GitHub file is a prompt like any other: same keys, same schema, every value with the place where it was
written. Keys of ours (``inputs``, ``owner``, …) may stand in such a file and mean what they always mean.
It must never refuse: a fault of the file itself is left for the schema to name.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from registry.authoring.github import answer, evaluators, models
from registry.authoring.github.drift import Drift, Topic
from registry.authoring.github.messages import Messages
from registry.authoring.github.text import Names, Spot
from registry.authoring.parse import Document, Mark, Steps
from registry.authoring.sources.prompt import PromptSource
from registry.diagnostics import Place
from serve.core.codec import ShapeError, from_json, keys_of
from serve.core.model import Json
from serve.core.payloads import PARAMETERS

HEADER = "promptyard"
LARGEST = 400_000  # characters that a prompt may grow to (lint TPL002)
_BOUND = 20_000
_LEAST = 1_000
_OURS = keys_of(PromptSource)
_FOREIGN = ("responseFormat", "jsonSchema")
_KNOWN = (*_OURS, *_FOREIGN)
_INSTEAD = {
    "variables": "Declare them under inputs, each with a JSON Schema, and remove this.",
    "version": "Remove it: Git and the release number tell versions apart.",
    "metadata": "Keep what matters as owner and description; remove the rest, or make it a comment.",
    "tags": "Remove it, or make it a comment: folders and owners group prompts here.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adopted:
    """A GitHub file as ours. ``model`` is the model file that its model name implies, unless there is one."""

    document: Document
    drifts: tuple[Drift, ...]
    model: Document


def is_foreign(document: Document) -> bool:
    """True for a prompt file without our header: one that was written for GitHub."""
    return isinstance(document.data, Mapping) and HEADER not in document.data


def adopt(document: Document) -> Adopted:
    """A document that ``is_foreign`` as one of ours."""
    return _Adoption(document).made()


class _Adoption:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._written: Mapping[str, Json] = document.data
        self._drifts: list[Drift] = []
        self._moved: dict[Steps, Steps] = {}
        self._data: dict[str, Json] = {HEADER: 1}

    def made(self) -> Adopted:
        self._format()
        self._plain_keys()
        model = self._model()
        self._parameters()
        self._output()
        self._texts()
        self._drop_what_does_not_fit()
        marks = _marks(self._document, self._data, self._moved)
        document = replace(self._document, data=self._data, marks=marks, signs=None)
        return Adopted(document, tuple(self._drifts), model)

    def _tell(self, topic: Topic, steps: Steps, spot: Spot | None, what: str, instead: str) -> None:
        place = self._document.place(*steps) if spot is None else self._spotted(steps, spot)
        self._drifts.append(Drift(topic, place, what, instead))

    def _spotted(self, steps: Steps, spot: Spot) -> Place:
        place = self._document.place_in_text(steps, spot.line)
        rows = self._document.source.split("\n")
        row = rows[place.line - 1] if place.line <= len(rows) else ""
        return replace(place, column=row.find(spot.text, place.column - 1) + 1 or place.column)

    def _format(self) -> None:
        told = "This file has no promptyard: 1, so it is read as GitHub's: only {{name}} is filled in."
        self._tell("format", (), None, told, "Begin it with promptyard: 1 to make it Promptyard's.")

    def _plain_keys(self) -> None:
        for key, value in self._written.items():
            if key not in _KNOWN:
                what = f"{key} is no key of a prompt, so nothing reads it."
                self._tell("key", (key,), None, what, _INSTEAD.get(key) or _advice(key))
            elif key not in _FOREIGN and value not in (None, "", [], {}):
                self._data[key] = value

    def _model(self) -> Document:
        name = self._data.pop("model", models.NOT_NAMED)
        if not isinstance(name, str):
            self._misfit("model", name, "the name of a model")
            name = models.NOT_NAMED
        self._data["model"] = models.implied_id(name)
        return models.implied_document(self._document, name)

    def _parameters(self) -> None:
        written = self._data.pop("modelParameters", None)
        if not isinstance(written, Mapping):
            self._misfit("modelParameters", written, "keys with values")
            return
        made: dict[str, Json] = {}
        for key, name, value, told in answer.parameters(written, PARAMETERS[models.ENGINE]):
            if name and value is not None:
                made[name] = value
                self._moved["modelParameters", name] = ("modelParameters", key)
            if told:
                instead = (
                    f"Write {name}: {json.dumps(value)}."
                    if name and value is not None
                    else f"Remove {key}, or correct it."
                )
                self._tell("parameter", ("modelParameters", key), None, told, instead)
        if made:
            self._data["modelParameters"] = made

    def _misfit(self, key: str, written: Json, wanted: str) -> None:
        if written is not None:
            self._tell(
                "key",
                (key,),
                None,
                f"{key} must be {wanted}, so it is left out.",
                f"Correct {key}, or remove it.",
            )

    def _output(self) -> None:
        key = "jsonSchema" if "jsonSchema" in self._written else "responseFormat"
        made = answer.output(
            self._written, lambda what, instead: self._tell("output", (key,), None, what, instead)
        )
        if made is not None and "output" not in self._data:
            self._data["output"] = made
            self._moved["output",] = (key,)

    def _texts(self) -> None:
        inputs = self._inputs()
        names = Names()
        reader = Messages(names, self._tell)
        written = self._data.get("messages")
        if isinstance(written, list):
            kept = reader.messages(written)
            self._data["messages"] = [item for _, item in kept]
            self._move("messages", kept)
        self._variants(reader)
        made = self._declared(reader, names, inputs)
        names.ours.update((name, name) for name in inputs if name not in names.ours)
        self._tests(names.ours, made)
        if inputs or made:
            self._data["inputs"] = inputs | made

    def _inputs(self) -> dict[str, Json]:
        written = self._data.pop("inputs", None)
        if not isinstance(written, Mapping):
            self._misfit("inputs", written, "a JSON Schema for each variable")
            return {}
        for name in [name for name, schema in written.items() if not isinstance(schema, Mapping)]:
            what = f"inputs.{name} must be a JSON Schema, so it is left out."
            self._tell(
                "key", ("inputs", name), None, what, f"Write {name}: {{type: string, maxLength: {_BOUND}}}."
            )
        return {name: schema for name, schema in written.items() if isinstance(schema, Mapping)}

    def _variants(self, reader: Messages) -> None:
        variants = self._data.get("variants")
        for arm, variant in variants.items() if isinstance(variants, Mapping) else ():
            texts = variant.get("messages") if isinstance(variant, Mapping) else None
            if isinstance(texts, Mapping):
                made = {
                    key: reader.content(text, ("variants", arm, "messages", key))
                    for key, text in texts.items()
                }
                self._data["variants"] = {**self._data["variants"], arm: {**variant, "messages": made}}

    def _declared(self, reader: Messages, names: Names, inputs: Mapping[str, Json]) -> dict[str, Json]:
        """An input for each variable without one: text, with a bound that keeps the whole prompt below the largest."""
        missing = [name for name in dict.fromkeys(reader.uses) if name not in inputs]
        if not missing:
            return {}
        uses = sum(1 for name in reader.uses if name not in inputs)
        bound = max(min(_BOUND, (LARGEST // 2 - reader.characters) // uses // 100 * 100), _LEAST)
        made: dict[str, Json] = {name: {"type": "string", "maxLength": bound} for name in missing}
        told = f"Not declared: {', '.join(missing)}; taken as text of at most {bound:,} characters."
        for theirs, ours in names.ours.items():
            told += f" {theirs} is {ours} here." if theirs != ours else ""
        shown = ", ".join(f"{name}: {{type: string, maxLength: {bound}}}" for name in missing)
        self._tell("inputs", ("messages",), None, told, f"Write inputs: {{{shown}}}.")
        return made

    def _tests(self, names: Mapping[str, str], made: Mapping[str, Json]) -> None:
        def tell(steps: Steps, what: str, instead: str) -> None:
            self._tell("test", steps, None, what, instead)

        data, asked = self._data.pop("testData", None), self._data.pop("evaluators", None)
        if isinstance(data, list):
            kept = evaluators.rows(data, names, made, tell)
            self._data["testData"] = [row for _, row in kept]
            self._move("testData", kept)
            theirs = {ours: name for name, ours in names.items()}
            for index, (before, row) in enumerate(kept):
                self._moved.update(
                    {("testData", index, key): ("testData", before, theirs.get(key, key)) for key in row}
                )
        else:
            self._misfit("testData", data, "a list of rows")
        if isinstance(asked, list):
            kept = evaluators.evaluators(asked, tell)
            self._data["evaluators"] = [item for _, item in kept]
            self._move("evaluators", kept)
        else:
            self._misfit("evaluators", asked, "a list")

    def _move(self, key: str, kept: list[tuple[int, Json]]) -> None:
        self._moved.update({(key, index): (key, before) for index, (before, _) in enumerate(kept)})

    def _drop_what_does_not_fit(self) -> None:
        """Leaves out keys whose value has another meaning with us than it had for whoever wrote it."""
        for key in [key for key in self._data if key not in (HEADER, "model", "messages")]:
            whole = {HEADER: 1, "model": "m", "messages": [], key: self._data[key]}
            try:
                from_json(PromptSource, whole)
            except ShapeError as error:
                del self._data[key]
                where = ".".join(map(str, error.steps))
                self._tell(
                    "key",
                    error.steps,
                    None,
                    f"{where} {error.problem}, so {key} is left out.",
                    f"Correct {key}, or remove it.",
                )


def _advice(key: str) -> str:
    near = difflib.get_close_matches(key, _KNOWN, 1, 0.75)
    return (
        f"Write {near[0]} if that is meant, else remove it." if near else "Remove it, or make it a comment."
    )


def _marks(document: Document, data: Json, moved: Mapping[Steps, Steps]) -> dict[Steps, Mark]:
    """A mark for every step into the new value: where it was written, or where what it belongs to was."""
    marks: dict[Steps, Mark] = {}

    def walk(value: Json, steps: Steps, before: Steps, around: Mark) -> None:
        mark = document.marks.get(before, Mark(around.line, around.column, around.value_line, False))
        marks[steps] = mark
        pairs = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for step, inner in pairs:
            walk(inner, (*steps, step), moved.get((*steps, step), (*before, step)), mark)

    walk(data, (), (), Mark(1, 1, 1, False))
    return marks
