from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.models import WEIGHTS, demo_config
from support.tiny import tiny

from registry.errors import Usage
from registry.evaluation.engines.folder import OWN, read_folder


def test_a_folder_says_what_the_engine_must_know() -> None:
    held = read_folder(WEIGHTS, demo_config())
    assert held.ends == ("<|end|>",)
    assert (held.context, held.longest_prompt, held.pooling) == (512, None, "mean")
    assert held.known == frozenset(held.vocabulary)
    assert held.end_ids == {held.tokenizer.id_of("<|end|>")}
    assert not held.template.plain


def test_the_models_own_limit_holds_where_the_entry_names_none() -> None:
    said = json.loads((WEIGHTS / "tokenizer_config.json").read_bytes())["model_max_length"]
    assert read_folder(WEIGHTS, demo_config(context_tokens=None)).context == said


def test_a_translator_shares_its_vocabulary(tmp_path: Path) -> None:
    held = read_folder(tiny("t5", tmp_path), demo_config(kind="translator"))
    assert held.template.plain
    assert len(held.vocabulary) == 2048


def test_what_a_conversion_found_out_is_read(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    own = {
        "endTokens": ["<|user|>", "<|never|>"],
        "longestPrompt": 64,
        "pooling": "first",
        "normalise": False,
    }
    (folder / OWN).write_text(json.dumps(own))
    held = read_folder(folder, demo_config())
    assert held.ends == ("<|end|>", "<|user|>")
    assert (held.longest_prompt, held.pooling, held.normalise) == (64, "first", False)


def test_a_file_that_is_broken_is_named(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(Usage, match=r"ENG004 model models/demo: .*tokenizer.json cannot be read"):
        read_folder(folder, demo_config())
