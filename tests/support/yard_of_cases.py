"""A small registry with local models and suites, on disk, for tests of whole runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.models import SpokenEngine

from registry.authoring.catalog import Catalog, load
from registry.authoring.tree import FolderTree
from registry.evaluation.arms import Arm, EngineOptions, Engines, build
from registry.evaluation.engines.port import Engine
from registry.evaluation.records import ArmName
from registry.evaluation.suite import read_suites
from registry.settings import Settings
from serve.core.model import ModelConfig

MODEL = """\
promptyard: 1
engine: ctranslate2
model: tiny
weights: {path: tiny}
parameters: {maxTokens: 8}
"""
HOSTED = "promptyard: 1\nengine: openai\nmodel: gpt-test\nparameters: {maxTokens: 8}\n"
PROMPT = """\
promptyard: 1
description: Says a word.
owner: words
model: models/tiny
inputs: {word: {type: string, maxLength: 40, trust: user}}
messages:
  - {role: system, content: Shout.}
  - {role: user, content: "{{ word }}"}
"""
SUITE = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: a, inputs: {word: apple}, expect: [{equals: APPLE}]}
  - {id: b, inputs: {word: berry}, expect: [{equals: BERRY}], required: true}
  - {id: c, inputs: {word: cherry}, expect: [{equals: CHERRY}]}
"""
SHOWN = """\
promptyard: 1
prompt: words/shout
mode: render
cases:
  - {id: seen, inputs: {word: apple}, expect: [{contains: "system: Shout."}, {contains: "user: apple"}]}
"""
FILES = {
    "promptyard.yaml": "promptyard: 1\n",
    "prompts/models/tiny.model.yaml": MODEL,
    "prompts/models/tiny/model.bin": "weights",
    "prompts/words/shout.prompt.yaml": PROMPT,
    "prompts/words/shout.suite.yaml": SUITE,
    "prompts/words/shown.suite.yaml": SHOWN,
}


def write(root: Path, changes: dict[str, str] | None = None) -> Path:
    """The registry with some files changed; an empty text leaves a file out."""
    for name, text in {**FILES, **(changes or {})}.items():
        if text:
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    return root


def catalog(root: Path) -> Catalog:
    return load(FolderTree(root), Settings())


def arm(root: Path, name: ArmName = "head") -> Arm:
    held = catalog(root)
    suites, findings = read_suites(held)
    assert not findings, findings
    return build(name, held, suites)


def engines(cache: Path, engine: SpokenEngine | Callable[[str], SpokenEngine]) -> Engines:
    """Engines that open the one given, or what a function makes of the weights' digest."""

    def opened(folder: Path, digest: str, config: ModelConfig, options: EngineOptions) -> Engine:
        return engine if isinstance(engine, SpokenEngine) else engine(digest)

    return Engines(cache / "weights", open_engine=opened)
