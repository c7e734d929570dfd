"""Rules that ask a model, with a model that says what the test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from serve.core.errors import BundleRefused
from serve.core.guard.checks.asked import LATER, NO_MODELS, Asked, AskedDetect, NotHere
from serve.core.guard.checks.table import streaming_of
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import Action, GuardrailSet, Json, Rule, RuleKind, Streaming

PIN = {"id": "models/m", "sha256": "ab"}
DETECT: Mapping[str, dict[str, Json]] = {
    "language": {"allow": ["en"]},
    "similarity": {"model": PIN, "examples": ["take a pill"], "threshold": 0.6},
    "classifier": {"model": PIN, "labels": {"bad": ["a"], "good": ["b"]}, "deny": ["bad"], "threshold": 0.7},
    "judge": {"model": PIN, "question": "Is it rude?"},
}
HIT = {
    "language": {"fr": 0.9, "en": 0.1},
    "similarity": {"1": 0.61},
    "classifier": {"bad": 0.7, "good": 0.3},
    "judge": {"yes": 0.8, "no": 0.2},
}
PASS = {
    "language": {"fr": 0.3, "en": 0.7},
    "similarity": {"1": 0.59},
    "classifier": {"bad": 0.69, "good": 0.31},
    "judge": {"yes": 0.2, "no": 0.8},
}
TEXT = "Nobody should say such a thing to a customer of ours."
KINDS = sorted(DETECT)


@dataclass
class Said:
    """Answers every text with the same, or with what a function makes of it."""

    say: Mapping[str, float] | Callable[[str], Mapping[str, float]]
    asked: list[str] = field(default_factory=list)

    def open(self, _kind: RuleKind, _detect: AskedDetect, /) -> Asked:
        return self

    def shares(self, texts: Sequence[str], /) -> list[Mapping[str, float]]:
        self.asked += texts
        return [self.say(text) if callable(self.say) else self.say for text in texts]


class Broken(Said):
    def shares(self, texts: Sequence[str], /) -> list[Mapping[str, float]]:
        raise OSError("the model is gone")


def a_rule(kind: str, action: str = "block", detect: dict[str, Json] | None = None, **more: Json) -> Rule:
    plain = Rule(f"ask.{kind}", kind, "high", Action(action), {**DETECT[kind], **(detect or {})}, ("output",))
    return streaming_of(replace(plain, **more), Streaming("buffer"))


def guard_of(rule: Rule, models: Said) -> Guard:
    return compile_guard([GuardrailSet("guardrails/test", (rule,))], models)


@pytest.mark.parametrize("kind", KINDS)
def test_the_threshold_decides_and_the_hit_tells_score_and_threshold(kind):
    hit = guard_of(a_rule(kind), Said(HIT[kind])).check(TEXT, "output")
    assert hit.action == "block"
    assert [(each.start, each.end) for each in hit.hits] == [(0, len(TEXT))]
    assert "threshold 0." in hit.hits[0].detail
    assert "Nobody" not in hit.hits[0].detail
    assert guard_of(a_rule(kind), Said(PASS[kind])).check(TEXT, "output").action == "pass"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("on_error", ["open", "closed"])
def test_a_model_that_fails_is_named_and_counts_as_on_error_says(kind, on_error):
    verdict = guard_of(a_rule(kind, on_error=on_error), Broken({})).check(TEXT, "output")
    assert verdict.errors == (f"ask.{kind}",)
    assert verdict.action == ("block" if on_error == "closed" else "pass")
    assert all(hit.failed for hit in verdict.hits)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_is_held_to_its_end_and_asks_once(kind):
    models = Said(HIT[kind])
    stream = guard_of(a_rule(kind, "redact"), models).stream("output")
    assert [stream.feed(sign) for sign in TEXT] == [""] * len(TEXT)
    assert not models.asked
    tail, verdict = stream.finish()
    assert (tail, verdict.action) == ("[REDACTED]", "redact")
    assert len(models.asked) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_shadow_rule_lets_a_stream_flow_and_counts_at_its_end(kind):
    models = Said(HIT[kind])
    stream = guard_of(a_rule(kind, mode="shadow"), models).stream("output")
    assert "".join(stream.feed(sign) for sign in TEXT) == TEXT
    tail, verdict = stream.finish()
    assert (tail, verdict.action, verdict.text) == ("", "pass", TEXT)
    assert verdict.hits[0].mode == "shadow"


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_that_acts_has_to_say_that_it_holds_streams_back(kind):
    plain = Rule(f"ask.{kind}", kind, "high", Action("block"), DETECT[kind], ("output",))
    with pytest.raises(BundleRefused, match=r"GRD002 .* holds a stream back.*stream: \{mode: buffer\}"):
        streaming_of(plain, None)
    with pytest.raises(BundleRefused, match=r"GRD002 .* no bound"):
        streaming_of(plain, Streaming("window", 400))
    assert streaming_of(replace(plain, action=Action("flag")), None).stream == Streaming("buffer")
    assert streaming_of(replace(plain, mode="shadow"), None).stream == Streaming("buffer")


@pytest.mark.parametrize("kind", KINDS)
def test_without_models_a_rule_is_refused_by_name_at_load(kind):
    with pytest.raises(
        BundleRefused, match=rf"GRD020 rule ask\.{kind} of kind {kind} cannot work here"
    ) as told:
        compile_guard([GuardrailSet("guardrails/test", (a_rule(kind),))], NO_MODELS)
    assert told.value.next_step
    later = compile_guard([GuardrailSet("guardrails/test", (a_rule(kind),))], LATER)
    assert later.check(TEXT, "output").errors == (f"ask.{kind}",)


def test_what_a_model_lacks_is_said_in_its_own_words():
    class Missing(Said):
        def open(self, _kind: RuleKind, _detect: AskedDetect, /) -> Asked:
            raise NotHere("the weights are away", "Fetch them.")

    with pytest.raises(BundleRefused, match=r"GRD020 .*: the weights are away\. Fetch them\."):
        guard_of(a_rule("judge"), Missing({}))


@pytest.mark.parametrize(
    ("kind", "detect", "told"),
    [
        ("language", {"allow": []}, "either allow or deny"),
        ("language", {"deny": ["fr"]}, "either allow or deny"),
        ("language", {"allow": ["english"]}, "two small letters"),
        ("language", {"minLetters": 0}, "minLetters"),
        ("language", {"threshold": 0}, "threshold"),
        ("similarity", {"threshold": 1.5}, "threshold"),
        ("similarity", {"examples": []}, "examples"),
        ("similarity", {"examples": [" "]}, "examples"),
        ("similarity", {"passage": 5}, "passage"),
        ("classifier", {"labels": {"bad": ["a"]}}, "two labels"),
        ("classifier", {"labels": {"bad": ["a"], "good": []}}, "two labels"),
        ("classifier", {"labels": {"bad": ["a"], "good": [""]}}, "empty example"),
        ("classifier", {"deny": ["ugly"]}, "ugly"),
        ("classifier", {"deny": ["bad", "good"]}, "leave at least one"),
        ("classifier", {"deny": []}, "leave at least one"),
        ("judge", {"question": " "}, "question"),
        ("judge", {"timeoutS": 0}, "timeoutS"),
        ("judge", {"hitOn": "maybe"}, "hitOn"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_key(kind, detect, told):
    with pytest.raises(BundleRefused, match=f"GRD001 .*{told}"):
        a_rule(kind, detect=detect)


def test_a_denied_language_is_hit_and_a_few_letters_are_in_none():
    models = Said({"fr": 0.6, "en": 0.4})
    guard = guard_of(a_rule("language", detect={"allow": [], "deny": ["fr"]}), models)
    assert guard.check(TEXT, "output").hits
    models.asked.clear()
    assert guard.check("ok 42 !!!", "output").passed
    assert not models.asked
    assert guard.check("この文は日本語です", "output").hits


def test_an_allowed_language_that_is_the_likeliest_is_no_hit_however_unsure():
    unsure = guard_of(a_rule("language"), Said({"en": 0.36, "sco": 0.34, "nl": 0.3}))
    assert unsure.check(TEXT, "output").passed


def test_each_sentence_is_looked_at_alone_and_only_the_guilty_one_is_covered():
    models = Said(lambda text: {"1": 0.9 if "pill" in text else 0.1})
    text = "Your parcel arrives tomorrow morning. Take a pill before you go to bed tonight. Good night to you and yours!"
    verdict = guard_of(a_rule("similarity", "redact"), models).check(text, "output")
    assert verdict.text == "Your parcel arrives tomorrow morning. [REDACTED] Good night to you and yours!"
    assert len(models.asked) == 3


def test_the_model_sees_what_people_see_and_spans_are_those_of_the_original():
    models = Said(lambda text: {"1": float("pill" in text)})
    text = "Take a p\u200bi\u200bll before you go to bed."
    (hit,) = guard_of(a_rule("similarity"), models).check(text, "output").hits
    assert models.asked == ["Take a pill before you go to bed."]
    assert text[hit.start : hit.end] == text


def test_a_judge_is_asked_about_the_whole_text_and_never_about_a_part_of_it():
    models = Said(HIT["judge"])
    guard = guard_of(a_rule("judge", detect={"maxChars": 40}), models)
    assert guard.check("First of all. Second of all, this.", "output").hits
    assert models.asked == ["First of all. Second of all, this."]
    assert guard.check(TEXT, "output").errors == ("ask.judge",)
    assert guard.check("  \n ", "output").passed


def test_a_judge_may_hit_on_no():
    guard = guard_of(a_rule("judge", detect={"hitOn": "no"}), Said(PASS["judge"]))
    assert guard.check(TEXT, "output").hits[0].detail == "answer no 0.80, threshold 0.5"
