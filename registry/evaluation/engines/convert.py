"""Hugging Face weights to a CTranslate2 folder, measured against the original before anyone may use it.

It must never hand out a conversion whose numbers are not those of the original, nor convert another revision
than the one that was named.
"""

from __future__ import annotations

import importlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from registry.errors import EngineError, MissingExtra
from registry.evaluation.engines.folder import OWN, vocabulary_of
from registry.evaluation.engines.mending import hopeless, longest_prompt, mended_converter
from registry.evaluation.engines.parity import BOUND, Parity, measure
from serve.core.model import ModelKind
from serve.guard_ml.chat_template import read_json

# An encoder keeps its vectors: rounded to int8 they would be off by a thousandth and more.
QUANTIZATION = {"generator": "int8", "translator": "int8", "encoder": "float16"}
# What a model is made of; other formats of the same weights would only be downloaded twice.
_WANTED = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "*.tiktoken")
_POOLING = "1_Pooling/config.json"
_DEFECTS = (OSError, ValueError, KeyError, RuntimeError, AttributeError, NotImplementedError, TypeError)


def convert(name: str, revision: str, target: Path, kind: ModelKind = "generator") -> Parity:
    """Download and convert one model: rounded weights, which profile ``cpu-f32`` computes in float32.

    Source: OpenNMT CTranslate2, guides/transformers.

    Raises:
        MissingExtra: without torch and transformers.
        EngineError: WGT005 when it cannot be fetched or converted, WGT007 when it would answer wrongly.
    """
    try:
        importlib.import_module("torch")  # the converter fails late and unclearly without it
        importlib.import_module("transformers")
        hub = importlib.import_module("huggingface_hub")
    except ImportError as error:
        raise MissingExtra(f"weights.huggingface ({name})", "convert") from error
    try:
        source = Path(hub.snapshot_download(name, revision=revision, allow_patterns=list(_WANTED)))
    except _DEFECTS as error:
        raise _failed(f"{name}@{revision}", "fetched", error) from error
    return convert_folder(source, target, kind, f"{name}@{revision}")


def convert_folder(source: Path, target: Path, kind: ModelKind, named: str) -> Parity:
    """Convert a model that lies in a folder as transformers wrote it.

    Args:
        source: the folder; nothing else is read, so that no other revision can slip in.
        target: where the converted model goes; must not exist.
        kind: what the model is.
        named: the model as its user knows it, for messages.

    Raises:
        EngineError: WGT005 when it cannot be converted, WGT007 when it would answer wrongly.
    """
    problem = hopeless(read_json(source / "config.json"))
    if problem is not None:
        raise _wrong(named, problem)
    try:
        parity = _measured(source, kind)
        if not parity.holds:
            what = (
                f"its numbers differ from the original's by {parity.difference:.2g} of their size "
                f"(bound {BOUND:g}; {parity.agreement:.1%} of {parity.positions} tokens agree)"
            )
            raise _wrong(named, what)
        _converted(source, target, QUANTIZATION[kind])
        _take_along(source, target)
    except _DEFECTS as error:
        shutil.rmtree(target, ignore_errors=True)
        raise _failed(named, "converted", error) from error
    return parity


def name_missing_tokens(config: Path) -> None:
    """Give special tokens that a model does not have a name: the engine refuses to load a ``null``."""
    data = json.loads(config.read_bytes())
    missing = {
        name: data.get("eos_token") or "" for name in ("bos_token", "unk_token") if data.get(name, "") is None
    }
    if missing:
        config.write_text(json.dumps({**data, **missing}, indent=2), "utf-8")


def _measured(source: Path, kind: ModelKind) -> Parity:
    """Parity of a conversion in float32; rounding to int8 would hide what is to be found."""
    with tempfile.TemporaryDirectory(prefix="promptyard-parity-") as scratch:
        folder = Path(scratch) / "float32"
        _converted(source, folder, "float32")
        config = _config(source)
        longest = longest_prompt(config)
        context = int(getattr(config, "max_position_embeddings", 0) or 512)
        room = min(context if longest is None else min(context, longest), 1 << 16)
        # Positions may begin behind the padding token, as RoBERTa's do.
        return measure(source, folder, kind, vocabulary_of(folder), room - 2)


def _converted(source: Path, target: Path, quantization: str) -> None:
    converter, _ = mended_converter(str(source), low_cpu_mem_usage=True)
    converter.convert(str(target), quantization=quantization)
    name_missing_tokens(target / "config.json")


def _take_along(source: Path, target: Path) -> None:
    """The tokenizer, and in a file of our own what the engine must know and the converter does not keep."""
    transformers = importlib.import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(source))
    tokenizer.save_pretrained(str(target))
    own: dict[str, Any] = {}
    if (longest := longest_prompt(_config(source))) is not None:
        own["longestPrompt"] = longest
    ends = read_json(source / "generation_config.json").get("eos_token_id")
    if isinstance(ends, list):
        own["endTokens"] = [tokenizer.convert_ids_to_tokens(end) for end in ends]
    if (source / _POOLING).is_file():
        own["pooling"] = "first" if read_json(source / _POOLING).get("pooling_mode_cls_token") else "mean"
    if own:
        (target / OWN).write_text(json.dumps(own, indent=2, sort_keys=True), "utf-8")


def _config(source: Path) -> Any:
    return importlib.import_module("transformers").AutoConfig.from_pretrained(str(source))


def _wrong(named: str, problem: str) -> EngineError:
    return EngineError(
        "WGT007",
        f"{named} cannot be used: {problem}",
        "Choose a Qwen2.5, Qwen3, Llama or Mistral model instead.",
    )


def _failed(named: str, done: str, error: Exception) -> EngineError:
    what = f"{named} cannot be {done} ({type(error).__name__}: {_first_line(error)})"
    return EngineError(
        "WGT005", what, "Check name, revision, kind and network; docs/models.md lists families that work."
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else "no message"
