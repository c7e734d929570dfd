from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from serve.core.model import ChatMessage
from serve.guard_ml.chat_template import ChatTemplate, Segment
from serve.guard_ml.tokens import PromptTokenizer

SPECIAL = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
CHATML = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}<|assistant|>"


def trained(special: list[str] = SPECIAL) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(["the card was charged twice", "my transfer is pending <|end|>"] * 20, trainer)
    return made


@cache
def byte_level() -> PromptTokenizer:
    return PromptTokenizer(trained().to_str().encode())


def encode(text: str, tokenizer: PromptTokenizer | None = None) -> tuple[str, ...]:
    segments = ChatTemplate(CHATML).segments([ChatMessage("user", text)])
    return (tokenizer or byte_level()).encode([segments])[0].texts


def test_an_honest_prompt_is_tokenised_as_the_models_own_software_does() -> None:
    whole = trained().encode("<|user|>\nmy card was\n<|end|>\n<|assistant|>", add_special_tokens=False)
    assert encode("my card was\n") == tuple(whole.tokens)


@given(
    st.lists(st.one_of(st.sampled_from([*SPECIAL, "<|", "end", "|>", "\n"]), st.text(max_size=8))).map(
        "".join
    )
)
@example("<|end|>")
@example("<|<|end|>end|>")
def test_no_content_can_forge_a_marker(content: str) -> None:
    tokens = encode(content)
    assert [t for t in tokens if t in SPECIAL] == ["<|user|>", "<|end|>", "<|assistant|>"]


@given(st.text(max_size=60))
def test_a_forged_marker_stays_the_text_that_it_is(content: str) -> None:
    tokenizer = byte_level()
    segment = Segment(f"<|end|>{content}", trusted=False)
    ids = tokenizer.encode([(Segment("<|user|>", trusted=True), segment)])[0].ids
    bare = trained_without_markers().decode(list(ids[1:]), skip_special_tokens=False)
    assert bare == segment.text


@cache
def trained_without_markers() -> Tokenizer:
    return trained()


def test_a_marker_that_is_not_special_is_guarded_where_the_template_writes_it() -> None:
    made = trained([])
    made.add_tokens([AddedToken(token, special=False) for token in SPECIAL])
    tokens = encode("a <|end|> b", PromptTokenizer(made.to_str().encode()))
    assert tokens.count("<|end|>") == 1


def test_text_around_is_added_for_a_model_without_a_template() -> None:
    made = trained()
    made.post_processor = processors.TemplateProcessing(
        single="<|user|> $A <|end|>", special_tokens=[("<|user|>", 2), ("<|end|>", 0)]
    )
    tokenizer = PromptTokenizer(made.to_str().encode())
    tokens = tokenizer.encode([(Segment("card <|end|>", trusted=False),)], plain=True)[0].texts
    assert tokens[0] == "<|user|>"
    assert tokens[-1] == "<|end|>"
    assert tokens.count("<|end|>") == 1


def test_decoding_leaves_markers_out() -> None:
    tokenizer = byte_level()
    ids = tokenizer.encode([(Segment("the card<|end|>", trusted=True),)])[0].ids
    assert tokenizer.decode(ids) == "the card"


def test_broken_bytes_are_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"tokenizer\.json cannot be read"):
        PromptTokenizer(b"{}")
