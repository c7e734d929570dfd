"""A foreign model becomes a model config without endpoint or key, its parameters under our names."""

from registry.importing.models import model_entry, parameters_of, unnamed_model
from serve.core.payloads import PARAMETERS


def test_a_known_provider_becomes_its_engine_and_any_other_speaks_openai():
    assert model_entry("azure_openai", "gpt-4o").data["engine"] == "openai"
    assert model_entry("Anthropic", "claude-x").data["engine"] == "anthropic"
    assert model_entry("ollama", "llama3:8b") .data == {
        "promptyard": 1, "engine": "openai-compatible", "model": "llama3:8b",
    }  # fmt: skip
    assert model_entry("ollama", "llama3:8b").id == "models/llama3-8b"


def test_a_file_without_a_model_is_told_what_to_write():
    entry, note = unnamed_model()
    assert entry.id == "models/unnamed"
    assert "models/unnamed.model.yaml" in note.why


def test_parameters_are_renamed_and_unknown_ones_are_told():
    kept, notes = parameters_of(
        {"max_tokens": 5, "temperature": 0, "logit_bias": {}, "top_p": None}, PARAMETERS["openai"]
    )
    assert kept == {"maxTokens": 5, "temperature": 0}
    assert [(note.level, note.what) for note in notes] == [
        ("changed", "parameter max_tokens"), ("lost", "parameter logit_bias"),
    ]  # fmt: skip
