from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from registry.errors import MissingExtra
from registry.evaluation.engines.convert import convert, known_wrong, name_missing_tokens


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({"model_type": "llama", "rope_scaling": {"rope_type": "llama3", "factor": 8}}, "RoPE"),
        ({"model_type": "llama", "rope_parameters": {"rope_type": "llama3"}}, "RoPE"),
        ({"model_type": "gemma2"}, "soft-capping"),
        (
            {"text_config": {"model_type": "gemma3_text", "query_pre_attn_scalar": 168, "head_dim": 128}},
            "scale",
        ),
        ({"model_type": "gemma3_text", "query_pre_attn_scalar": 256, "head_dim": 256}, None),
        ({"model_type": "qwen2", "rope_scaling": None}, None),
        ({"model_type": "qwen3", "rope_parameters": {"rope_type": "default"}}, None),
    ],
)
def test_what_would_convert_and_answer_wrongly_is_known(config: dict[str, object], wrong: str | None) -> None:
    found = known_wrong(config)
    assert found is None if wrong is None else wrong in str(found)


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"promptyard\[convert\]"):
        convert("org/name", "main", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_token_that_a_model_does_not_have_gets_a_name(tmp_path: Path) -> None:
    place = tmp_path / "config.json"
    place.write_text(json.dumps({"bos_token": None, "eos_token": "<|end|>", "layer_norm_epsilon": None}))
    name_missing_tokens(place)
    assert json.loads(place.read_text()) == {
        "bos_token": "<|end|>",
        "eos_token": "<|end|>",
        "layer_norm_epsilon": None,
    }
