"""The very prompt that a local engine is given: the text after the chat template, and its tokens.

To be looked at and counted without loading any weights; the files are read from any revision.
It must never build a prompt in a way of its own; the engine's template and tokenizer do.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from registry.authoring.catalog import Catalog
from registry.authoring.weights import folder_of
from registry.errors import PromptyardError, Usage
from serve.core.live import Render
from serve.core.model import ModelConfig
from serve.guard_ml.chat_template import ChatTemplate, TemplateProblem, read_chat_template
from serve.guard_ml.tokens import PromptTokenizer

_NEEDED, _OPTIONAL = "tokenizer.json", ("tokenizer_config.json", "chat_template.jinja")


@dataclass(frozen=True, slots=True)
class LocalPrompt:
    """What the engine is given: ``text`` is the prompt in one piece, ``tokens`` are its tokens in order."""

    text: str
    tokens: tuple[str, ...]


class LocalPrompts:
    """The local prompts of one catalog; template and tokenizer of a model are read once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._models: dict[str, tuple[ChatTemplate, PromptTokenizer]] = {}

    def of(self, render: Render) -> LocalPrompt:
        """What the local engine is given for a rendered prompt.

        Raises:
            Usage: WGT001 when the model names no weights in this repository, WGT002 when their tokenizer is
                not there, ENG004 when it cannot be read, ENG005 when the chat template refuses the messages.
            MissingExtra: without ``tokenizers``.
        """
        template, tokenizer = self._model(render.model)
        try:
            segments = template.segments(render.messages, render.tools)
        except TemplateProblem as problem:
            advice = f"Use messages that the model {render.model.id} knows."
            raise Usage("ENG005", str(problem), advice) from problem
        (tokens,) = tokenizer.encode([segments], plain=template.plain)
        return LocalPrompt("".join(segment.text for segment in segments), tokens.texts)

    def count(self, render: Render) -> int | None:
        """How many tokens the prompt has for its own model; None where that cannot be counted here."""
        if render.model.engine != "ctranslate2":
            return None
        try:
            return len(self.of(render).tokens)
        except PromptyardError:
            return None

    def _model(self, config: ModelConfig) -> tuple[ChatTemplate, PromptTokenizer]:
        if config.id not in self._models:
            self._models[config.id] = self._read(config)
        return self._models[config.id]

    def _read(self, config: ModelConfig) -> tuple[ChatTemplate, PromptTokenizer]:
        if config.weights is None or config.weights.path is None:
            what = f"model {config.id} names no weights in this repository"
            raise Usage("WGT001", what, "Only a model with weights: {path: …} has a local prompt to show.")
        path = f"{self._catalog.settings.content}/{config.id}.model.yaml"
        folder = folder_of(path, config.weights.path)
        try:
            tokenizer = self._catalog.tree.read(f"{folder}/{_NEEDED}")
        except FileNotFoundError as error:
            what = f"model {config.id}: there is no {folder}/{_NEEDED}"
            raise Usage("WGT002", what, f"Add the folder, or correct weights.path in {path}.") from error
        try:
            return self._template(folder), PromptTokenizer(tokenizer)
        except ValueError as error:
            what = f"model {config.id}: the weights folder is no CTranslate2 model ({error})"
            raise Usage("ENG004", what, "If its files are Git LFS pointers, run git lfs pull.") from error

    def _template(self, folder: str) -> ChatTemplate:
        with tempfile.TemporaryDirectory() as scratch:
            for name in _OPTIONAL:
                try:
                    (Path(scratch) / name).write_bytes(self._catalog.tree.read(f"{folder}/{name}"))
                except FileNotFoundError:
                    continue
            return read_chat_template(Path(scratch))
