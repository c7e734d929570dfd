"""Hugging Face weights to a CTranslate2 folder, the only place that knows ``transformers``.

It must never convert an architecture that the converter is known to get silently wrong.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from registry.errors import EngineError, MissingExtra

QUANTIZATION = "int8"


def convert(name: str, revision: str, target: Path) -> None:
    """Download and convert one model: weights in int8, which profile ``cpu-f32`` computes in float32.

    Source: OpenNMT CTranslate2, guides/transformers.

    Raises:
        MissingExtra: without torch and transformers.
        EngineError: WGT005 when it cannot be fetched or converted, or is known to convert wrongly.
    """
    try:
        importlib.import_module("torch")  # the converter fails late and unclearly without it
        from ctranslate2.converters import TransformersConverter
        from transformers import AutoConfig, AutoTokenizer
    except ImportError as error:
        raise MissingExtra(f"weights.huggingface ({name})", "convert") from error
    try:
        problem = known_wrong(AutoConfig.from_pretrained(name, revision=revision).to_dict())
        if problem is None:
            TransformersConverter(name, revision=revision, low_cpu_mem_usage=True).convert(
                str(target), quantization=QUANTIZATION
            )
            AutoTokenizer.from_pretrained(name, revision=revision).save_pretrained(str(target))
            name_missing_tokens(target / "config.json")
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError, NotImplementedError) as error:
        what = f"{name}@{revision} cannot be converted ({type(error).__name__}: {_first_line(error)})"
        raise EngineError(
            "WGT005", what, "Check name, revision and network; see docs for families that work."
        ) from error
    if problem is not None:
        raise EngineError(
            "WGT005", f"{name}: {problem}", "Choose a Qwen2.5, Qwen3, Mistral or Gemma 3 model instead."
        )


def known_wrong(config: dict[str, Any]) -> str | None:
    """Why a conversion of this ``config.json`` would run but answer wrongly; None when nothing is known.

    Source: measured against transformers' logits with ctranslate2 4.8.5.
    """
    inner = config.get("text_config") or config
    scaling = inner.get("rope_scaling") or inner.get("rope_parameters") or {}
    if scaling.get("rope_type", scaling.get("type")) == "llama3":
        return "the converter drops Llama 3.1's RoPE scaling, so long prompts would be answered wrongly"
    kind = str(inner.get("model_type", ""))
    if kind == "gemma2":
        return "CTranslate2 has no soft-capping, so Gemma 2 would answer wrongly"
    scalar, head = inner.get("query_pre_attn_scalar"), inner.get("head_dim")
    if kind.startswith("gemma3") and scalar is not None and scalar != head:
        return "the converter ignores this Gemma 3's attention scale, so it would answer wrongly"
    return None


def name_missing_tokens(config: Path) -> None:
    """Give special tokens that a model does not have a name: the engine refuses to load a ``null``."""
    data = json.loads(config.read_bytes())
    missing = {
        name: data.get("eos_token") or "" for name in ("bos_token", "unk_token") if data.get(name, "") is None
    }
    if missing:
        config.write_text(json.dumps({**data, **missing}, indent=2), "utf-8")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else "no message"
