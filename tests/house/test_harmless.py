"""The guardrail sets that ship may not take more harmless texts for a hit than they did."""

from __future__ import annotations

from pathlib import Path

from registry.authoring.catalog import load
from registry.authoring.extending import Extending
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.validation.benign import alarms, benign_texts, counted, recorded

ROOT = Path(__file__).parents[2]
FOLDER = "prompts/guardrails/benign"


def test_the_count_of_no_set_has_risen_and_what_fell_is_recorded() -> None:
    tree = FolderTree(ROOT)
    catalog = load(tree, load_settings(tree))
    sets = Extending(catalog.guardrails)
    texts = benign_texts(tree, FOLDER)
    assert len(texts) > 100
    found = list(alarms([sets.flat(name) for name in sorted(catalog.guardrails)], texts))
    said = [f"{each.benign.path}:{each.benign.line} {each.set} {each.rule}" for each in found]
    assert counted(found) == recorded(tree, FOLDER), "\n".join(said)
