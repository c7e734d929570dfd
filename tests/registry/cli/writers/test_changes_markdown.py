from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.content import TRIAGE
from support.reviews import CHAT, PRICED, PROMPT, dearer, edited, review

from registry.cli.writers.changes_markdown import MARKER, comment
from registry.diagnostics import Diagnostic, Place
from registry.rendering.changes import Change
from registry.rendering.readings import Reading, TextChange
from registry.rendering.review import Review, Reviewed
from registry.rendering.words import word_difference

PIECES = [*"`|<>@#*_[]()~!\n\r\t -+a.&;\\\u202e", "```", "</details>", "@team", "~~~~", "    "]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def test_the_comment_begins_with_its_marker_and_the_table(tmp_path) -> None:
    lines = comment(edited(tmp_path, "You route", "You sort")).splitlines()
    assert lines[:2] == [MARKER, "## Promptyard: one prompt changes"]
    assert lines[3:5] == ["| | entry | why | prompt tokens | cost of a call |", "|---|---|---|---|---|"]
    assert lines[5].startswith("| ~ | `support/triage` | `message rules` | ≈")


def test_the_words_are_a_block_that_github_colours(tmp_path) -> None:
    text = comment(edited(tmp_path, "You route", "You sort"))
    assert "```diff\n- You route tickets.\n+ You sort tickets.\n  Be calm.\n  ⋯\n```\n\n</details>" in text
    assert "`rules`, `2 of 2 cases: lost, rate`" in text


def test_a_quarter_more_is_a_warning_above_all_and_a_mark_in_the_table(tmp_path) -> None:
    text = comment(dearer(tmp_path))
    assert "> [!WARNING]" in text.partition("| | entry")[0]
    assert re.search(r"> - `support/triage` \*\*\+30 %\*\*: \$\d\S+ → \$\d\S+ a call", text)
    assert re.search(r"\| \*\*\$\S+ → \$\S+ \(\+30 %\)\*\* 🔺 \|", text)
    assert "WARNING" not in comment(dearer(tmp_path / "less", 1.2))


def test_nothing_changed_says_so() -> None:
    assert comment(Review("a", "b", ())) == f"{MARKER}\n## Promptyard: no prompts change\n"


def test_files_that_were_left_out_are_named(tmp_path) -> None:
    text = comment(review(tmp_path, {}, {PROMPT: "messages: [\n"}))
    assert "> [!CAUTION]" in text
    assert f"> - `{PROMPT}:" in text


def test_a_long_line_is_cut_around_its_words(tmp_path) -> None:
    before, after = "x " * 500 + "old" + " y" * 500, "x " * 500 + "new" + " y" * 500
    rows = [row for row in comment(_of(before, after)).splitlines() if row[:2] in ("- ", "+ ")]
    assert len(rows) == 2
    assert all(len(row) < 120 and "…" in row for row in rows)
    assert "old" in rows[0]
    assert "new" in rows[1]


def test_blanks_that_changed_can_be_seen() -> None:
    assert "+ a··b" in comment(_of("a b", "a  b"))


def test_a_comment_that_would_be_too_long_is_cut_and_says_so(tmp_path) -> None:
    names = [f"prompts/many/{'deep-' * 10}{number}.prompt.yaml" for number in range(300)]
    before = {CHAT: PRICED, **{name: TRIAGE.replace("You route", f"You route {name}") for name in names}}
    after = {**before, **{name: TRIAGE.replace("You route", f"You sort {name} again" * 5) for name in names}}
    text = comment(review(tmp_path, before, after))
    assert len(text) < 65_536
    assert re.search(r"\| … \| \d+ more \|", text)
    assert re.search(r"\d+ more prompts were cut", text)
    assert text.count("<details>") == text.count("</details>") > 5


def test_messages_of_any_length_leave_a_comment_that_github_takes() -> None:
    key = "k" * 40_000
    problems = tuple(
        Diagnostic("YML003", "error", Place(f"p{n}.yaml"), f"The key {key} stands here twice.", "")
        for n in range(12)
    )
    entries = tuple(
        Reviewed(Change("changed", "prompt", f"p{n}", (f"output.{key}",)), Reading(refused=((key, key),)))
        for n in range(12)
    )
    assert len(comment(Review("a", "b", entries, problems))) < 65_536


@given(HOSTILE, HOSTILE)
def test_a_text_cannot_leave_its_block(old, new) -> None:
    text = comment(_of(old, new))
    outside = _outside_of_code(text)
    assert outside.count("<details>") == outside.count("</details>") <= 1
    for mark in ("@team", "\u202e", "<a", "**", "[", "~~"):
        assert mark not in outside.replace("[!", "")


@pytest.mark.parametrize("name", ["`x`", "a|b", "</summary>", "@team", "a\nb"])
def test_a_name_cannot_leave_its_cell(name) -> None:
    found = Review("a", "b", (Reviewed(Change("changed", "prompt", "p", (f"message {name}",))),))
    row = next(line for line in comment(found).splitlines() if line.startswith("| ~"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert not set("@<`") & set(_outside_of_code(row))


def _of(old: str, new: str) -> Review:
    lines = word_difference(old, new)
    texts = (TextChange("rules", lines, ("one",)),) if old != new else ()
    return Review(
        "a", "b", (Reviewed(Change("changed", "prompt", "p", ("message rules",)), Reading(texts, 1, 1)),)
    )


def _outside_of_code(text: str) -> str:
    """A comment without its fenced blocks and code spans, found as CommonMark finds them."""
    kept, fence = [], ""
    for line in text.split("\n"):
        run = re.match(r" {0,3}(`{3,})", line)
        if fence:
            fence = "" if run and len(run[1]) >= len(fence) and not line.strip().strip("`") else fence
        elif run:
            fence = run[1]
        else:
            kept.append(re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", line))
    assert not fence
    return "\n".join(kept)
