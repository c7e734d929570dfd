from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.work import ending

from registry.authoring.tree import FolderTree
from registry.validation.tokens import estimated_tokens, most_tokens, tokenizer_count
from serve.core.model import Weights

ROOT = Path(__file__).parents[3]
DEMO = "prompts/models/demo-triage.model.yaml"
LETTER = (
    "Dear Ms Okafor, thank you for writing to us on 3 November about the two charges of £24.99 on your card. "
    "We have asked the shop for the receipt, and we will answer you in writing within eight weeks.\n"
)


@pytest.mark.parametrize(
    ("text", "counted"),  # by o200k, DeepSeek V3, Tekken and Claude 2, the least and the most
    [
        (LETTER, (49, 51)),
        ('{"team": "billing", "urgency": "high", "tags": ["card", "refund"]}', (22, 25)),
        ("def total(rows):\n    return sum(row.amount for row in rows if row.kept)\n", (18, 22)),
        ("我的卡被扣了两次款，请帮我查一下。", (13, 20)),
    ],
    ids=["letter", "json", "code", "chinese"],
)
def test_an_estimate_lies_near_what_public_vocabularies_count(text, counted):
    least, most = counted
    assert 0.8 * least <= estimated_tokens(text) <= 1.2 * most


def test_nothing_is_no_token():
    assert estimated_tokens("") == 0


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_longer_text_is_never_much_fewer_tokens(one, other):
    assert estimated_tokens(f"{one}\n{other}") >= estimated_tokens(one) - 2


@given(st.text(max_size=200))
def test_no_text_is_more_than_the_most(text):
    assert estimated_tokens(text) <= most_tokens(text)


def test_no_character_weighs_more_than_the_most():
    for point in range(0x3000):
        assert estimated_tokens(chr(point) * 10) <= most_tokens(chr(point) * 10)


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_plain_text_weighs_the_same_beside_a_letter_with_an_accent(text):
    assert abs(estimated_tokens(f"{text}\né") - estimated_tokens(f"{text}\ne") - 1.1) < 1.5


@pytest.mark.parametrize("piece", ["-", " ", "\x0b", "\n \n", "a", "9", "é", "\u3000", "😀"])
def test_no_text_makes_the_estimate_slow(piece):
    with ending():
        estimated_tokens(piece * (400_000 // len(piece)))


def test_a_local_model_counts_with_its_own_tokenizer():
    count = tokenizer_count(FolderTree(ROOT), DEMO, Weights(path="demo-triage"))
    assert count is not None
    assert count(LETTER) == 70  # its vocabulary is small


def test_a_marker_in_a_text_counts_as_text():
    count = tokenizer_count(FolderTree(ROOT), DEMO, Weights(path="demo-triage"))
    assert count is not None
    assert count("<|system|>") > 1


@pytest.mark.parametrize(
    "weights", [None, Weights(huggingface="org/name@abc"), Weights(path="nowhere"), Weights(path="broken")]
)
def test_without_a_readable_tokenizer_nothing_counts(tmp_path, weights):
    place = tmp_path / "prompts/models/broken/tokenizer.json"
    place.parent.mkdir(parents=True)
    place.write_text("version https://git-lfs.github.com/spec/v1\n")
    assert tokenizer_count(FolderTree(tmp_path), DEMO, weights) is None


def test_pinned_weights_are_read_once():
    class Reads(FolderTree):
        count = 0

        def read(self, path):
            Reads.count += 1
            return super().read(path)

    pinned = Weights(path="demo-triage", sha256="0" * 63 + "1")
    first, second = (tokenizer_count(Reads(ROOT), DEMO, pinned) for _ in range(2))
    assert first is second is not None
    assert Reads.count == 1
