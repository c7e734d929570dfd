"""What the converter leaves out, put back: settings without which a model runs and answers wrongly.

Source: measured against transformers' logits with ctranslate2 4.8.5 and transformers 5.23; every conversion is measured
again (:mod:`registry.evaluation.engines.parity`), so a mend that a later converter makes needless does no harm
unseen. It must never touch what the converter gets right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# What a kind of model always is, and what its configuration said before transformers 5 left it out.
_UNSAID: dict[str, dict[str, Any]] = {
    **{
        kind: {"position_embedding_type": "absolute"}
        for kind in ("bert", "camembert", "roberta", "xlm-roberta")
    },
    "bart": {"normalize_before": False},
    "mbart": {"normalize_before": True},
    "pegasus": {"normalize_before": True, "normalize_embedding": False},
}


def say_again(model: Any) -> None:
    """Put into a loaded model what the converter reads there and newer versions of transformers name otherwise."""
    config = model.config
    for name, value in _UNSAID.get(config.model_type, {}).items():
        if not hasattr(config, name):
            setattr(config, name, value)
    if config.model_type == "gpt_neox":
        if not hasattr(config, "rotary_pct"):
            config.rotary_pct = config.rope_parameters.get("partial_rotary_factor", 1.0)
        if not hasattr(model, "embed_out"):
            model.embed_out = model.lm_head


def mend(spec: Any, config: Any) -> tuple[str, ...]:
    """Put the missing settings into a specification that the converter made; says in words what was mended."""
    inner = getattr(config, "text_config", config)
    return tuple(said for each in (_llama3_scaling, _gemma3_scale, _t5_output) if (said := each(spec, inner)))


def hopeless(config: dict[str, Any]) -> str | None:
    """Why a conversion of this ``config.json`` cannot be right whatever is mended; None when nothing is known."""
    inner = config.get("text_config") or config
    if str(inner.get("model_type", "")) == "gemma2":
        return "CTranslate2 has no soft-capping, so Gemma 2 would answer wrongly"
    return None


def longest_prompt(config: Any) -> int | None:
    """How many tokens a prompt may have for the weights to be right; None where any number.

    CTranslate2 reads a prompt without regard to a sliding window that is shorter than the prompt; while it
    writes, it regards it.
    """
    inner = getattr(config, "text_config", config)
    window = getattr(inner, "sliding_window", None)
    kinds = set(getattr(inner, "layer_types", None) or ())
    slides = "sliding_attention" in kinds if kinds else bool(getattr(inner, "use_sliding_window", True))
    return int(window) if window and slides else None


def mended_converter(name: str, **options: Any) -> tuple[Any, Callable[[], tuple[str, ...]]]:
    """A Transformers converter that mends what it loads, and what tells what it mended.

    Raises:
        ImportError: without ctranslate2 and transformers.
    """
    from ctranslate2.converters import TransformersConverter
    from transformers import AutoConfig

    said: list[str] = []

    class Mended(TransformersConverter):  # type: ignore[misc]  # it is untyped
        def load_model(self, model_class: Any, name: str, **settings: Any) -> Any:
            model = super().load_model(model_class, name, **settings)
            say_again(model)
            return model

        def _load(self) -> Any:
            spec = super()._load()
            said[:] = mend(spec, AutoConfig.from_pretrained(name))
            return spec

    return Mended(name, **options), lambda: tuple(said)


def _layers(spec: Any) -> list[Any]:
    return list(getattr(getattr(spec, "decoder", None), "layer", ()))


def _llama3_scaling(spec: Any, config: Any) -> str | None:
    import numpy as np

    scaling = getattr(config, "rope_scaling", None) or {}
    if scaling.get("rope_type", scaling.get("type")) != "llama3" or not _layers(spec):
        return None
    found = {
        "rotary_scaling_factor": np.float32(scaling["factor"]),
        "original_max_position_embeddings": np.int32(scaling["original_max_position_embeddings"]),
    }
    for layer in _layers(spec):
        for name, value in found.items():
            object.__setattr__(layer.self_attention, name, value)  # the specification is closed to new names
    return "Llama 3.1's position scaling"


def _gemma3_scale(spec: Any, config: Any) -> str | None:
    """The engine divides by the root of the head's size; what is asked instead goes into the norm of the queries."""
    scalar, head = getattr(config, "query_pre_attn_scalar", None), getattr(config, "head_dim", None)
    if not str(config.model_type).startswith("gemma3") or scalar in (None, head):
        return None
    factor = (head / scalar) ** 0.5
    for layer in _layers(spec):
        norm = layer.self_attention.q_norm
        norm.gamma = (1 + norm.gamma.detach().float()) * factor - 1  # the norm multiplies by 1 + gamma
    return "Gemma 3's attention scale"


def _t5_output(spec: Any, config: Any) -> str | None:
    """Greedy answers are the same without; probabilities, samples and choices are not."""
    import numpy as np

    if getattr(config, "scale_decoder_outputs", None) is not False:
        return None
    spec.decoder.scale_outputs = np.float32(1)
    return "T5 1.1's unscaled output"
