from __future__ import annotations

import pytest


def spans(verdict):
    return [(hit.start, hit.end) for hit in verdict.hits]


def test_the_first_group_is_what_is_redacted(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"token=(\w{4,20})"]}))
    assert one.check("token=abcd1234;", "output").text == "token=[REDACTED];"


def test_keywords_must_stand_in_the_match(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"\b[A-Z0-9]{8}\b"], "keywords": ["akia"]}))
    assert spans(one.check("AKIA1234 BBBB1234", "output")) == [(0, 8)]


def test_context_asks_for_a_whole_word_nearby(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"\b\d{6}\b"], "context": {"words": ["lic"], "near": 12}}))
    assert one.check("lic 123456", "output").hits
    assert one.check("123456 (lic)", "output").hits
    assert not one.check("public 123456", "output").hits
    assert not one.check("licence 123456", "output").hits
    assert not one.check("lic" + " " * 12 + "123456", "output").hits


def test_entropy_leaves_placeholders_alone(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"AKIA[A-Z0-9]{16}"], "entropy": 3.0}))
    assert one.check("AKIAQYLPMN5HHHFPZAM2", "output").hits
    assert not one.check("AKIAXXXXXXXXXXXXXXXX", "output").hits


def test_what_is_allowed_is_no_hit_and_nothing_begins_inside_it(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"(?:never )?share it"], "allow": ["^never"]}))
    assert not one.check("never share it", "output").hits
    assert spans(one.check("never share it, share it", "output")) == [(16, 24)]


def test_a_number_in_front_does_not_hide_a_card(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"\b\d(?:[ -]?\d){12,18}\b"], "check": "luhn"}))
    assert one.check("ref 5 4012 8888 8888 1881 12/27", "output").text == "ref 5 [REDACTED] 12/27"


def test_spans_count_code_points_of_the_original(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"\b\d{4}\b"]}))
    assert spans(one.check("👩‍👧 é 1234 ４３２１ 12\u200b34", "output")) == [(6, 10), (11, 15), (16, 21)]


def test_no_text_takes_more_than_linear_time(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"(?:a+)+$", r"\b\d(?:[ -]?\d){12,18}\b"], "check": "luhn"}))
    for text in ("a" * 100_000 + "!", "1 " * 50_000, "4" * 100_000):
        assert not one.check(text, "output").errors


@pytest.mark.parametrize(
    "text",
    [
        "social_security_number: 123456",
        "social-security 123456",
        "socialSecurity=123456",
        "customerSocialSecurity=123456",
        "SOCIAL_SECURITY_NO=123456",
    ],
)
def test_a_word_nearby_may_be_written_as_names_in_code_are(rule, guard, text: str) -> None:
    context = {"words": ["social security"], "near": 24}
    one = guard(rule("pattern", {"any": [r"\b\d{6}\b"], "context": context}))
    assert one.check(text, "output").hits


@pytest.mark.parametrize(
    "text", ["antisocial security 123456", "social  security 123456", "socialsecurities 123456"]
)
def test_a_piece_of_another_word_is_none(rule, guard, text: str) -> None:
    context = {"words": ["social security"], "near": 24}
    one = guard(rule("pattern", {"any": [r"\b\d{6}\b"], "context": context}))
    assert not one.check(text, "output").hits


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("escape", [r"\n", r"\t", r"\r\n", "\\\u200bn"])
def test_an_escaped_blank_ends_a_word_as_the_blank_does(rule, guard, escape: str, size: int) -> None:
    one = guard(rule("pattern", {"any": [r"\b[0-9]{16}\b"]}, **{"with": "[CARD]"}))
    text = f'{{"say": "pay with{escape}4111111111111111{escape}please, as agreed some time before"}}'
    verdict = one.check(text, "output")
    assert verdict.text == text.replace("4111111111111111", "[CARD]")
    stream = one.stream("output")
    assert "".join(stream.over(text[at : at + size] for at in range(0, len(text), size))) == verdict.text


def test_other_escapes_are_read_as_they_stand(rule, guard) -> None:
    one = guard(rule("pattern", {"any": [r"\\u0040", r"a\\b"]}))
    assert spans(one.check(r"x\u0040y a\b", "output")) == [(1, 7), (9, 12)]
