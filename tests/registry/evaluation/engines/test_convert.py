"""Real conversions need the extra ``convert``: ``pip install 'promptyard[convert,eval]'``, then this file runs whole."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from support.models import WEIGHTS

from registry.errors import EngineError, MissingExtra
from registry.evaluation.engines import mending
from registry.evaluation.engines.convert import convert, convert_folder, name_missing_tokens
from serve.core.model import ModelKind

converter = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("torch", "transformers"))), reason="needs the extra convert"
)
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}
GEMMA = {"head_dim": 16, "sliding_window": 32, "layer_types": ["sliding_attention", "full_attention"]}


def original(folder: Path, name: str, **changes: Any) -> Path:
    """A tiny random Llama, or one of its kin, as transformers writes it."""
    shape = {
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 2048, "eos_token_id": 0, "pad_token_id": 0,
    }  # fmt: skip
    config = f"{name}Config" if name != "Gemma3" else "Gemma3TextConfig"
    return saved(folder, config, f"{name}ForCausalLM", **shape | changes)


def saved(folder: Path, config: str, architecture: str, **shape: Any) -> Path:
    """Any tiny random model, on the demo model's tokenizer, in a folder as transformers writes it."""
    import torch
    import transformers

    vocabulary = json.loads((WEIGHTS / "vocabulary.json").read_bytes())
    said = json.loads((WEIGHTS / "tokenizer_config.json").read_bytes())
    names = ("bos_token", "eos_token", "pad_token", "unk_token")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(WEIGHTS / "tokenizer.json"), **{n: said[n] for n in names if said.get(n)}
    )
    torch.manual_seed(1)
    made = getattr(transformers, config)(vocab_size=len(vocabulary), **shape)
    model = getattr(transformers, architecture)(made).eval()
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.12)
    model.tie_weights()
    if model.can_generate():
        model.generation_config.eos_token_id = [tokenizer.eos_token_id, 5]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@converter
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Llama", {}),
        ("Llama", {"rope_parameters": LLAMA3}),
        ("Qwen2", {}),
        ("Qwen3", {"head_dim": 16}),
        ("Mistral", {}),
        ("Gemma3", {**GEMMA, "query_pre_attn_scalar": 16}),
        ("Gemma3", {**GEMMA, "query_pre_attn_scalar": 8}),
    ],
)
def test_a_conversion_gives_the_originals_numbers(name: str, changes: dict[str, Any], tmp_path: Path) -> None:
    parity = convert_folder(original(tmp_path / "hf", name, **changes), tmp_path / "out", "generator", name)
    assert parity.difference < 1e-5
    assert parity.agreement == 1.0
    own = json.loads((tmp_path / "out" / "promptyard.json").read_bytes())
    assert len(own["endTokens"]) == 2
    assert own.get("longestPrompt") == {"Gemma3": 32, "Mistral": 4096}.get(name)


SIZE = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 520}
BOTH = {
    "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "pad_token_id": 1,
    "decoder_start_token_id": 3, "forced_eos_token_id": None,
}  # fmt: skip
T5 = {"d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4, "decoder_start_token_id": 3}


@converter
@pytest.mark.parametrize(
    ("config", "architecture", "kind", "shape"),
    [
        ("GPT2Config", "GPT2LMHeadModel", "generator", {"n_embd": 64, "n_layer": 2, "n_head": 4}),
        ("OPTConfig", "OPTForCausalLM", "generator", {**SIZE, "ffn_dim": 128, "word_embed_proj_dim": 64}),
        ("GPTNeoXConfig", "GPTNeoXForCausalLM", "generator", {**SIZE, "intermediate_size": 128}),
        ("T5Config", "T5ForConditionalGeneration", "translator", {**T5, "feed_forward_proj": "relu"}),
        (
            "T5Config", "T5ForConditionalGeneration", "translator",
            {**T5, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
        ),
        ("BartConfig", "BartForConditionalGeneration", "translator", BOTH),
        ("M2M100Config", "M2M100ForConditionalGeneration", "translator", BOTH),
        ("BertConfig", "BertModel", "encoder", {**SIZE, "intermediate_size": 128}),
        ("RobertaConfig", "RobertaModel", "encoder", {**SIZE, "intermediate_size": 128, "pad_token_id": 1}),
    ],
)  # fmt: skip
def test_other_families_give_the_originals_numbers_too(
    config: str, architecture: str, kind: ModelKind, shape: dict[str, Any], tmp_path: Path
) -> None:
    source = saved(tmp_path / "hf", config, architecture, **shape)
    assert convert_folder(source, tmp_path / "out", kind, config).difference < 1e-5


@converter
def test_what_the_converter_cannot_scale_is_refused_by_name(tmp_path: Path) -> None:
    yarn = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0, "original_max_position_embeddings": 512}
    source = original(tmp_path / "hf", "Qwen2", rope_parameters=yarn)
    with pytest.raises(EngineError, match=r"WGT005 it cannot be converted .*'yarn' is not yet implemented"):
        convert_folder(source, tmp_path / "out", "generator", "it")


@converter
def test_a_name_of_hugging_face_is_converted_once_for_the_whole_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the hub's own cache, so that nothing is downloaded."""
    from registry.cli.main import main

    revision = "0123456789abcdef0123456789abcdef01234567"
    hub = tmp_path / "hub" / "models--some--llama"
    original(hub / "snapshots" / revision, "Llama")
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_text(revision)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    files = {
        "promptyard.yaml": {"promptyard": 1},
        "prompts/it.model.yaml": {
            "promptyard": 1, "engine": "ctranslate2", "model": "it", "contextTokens": 64,
            "parameters": {"maxTokens": 4}, "weights": {"huggingface": f"some/llama@{revision}"},
        },
        "prompts/say.prompt.yaml": {
            "promptyard": 1, "description": "Says.", "owner": "it", "model": "it",
            "messages": [{"role": "user", "content": "Say it."}],
        },
        "prompts/say.suite.yaml": {
            "promptyard": 1, "prompt": "say", "cases": [{"id": "c", "expect": [{"word-count": {"min": 0}}]}],
        },
    }  # fmt: skip
    for name, value in files.items():
        place = tmp_path / "yard" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(value))
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main(["-C", str(tmp_path / "yard"), "test", "--device", "cpu", "--no-cache"])
        assert ended.value.code == 0, capsys.readouterr()
        shutil.rmtree(hub, ignore_errors=True)  # the second run needs neither hub nor conversion
    (told,) = (tmp_path / "yard/.promptyard/cache/weights").glob("*.parity.json")
    assert json.loads(told.read_bytes())["model"] == f"some/llama@{revision}"


@converter
@pytest.mark.parametrize(
    ("name", "changes"),
    [("Llama", {"rope_parameters": LLAMA3}), ("Gemma3", {**GEMMA, "query_pre_attn_scalar": 8})],
)
def test_without_its_mend_a_wrong_conversion_is_refused_with_the_number(
    name: str, changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "mend", lambda *_: ())
    source = original(tmp_path / "hf", name, **changes)
    with pytest.raises(EngineError, match=r"WGT007 it cannot be used: its numbers differ .* by 0\.\d+"):
        convert_folder(source, tmp_path / "out", "generator", "it")
    assert not (tmp_path / "out").exists()


@converter
def test_gemma_2_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gemma2"}))
    with pytest.raises(EngineError, match="WGT007 g cannot be used: CTranslate2 has no soft-capping"):
        convert_folder(tmp_path, tmp_path / "out", "generator", "g")


@converter
def test_a_folder_that_is_no_model_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EngineError, match="WGT005 nothing cannot be converted"):
        convert_folder(tmp_path, tmp_path / "out", "generator", "nothing")
    assert not (tmp_path / "out").exists()


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
