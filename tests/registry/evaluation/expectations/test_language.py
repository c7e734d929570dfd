from __future__ import annotations

import sys

import pytest

from registry.errors import MissingExtra
from registry.evaluation.expectations import check, language
from registry.evaluation.records import Check, Completion, Expectation


def found(text: str, value: object, *, negated: bool = False, threshold: float = 0.5) -> Check:
    return check(Expectation("language", value, negated, threshold=threshold), Completion(text, 1, 1))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", "Ihre Karte wurde zweimal belastet."),
        ("en", "Your card was charged twice."),
        ("fr", "Votre carte a été débitée deux fois."),
        ("ja", "カードが二重に請求されました"),
        ("zh", "请问我的卡"),
        (["nl", "es"], "Su tarjeta fue cobrada dos veces."),
    ],
)
def test_a_sentence_tells_its_language(code: object, text: str) -> None:
    assert found(text, code).status == "pass"
    assert found(text, "fi").status == "fail"
    assert found(text, "fi", negated=True).status == "pass"


@pytest.mark.parametrize("text", ["", "ok", "Danke!", "1234567890 1234567890", "卡"])
def test_what_is_too_short_to_tell_fails_both_forms(text: str) -> None:
    assert found(text, "de").status == found(text, "de", negated=True).status == "fail"
    assert "too short" in found(text, "de").reason


def test_the_reason_names_the_language_that_it_is() -> None:
    assert found("Your card was charged twice.", "de").reason.startswith("is written in en (0.9")


def test_without_the_eval_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    language._detector.cache_clear()
    with pytest.raises(MissingExtra, match=r"promptyard\[eval\]"):
        found("Your card was charged twice.", "en")
