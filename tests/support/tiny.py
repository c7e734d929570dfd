"""Tiny random models on the demo model's tokenizer, with what transformers said to each (tools/tiny_models.py)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

from support.models import WEIGHTS

TINY = Path(__file__).parents[1] / "registry" / "evaluation" / "engines" / "tiny"
Name = Literal["t5", "bert"]
_VOCABULARY = {"t5": "shared_vocabulary.json", "bert": "vocabulary.json"}


def tiny(name: Name, folder: Path) -> Path:
    """A whole model folder: the committed weights, the demo model's tokenizer, no chat template."""
    made = Path(shutil.copytree(TINY / name, folder / name, ignore=shutil.ignore_patterns("expected.json")))
    shutil.copy(WEIGHTS / "tokenizer.json", made)
    shutil.copy(WEIGHTS / "vocabulary.json", made / _VOCABULARY[name])
    said = json.loads((WEIGHTS / "tokenizer_config.json").read_bytes())
    del said["chat_template"]
    (made / "tokenizer_config.json").write_text(json.dumps(said), "utf-8")
    return made


def expected(name: Name) -> dict[str, Any]:
    """What transformers said."""
    found: dict[str, Any] = json.loads((TINY / name / "expected.json").read_bytes())
    return found
