from __future__ import annotations

import random

import pytest

from serve.core.guard.engine import Guard
from serve.core.guard.normalise import read

FRAGMENTS = (
    "4012 8888 8888 1881", "4012\u200b8888\u200b8888\u200b1881", "１２", "123", "12345678", "12-34-56", "sort code",
    "GB82 WEST 1234 5698 7654 32", " ", "  ", "\n", ".", "1", "a", "e\u0301", "\u0301", "ｶ", "ﾞ", "\u1100", "\u1161",
    "\u11a8", "👨\u200d👩\u200d👧", "\u200d", "\u200b", "\U000e0041", "\u202e", "ﷺ", "…", "\ud800", "full  refund",
    "refund", "re", "key=abcd12", "https://ok.example/a", "https://evil.test/b", "www.evil.test", "![", "](", "see.",
    "![x](https://ok.example/p)", "https://ok.example/?u=https://evil.test", "http:", "://", ")", "https", "é",
)  # fmt: skip


@pytest.fixture
def rules(rule):
    return (
        rule("pattern", {"any": [r"\b\d(?:[ -]?\d){12,18}\b"], "check": "luhn"}, id="card"),
        rule(
            "pattern", {"any": [r"(?i)\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}\b"], "check": "iban"}, id="iban"
        ),
        rule(
            "pattern",
            {"any": [r"\b\d{2}-\d{2}-\d{2}\b"], "context": {"words": ["sort code"], "near": 20}},
            id="sort",
        ),
        rule("pattern", {"any": [r"\d{3,6}"]}, "replace", id="digits", severity="low", **{"with": "#"}),
        rule("pattern", {"any": [r"key=(\w{4,10})"], "entropy": 1.0, "allow": ["zz"]}, id="key"),
        rule("pattern", {"any": [r"\b\d{2}-\d{2}"], "allow": ["^12"]}, "drop", id="allowed"),
        rule("literals", {"any": ["full refund", "refund", "re"]}, id="phrase", severity="medium"),
        rule(
            "unicode",
            {"deny": ["tags", "bidi", "zero_width"], "allow": ["emoji_zwj", "script_joiners"]},
            "replace",
            id="hidden",
            **{"with": ""},
        ),
        rule("url", {"allowHosts": ["*.ok.example", "ok.example"]}, id="links"),
        rule("length", {"max": 150}, "drop", id="length", severity="low"),
    )


def streamed(guard: Guard, text: str, sizes: random.Random):
    stream = guard.stream("output")
    shown, place = "", 0
    while place < len(text):
        step = sizes.choice((1, 1, 2, 3, 5, 9, 40))
        shown += stream.feed(text[place : place + step])
        place += step
    tail, verdict = stream.finish()
    return shown + tail, verdict


@pytest.mark.parametrize("seed", range(4))
def test_pieces_give_what_the_whole_gives(rules, guard, seed: int) -> None:
    source = random.Random(seed)
    for _ in range(250):
        text = "".join(source.choices(FRAGMENTS, k=source.randint(0, 30)))
        some = guard(*source.sample(rules, source.randint(1, len(rules))))
        whole = some.check(text, "output")
        assert not whole.errors
        assert streamed(some, text, source) == (whole.text, whole), ascii(text)


def test_without_rules_that_alter_every_piece_goes_straight_through(rule, guard) -> None:
    stream = guard(rule("literals", {"any": ["refund"]}, "flag")).stream("output")
    assert stream.feed("a ref") == "a ref"
    assert stream.feed("und") == "und"
    tail, verdict = stream.finish()
    assert (tail, verdict.action) == ("", "flag")


def test_text_is_released_long_before_the_end(rule, guard) -> None:
    stream = guard(rule("pattern", {"any": [r"\b\d(?:[ -]?\d){12,18}\b"], "check": "luhn"})).stream("output")
    shown = "".join(stream.feed(piece) for piece in ["Thank you for writing to us. "] * 20)
    assert len(shown) > 20 * 29 - 50


def test_a_card_number_over_many_pieces_never_comes_out(rule, guard) -> None:
    stream = guard(rule("pattern", {"any": [r"\b\d{16}\b"], "check": "luhn"})).stream("output")
    shown = [stream.feed(character) for character in "your card 4012888888881881 and more " + "text " * 20]
    tail, verdict = stream.finish()
    assert "4012" not in "".join(shown) + tail
    assert verdict.action == "redact"


def test_a_block_stops_the_stream_at_once_and_keeps_the_tail(rule, guard) -> None:
    blocks = rule("literals", {"any": ["we guarantee"]}, "block", fallback="Sorry.")
    stream = guard(blocks).stream("output")
    shown = stream.feed("All is well and we guarantee it. " + "More text follows here. " * 3)
    assert stream.stopped
    assert "guarantee" not in shown
    assert stream.feed("and more") == ""
    tail, verdict = stream.finish()
    assert (tail, verdict.action, verdict.text) == ("", "block", "Sorry.")


def test_a_rule_about_the_whole_holds_everything_until_the_end(rule, guard) -> None:
    stream = guard(rule("json_schema", {"schema": {"type": "object"}}, "block")).stream("output")
    assert stream.feed('{"a": ') + stream.feed("1}") == ""
    tail, verdict = stream.finish()
    assert (tail, verdict.action) == ('{"a": 1}', "pass")


def test_a_pattern_without_bound_holds_everything(rule, guard) -> None:
    stream = guard(rule("pattern", {"any": ["BEGIN.*END"]})).stream("output")
    assert stream.feed("BEGIN a ") == ""
    stream.feed("b END c")
    assert stream.finish()[0] == "[REDACTED] c"


def test_a_shadow_rule_about_the_whole_holds_nothing(rule, guard) -> None:
    stream = guard(rule("json_schema", {"schema": {}}, "block", mode="shadow")).stream("output")
    assert stream.feed("not JSON") == "not JSON"
    assert stream.finish()[1].action == "pass"


def test_a_length_over_the_bound_is_known_before_the_end(rule, guard) -> None:
    stream = guard(rule("length", {"max": 10}, "block")).stream("output")
    for _ in range(3):
        stream.feed("abcdef")
    assert stream.stopped


def test_a_finished_stream_takes_no_more(rule, guard) -> None:
    stream = guard(rule("length", {"max": 10})).stream("output")
    stream.finish()
    assert stream.finish()[0] == ""
    with pytest.raises(ValueError, match="finished"):
        stream.feed("x")


def test_no_more_is_held_than_the_longest_match_and_what_is_looked_at_around_it(rule, guard) -> None:
    made = guard(
        rule("pattern", {"any": [r"\b\d{4,16}\b"]}, id="digits"),
        rule("pattern", {"any": [r"key-\w{4,30}"], "keywords": ["key-"]}, id="key"),
        rule("literals", {"any": ["full refund"]}, id="phrase"),
    )
    most = max((r.rule.stream.max_match or 0) + r.detector.before for r in made.rules)
    for text in ("Thank you for writing. " * 30, "Grüße, liebe Leute … " * 30, "ke y- 123 full re " * 30):
        stream = made.stream("output")
        for character in text:
            stream.feed(character)
            assert stream.held <= most + 1
        assert stream.came == len(text)


def test_a_stream_in_small_pieces_reads_each_part_a_few_times_and_no_more(rule, guard, monkeypatch) -> None:
    seen = [0]

    def counted(text: str, offset: int = 0):
        seen[0] += len(text)
        return read(text, offset)

    monkeypatch.setattr("serve.core.guard.stream.read", counted)
    made = guard(rule("pattern", {"any": [r"\b\d{4,16}\b"]}))
    work = []
    for length in (2000, 8000):
        seen[0], stream = 0, made.stream("output")
        for place in range(0, length, 5):
            stream.feed("abc 1"[: length - place])
        work.append(seen[0])
    assert work[1] < 4.5 * work[0]
