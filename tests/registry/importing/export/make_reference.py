"""Writes ``reference.json`` anew, in two steps, because the formats' libraries are not among our dependencies.

    python tests/registry/importing/export/make_reference.py ask > asked.json
    python tests/registry/importing/export/make_reference.py answer < asked.json > reference.json

The first step runs where Promptyard is installed; the second where prompty 2.1.0 and dotpromptz 0.2.0 are.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

CASES = 2  # of each file
OUR_ROLES = {"model": "assistant"}


def ask() -> dict[str, Any]:
    """The exported files, with the inputs of a few cases for each."""
    from registry.authoring.catalog import load
    from registry.authoring.settings_file import load_settings
    from registry.authoring.tree import FolderTree
    from registry.evaluation.suite import read_suites
    from registry.importing.export.table import WRITERS
    from registry.importing.export.whole import wholes_of

    tree = FolderTree(Path(__file__).parents[4])
    catalog = load(tree, load_settings(tree))
    suites, _ = read_suites(catalog)
    files: dict[str, str] = {}
    renders: list[dict[str, Any]] = []
    for form, writer in WRITERS.items():
        for whole in (whole for prompt in sorted(catalog.prompts) for whole in wholes_of(catalog, prompt)):
            text = writer.write(whole).text
            if text is None:
                continue
            name = f"{form}/{whole.id.replace('/', '__')}{f'.{whole.variant}' if whole.variant else ''}"
            files[name] = text
            cases = [case.inputs for suite in suites if suite.prompt == whole.id for case in suite.cases]
            renders += [
                {
                    "file": name,
                    "prompt": whole.id,
                    "variant": whole.variant,
                    "inputs": dict(inputs),
                    "history": next((turn.history for turn in whole.turns if turn.history), None),
                }
                for inputs in cases[:CASES]
            ]
    return {"files": files, "renders": renders}


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """The same with the messages that each format's own library makes."""
    for row in asked["renders"]:
        text, history = asked["files"][row["file"]], row.pop("history")
        render = {"prompty": by_prompty, "dotprompt": by_dotprompt, "github": by_github}[
            row["file"].split("/")[0]
        ]
        row["messages"] = [
            {"role": role, "content": words} for role, words in render(text, row["inputs"], history)
        ]
    return asked


def by_prompty(text: str, inputs: dict[str, Any], _: str | None) -> list[tuple[str, str]]:
    """Messages by prompty's own loader, renderer and parser."""
    from prompty.core import pipeline
    from prompty.core.loader import load

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "a.prompty"
        place.write_text(text, encoding="utf-8")
        messages = pipeline.prepare(load(place), dict(inputs))
    return [(message.role, "".join(part.value for part in message.parts)) for message in messages]


def by_dotprompt(text: str, inputs: dict[str, Any], history: str | None) -> list[tuple[str, str]]:
    """Messages by dotpromptz; a history is handed over beside the inputs."""
    from dotpromptz.dotprompt import Dotprompt
    from dotpromptz.typing import DataArgument, Message

    theirs = {ours: role for role, ours in OUR_ROLES.items()}
    earlier = [
        Message.model_validate(
            {"role": theirs.get(it["role"], it["role"]), "content": [{"text": it["content"]}]}
        )
        for it in inputs.get(history or "", [])
    ]
    values = {name: value for name, value in inputs.items() if name != history}

    async def rendered() -> Any:
        compiled = Dotprompt().compile(text)
        function = await compiled if asyncio.iscoroutine(compiled) else compiled
        return await function(DataArgument(input=values, messages=earlier if history else None))

    messages = asyncio.run(rendered()).messages
    texts = ["".join(getattr(part, "root", part).text for part in message.content) for message in messages]
    return [
        (OUR_ROLES.get(it.role.value, it.role.value), words)
        for it, words in zip(messages, texts, strict=True)
    ]


def by_github(text: str, inputs: dict[str, Any], _: str | None) -> list[tuple[str, str]]:
    """Messages by plain substitution, as ``TemplateString`` of github/gh-models does it."""
    import yaml

    messages = yaml.safe_load(text)["messages"]
    for message in messages:
        for name, value in inputs.items():
            message["content"] = message["content"].replace(f"{{{{{name}}}}}", str(value))
    return [(message["role"], message["content"]) for message in messages]


if __name__ == "__main__":
    made = ask() if sys.argv[1] == "ask" else answer(json.load(sys.stdin))
    json.dump(made, sys.stdout, ensure_ascii=False, indent=1)
