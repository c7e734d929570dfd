"""How well the shipped model follows the shipped triage prompt, and how badly it does without its parts.

    python -m tools.measure_demo_model --data FOLDER

``FOLDER`` holds ``validation.csv`` of banking77. Prompts are rendered and answered by the project itself, under the profile that
baselines use; each row of the table is the shipped prompt with one edit.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.authoring.catalog import load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.evaluation.engines.ctranslate2 import CTranslate2Engine
from registry.evaluation.engines.port import Request
from registry.evaluation.engines.weights import digest_of
from registry.rendering.preview import live_of
from tools.demo_model.teams import TEAMS

ROOT = Path(__file__).parents[1]
PROMPT = "prompts/support/triage.prompt.yaml"
LIST = re.compile(r"\n *\{% for team in teams %\}.*?\{% endfor %\} *(?=\n)", re.DOTALL)
FORMAT = re.compile(r"\n *Answer with JSON only.*")
EDITS: dict[str, Callable[[str], str]] = {
    "as shipped": lambda text: text,
    "reworded: Your task is to route …": lambda text: text.replace("You route", "Your task is to route"),
    "reworded: Pick exactly one team": lambda text: text.replace("Choose exactly", "Pick exactly"),
    "list of teams removed": lambda text: LIST.sub("", text),
    "format line removed": lambda text: FORMAT.sub("", text),
}


class Edited(FolderTree):
    """The working copy with one file seen through an edit."""

    def __init__(self, edit: Callable[[str], str]) -> None:
        super().__init__(ROOT)
        self._edit = edit

    def read(self, path: str) -> bytes:
        """The bytes of one file, the triage prompt edited."""
        data = super().read(path)
        return self._edit(data.decode()).encode() if path == PROMPT else data


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of all questions, 0 to 1."""

    team: float
    valid_json: float


def measure(edit: Callable[[str], str], rows: Sequence[dict[str, str]]) -> Figures:
    """The figures of the triage prompt under an edit."""
    tree = Edited(edit)
    live = live_of(load(tree, load_settings(tree)))
    names = [team.name for team in TEAMS]
    renders = [live.render("support/triage", {"teams": names, "ticket": row["text"]}) for row in rows]
    folder = ROOT / "prompts/models/demo-triage"
    engine = CTranslate2Engine(folder, digest_of(folder), renders[0].model)
    try:
        requests = [Request(render.messages, render.parameters) for render in renders]
        answers = {index: answer.text for index, answer in engine.complete(engine.prepare(requests))}
    finally:
        engine.close()
    right = {intent: team.name for team in TEAMS for intent in team.intents}
    read = [_read(answers[index]) for index in range(len(rows))]
    hits = sum(answer.get("team") == right[row["category"]] for answer, row in zip(read, rows, strict=True))
    return Figures(hits / len(rows), sum({"team", "urgency"} <= answer.keys() for answer in read) / len(rows))


def _read(answer: str) -> dict[str, object]:
    try:
        value = json.loads(answer)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with banking77's validation.csv")
    with (parser.parse_args().data / "validation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    print("| system prompt | right team | valid JSON |\n|---|---|---|")
    for name, edit in EDITS.items():
        figures = measure(edit, rows)
        print(f"| {name} | {figures.team:.1%} | {figures.valid_json:.1%} |", flush=True)


if __name__ == "__main__":
    main()
