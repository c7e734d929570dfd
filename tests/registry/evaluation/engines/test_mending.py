from __future__ import annotations

from types import SimpleNamespace

import pytest

from registry.evaluation.engines.mending import hopeless, longest_prompt, mend, say_again


def config(**said: object) -> SimpleNamespace:
    return SimpleNamespace(**{"model_type": "llama", **said})


def spec(**parts: object) -> SimpleNamespace:
    layer = SimpleNamespace(self_attention=SimpleNamespace(**parts))
    return SimpleNamespace(decoder=SimpleNamespace(layer=[layer], scale_outputs=None))


def test_a_plain_model_is_left_alone() -> None:
    plain = spec()
    assert mend(plain, config(rope_scaling={"rope_type": "default"}, scale_decoder_outputs=True)) == ()
    assert vars(plain.decoder.layer[0].self_attention) == {}
    assert plain.decoder.scale_outputs is None


def test_llama_31_gets_its_position_scaling() -> None:
    made = spec()
    scaling = {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192}
    assert mend(made, config(rope_scaling=scaling)) == ("Llama 3.1's position scaling",)
    attention = made.decoder.layer[0].self_attention
    assert (attention.rotary_scaling_factor, attention.original_max_position_embeddings) == (8.0, 8192)


def test_t5_11_gets_its_outputs_unscaled() -> None:
    made = spec()
    assert mend(made, config(model_type="t5", scale_decoder_outputs=False)) == ("T5 1.1's unscaled output",)
    assert made.decoder.scale_outputs == 1


def test_what_transformers_no_longer_says_is_said_again_and_what_it_says_stays() -> None:
    new, old = config(model_type="bart"), config(model_type="bart", normalize_before=True)
    for each in (new, old):
        say_again(SimpleNamespace(config=each))
    assert (new.normalize_before, old.normalize_before) == (False, True)
    pythia = SimpleNamespace(
        config=config(model_type="gpt_neox", rope_parameters={"partial_rotary_factor": 0.25}), lm_head="head"
    )
    say_again(pythia)
    assert (pythia.config.rotary_pct, pythia.embed_out) == (0.25, "head")


def test_gemma_2_is_hopeless() -> None:
    assert "soft-capping" in str(hopeless({"model_type": "gemma2"}))
    assert hopeless({"text_config": {"model_type": "gemma3_text"}}) is None


@pytest.mark.parametrize(
    ("said", "longest"),
    [
        ({}, None),
        ({"sliding_window": 4096}, 4096),
        ({"sliding_window": None}, None),
        ({"sliding_window": 512, "layer_types": ["sliding_attention", "full_attention"]}, 512),
        ({"sliding_window": 512, "layer_types": ["full_attention"]}, None),
        ({"sliding_window": 32768, "use_sliding_window": False}, None),
    ],
)
def test_a_sliding_window_bounds_the_prompt(said: dict[str, object], longest: int | None) -> None:
    assert longest_prompt(config(**said)) == longest
    assert longest_prompt(SimpleNamespace(text_config=config(**said))) == longest
