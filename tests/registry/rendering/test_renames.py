from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.content import FILES, MODEL, TRIAGE, catalog, write

from registry.rendering.changes import compare
from registry.rendering.renames import best_pairs, likeness, with_renames
from registry.rendering.resolve import resolve

TEXTS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["x\ny", "x\nz", "p\nq\nr", "", "x"]))


def renamed(tmp_path, before, after):
    base, head = (
        resolve(catalog(write(tmp_path / name, files))) for name, files in (("b", before), ("h", after))
    )
    found = with_renames(compare(base, head), base, head)
    return [(change.what, change.kind, change.was, change.id, change.reasons) for change in found]


def moved(text: str = TRIAGE, to: str = "support/sort"):
    kept = {name: body for name, body in FILES.items() if "triage" not in name}
    return {**kept, f"prompts/{to}.prompt.yaml": text}


def test_a_prompt_that_only_moved_is_one_rename(tmp_path) -> None:
    assert renamed(tmp_path, FILES, moved()) == [("renamed", "prompt", "support/triage", "support/sort", ())]


def test_a_prompt_that_moved_and_changed_a_little_says_what(tmp_path) -> None:
    ((what, _, was, now, why),) = renamed(tmp_path, FILES, moved(TRIAGE.replace("You route", "You sort")))
    assert (what, was, now) == ("renamed", "support/triage", "support/sort")
    assert why == ("message rules",)


def test_two_prompts_with_nothing_in_common_are_no_rename(tmp_path) -> None:
    other = "promptyard: 1\nmodel: models/chat\nmessages:\n  - {role: user, content: Say something else.}\n"
    assert [row[0] for row in renamed(tmp_path, FILES, moved(other))] == ["added", "removed"]


def test_a_model_is_renamed_too_and_its_prompt_says_so(tmp_path) -> None:
    after = {
        **FILES,
        "prompts/models/big.model.yaml": MODEL,
        "prompts/support/triage.prompt.yaml": TRIAGE.replace("models/chat", "models/big"),
    }
    del after["prompts/models/chat.model.yaml"]
    found = renamed(tmp_path, FILES, after)
    assert [row[:4] for row in found] == [
        ("changed", "prompt", None, "support/triage"),
        ("renamed", "model", "models/chat", "models/big"),
    ]
    assert found[0][4] == ("model models/chat → models/big",)


def test_of_two_candidates_the_more_alike_is_taken() -> None:
    gone = {"old": "a\nb\nc\nd"}
    assert list(best_pairs(gone, {"far": "a\nb\nx\ny", "near": "a\nb\nc\ny"})) == [("old", "near")]


@given(TEXTS, TEXTS)
def test_nothing_is_paired_twice_and_equal_texts_are_paired_first(gone, came) -> None:
    pairs = list(best_pairs(gone, came))
    assert len({old for old, _ in pairs}) == len({new for _, new in pairs}) == len(pairs)
    assert all(likeness(gone[old], came[new]) >= 0.5 for old, new in pairs)
    for text in set(gone.values()) & set(came.values()):
        both = min(list(gone.values()).count(text), list(came.values()).count(text))
        assert sum(gone[old] == came[new] == text for old, new in pairs) == both


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(one, other) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) == 1
