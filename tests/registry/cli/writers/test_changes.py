from __future__ import annotations

import io

import pytest
from rich.console import Console
from support.content import TRIAGE
from support.reviews import CHAT, PRICED, PROMPT, dearer, edited, review

from registry.cli.style import _THEME
from registry.cli.writers.changes import cost_told, money, percent, visible, write_review
from registry.rendering.costs import Cost, CostChange


def told(found, **settings) -> str:
    console = Console(file=io.StringIO(), theme=_THEME, width=200, highlight=False, **settings)
    write_review(console, found)
    return console.file.getvalue()


def test_the_words_stand_below_the_reason_with_their_cases(tmp_path) -> None:
    lines = told(edited(tmp_path, "You route", "You sort")).splitlines()
    assert lines[:3] == [
        "~ prompt support/triage  (message rules)",
        "    rules, in 2 of 2 cases: lost, rate",
        "    You [-route-]{+sort+} tickets.",
    ]


def test_on_a_terminal_colour_takes_the_place_of_the_marks(tmp_path) -> None:
    text = told(edited(tmp_path, "You route", "You sort"), force_terminal=True, color_system="standard")
    assert "[-route-]" not in text
    assert "\x1b[31mroute" in text
    assert "\x1b[32msort" in text


def test_a_quarter_more_jumps_to_the_eye(tmp_path) -> None:
    found = dearer(tmp_path)
    assert "(+30 %) a call  ▲ a quarter more or above" in told(found)
    assert "\x1b[1;31m" in told(found, force_terminal=True, color_system="standard")


def test_less_than_a_quarter_is_told_quietly(tmp_path) -> None:
    text = told(dearer(tmp_path, 1.2))
    assert "(+20 %) a call" in text
    assert "▲" not in text


def test_the_same_words_in_another_prompt_are_pointed_to(tmp_path) -> None:
    names = [f"prompts/support/p{number}.prompt.yaml" for number in range(3)]
    before = {CHAT: PRICED, **dict.fromkeys(names, TRIAGE)}
    after = {**before, "prompts/partials/tone.md": "Be quick.\n"}
    text = told(review(tmp_path, before, after, "support/p0", "support/p1", "support/p2", "support/triage"))
    assert text.count("Be [-calm-]{+quick+}.") == 1
    assert text.count("  as in support/p0 above") == 3


def test_a_text_cannot_steer_the_terminal(tmp_path) -> None:
    escape, override = "\\x1b[2J", "\\u202e"
    quoted = TRIAGE.replace('rules: "One of:', f'rules: "{escape}{override}One of:')
    text = told(review(tmp_path, {CHAT: PRICED}, {CHAT: PRICED, PROMPT: quoted}))
    assert "\x1b" not in text
    assert "\\u{1b}[2J\\u{202e}" in text


def test_a_case_that_is_refused_says_why(tmp_path) -> None:
    after = TRIAGE.replace("maxLength: 8000", "maxLength: 5")
    text = told(review(tmp_path, {CHAT: PRICED}, {CHAT: PRICED, PROMPT: after}))
    assert "case lost is not rendered on both sides: INP003" in text


def test_a_prompt_without_cases_says_what_was_estimated(tmp_path) -> None:
    longer = {CHAT: PRICED, PROMPT: TRIAGE.replace("You route tickets.", "You route tickets. " * 9)}
    text = told(review(tmp_path, {CHAT: PRICED}, longer, "none"))
    assert "(no case fits: with the emptiest inputs)" in text


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (Cost(1, True, 0.0, "USD", True), "$0"),
        (Cost(1, True, 0.000228, "USD", True), "$0.000228"),
        (Cost(1, True, 0.00064, "USD", True), "$0.000640"),
        (Cost(1, True, 0.5, "EUR", True), "0.500 EUR"),
        (Cost(1, True, 12.3456, "USD", True), "$12.35"),
        (Cost(1, True, None, None, True), ""),
    ],
)
def test_an_amount_shows_three_digits_that_count(cost, expected) -> None:
    assert money(cost) == expected


@pytest.mark.parametrize(
    ("rise", "expected"),
    [(0.25, "+25 %"), (-0.5, "-50 %"), (0.004, "+0.4 %"), (float("inf"), "from nothing"), (None, "")],
)
def test_a_share_is_a_signed_percentage(rise, expected) -> None:
    assert percent(rise) == expected


def test_a_price_that_goes_is_told() -> None:
    priced, without = Cost(1, True, 0.5, "USD", True), Cost(1, True, None, None, False)
    assert cost_told(CostChange(None, priced, without, 1)) == "$0.500 → no price"
    assert cost_told(CostChange(None, without, without, 1)) == ""


def test_a_limit_that_goes_is_told() -> None:
    limited, free = Cost(1, True, 0.5, "USD", True), Cost(1, True, float("inf"), "USD", True)
    change = CostChange(None, limited, free, 1)
    assert cost_told(change) == "$0.500 → no limit"
    assert change.jumps


def test_what_cannot_be_seen_is_written_out() -> None:
    assert (
        visible("a\x07\u202eb\u200b\udc80\n\tc👩\u200d💻é")
        == "a\\u{7}\\u{202e}b\\u{200b}\\u{dc80}\n\tc👩\u200d💻é"
    )
