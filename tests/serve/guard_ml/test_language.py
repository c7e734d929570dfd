from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from serve.core.guard.checks.asked import LanguageDetect, NotHere
from serve.guard_ml.language import Languages

pytest.importorskip("py3langid", reason="needs the guard-ml extra")
TEXTS = {
    "de": "Ihre Karte wurde gestern zweimal belastet.",
    "en": "Your card was charged twice yesterday.",
    "fr": "Votre carte a été débitée deux fois hier.",
    "ja": "カードが昨日二回請求されました。",
}


def test_a_sentence_is_told_by_its_language():
    shares = Languages(LanguageDetect(allow=("en",))).shares(list(TEXTS.values()))
    assert [max(each, key=lambda code: each[code]) for each in shares] == list(TEXTS)
    assert all(sum(each.values()) == pytest.approx(1, abs=1e-3) for each in shares)


def test_threads_do_not_disturb_one_another():
    languages = Languages(LanguageDetect(allow=("en",)))
    alone = {text: languages.shares([text])[0] for text in TEXTS.values()}
    with ThreadPoolExecutor(8) as pool:
        for text, (shares,) in pool.map(
            lambda text: (text, languages.shares([text])), [*TEXTS.values()] * 50
        ):
            assert shares == alone[text]


def test_a_code_that_nobody_can_tell_is_refused():
    with pytest.raises(NotHere, match="qq is no language"):
        Languages(LanguageDetect(deny=("qq",)))
