from __future__ import annotations

import base64
import json
import uuid

import pytest

from serve.core.errors import BundleRefused
from serve.core.guard.given import Given

MARKER = "py-9f3a7c51d2e84b60"
KNOWN = Given(canary=MARKER)


@pytest.fixture
def leak(rule, guard):
    return guard(rule("canary", {}, "block", fallback="No.", stages=("output", "tool_call")))


def test_the_marker_is_found_in_what_is_said_and_in_what_a_tool_is_called_with(leak) -> None:
    verdict = leak.check(f"It says {MARKER}.", "output", KNOWN)
    assert [(hit.start, hit.end, hit.detail) for hit in verdict.hits] == [(8, 27, "the canary")]
    assert (verdict.text, verdict.refused) == ("No.", True)
    encoded = base64.b64encode(f"rules: {MARKER}".encode()).decode()
    assert leak.check(f'{{"q": "{encoded}"}}', "tool_call", KNOWN).refused
    assert leak.check("Nothing of the kind, 9f3a7c51.", "output", KNOWN).passed


def test_disguises_do_not_help(leak) -> None:
    for text in (
        "\u200b".join(MARKER),
        MARKER.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)}),
        "*".join(MARKER),
    ):
        assert leak.check(f"a {text} b", "output", KNOWN).refused


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_marker_in_signs_that_nobody_sees_is_one_and_may_be_redacted(rule, guard, size) -> None:
    covers = guard(rule("canary", {}, "redact", **{"with": "[..]"}))
    unseen = "".join(chr(0xE0000 + ord(sign)) for sign in MARKER)
    text = f"{'Nothing to see. ' * 20}😀{unseen}{' And so on.' * 30}"
    verdict = covers.check(text, "output", KNOWN)
    assert [(hit.start, hit.end) for hit in verdict.hits] == [(321, 340)]
    stream = covers.stream("output", KNOWN)
    shown = "".join(stream.over(text[at : at + size] for at in range(0, len(text), size)))
    assert (shown, stream.verdict) == (verdict.text, verdict)
    assert covers.check("Wales 🏴󠁧󠁢󠁷󠁬󠁳󠁿", "output", KNOWN).passed


def test_each_request_has_its_own_marker(leak) -> None:
    other = str(uuid.UUID(int=0x1234567890ABCDEF1234567890ABCDEF))
    assert leak.check(f"It says {MARKER}.", "output", Given(canary=other)).passed
    assert leak.check(f"It says {other}.", "output", Given(canary=other)).refused


def test_a_redaction_covers_all_of_the_marker_and_every_copy(rule, guard) -> None:
    covers = guard(rule("canary", {}, "redact", **{"with": "[..]"}))
    text = f"{MARKER} and {' '.join(MARKER)} and {MARKER[::-1]}"
    assert covers.check(text, "output", KNOWN).text == "[..] and [..] and [..]"


@pytest.mark.parametrize("canary", [None, "", "short", "x" * 37, "py-9f3a7c51d2e84bé0", "py-\n9f3a7c51d2e84"])
@pytest.mark.parametrize(("on_error", "action"), [("closed", "block"), ("open", "pass")])
def test_without_a_marker_that_can_be_told_from_other_text_the_rule_fails(
    rule, guard, canary, on_error, action
) -> None:
    blind = guard(rule("canary", {}, "block", on_error=on_error))
    verdict = blind.check("anything", "output", Given(canary=canary))
    assert (verdict.action, verdict.errors) == (action, ("test.canary",))
    stream = blind.stream("output", Given(canary=canary))
    assert ("".join(stream.over(["any", "thing"])), stream.verdict) == (verdict.text, verdict)


@pytest.mark.parametrize("size", [1, 3, 17])
def test_a_stream_gives_nothing_of_it_away(rule, guard, size) -> None:
    covers = guard(rule("canary", {}, "redact", **{"with": "[..]"}))
    parts = (
        MARKER,
        " ".join(MARKER),
        MARKER.encode().hex(),
        base64.b64encode(MARKER.encode()).decode(),
        MARKER[:9],
    )
    text = " and some words of no interest ".join(parts) + " the end" * 60
    stream = covers.stream("output", KNOWN)
    shown = [stream.feed(text[place : place + size]) for place in range(0, len(text), size)]
    tail, verdict = stream.finish()
    assert "".join(shown) + tail == verdict.text == covers.check(text, "output", KNOWN).text
    assert len("".join(shown)) > len(verdict.text) - 250, (
        "only the longest form of this very marker is held back"
    )


@pytest.mark.parametrize(
    "detect", [{"decode": []}, {"decode": ["morse"]}, {"minFragment": 7}, {"minFragment": 40}, {"token": "x"}]
)
def test_a_detect_that_nobody_understands_is_refused(rule, detect) -> None:
    with pytest.raises(BundleRefused, match="GRD001"):
        rule("canary", detect)


def test_forms_that_are_not_asked_for_are_not_looked_for(rule, guard) -> None:
    narrow = guard(rule("canary", {"decode": ["plain"], "minFragment": 16}, "block"))
    assert narrow.check(MARKER, "output", KNOWN).refused
    assert narrow.check(MARKER[::-1], "output", KNOWN).passed
    assert narrow.check(MARKER[5:], "output", KNOWN).passed


def test_a_marker_spelt_in_lines_is_found_in_the_arguments_of_a_tool(leak) -> None:
    spelt = "\n".join(MARKER)
    assert leak.check(json.dumps({"q": spelt}), "tool_call", KNOWN).refused
