from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evaluation.expectations import check
from registry.evaluation.records import Completion, Expectation


def status(kind: str, text: str) -> str:
    return check(Expectation(kind), Completion(text, 1, 1)).status


@pytest.mark.parametrize(
    "text", ["<p>hi", "<ul><li>a<li>b</ul>", "<body>text</body>", "<x-card>1</x-card>", " <br> ", "<P>x</P>"]
)
def test_what_a_browser_shows_without_loose_text_is_html(text: str) -> None:
    assert status("is-html", text) == "pass"


@pytest.mark.parametrize(
    "text", ["", "text", "<p>a</p> tail", "<foo>x</foo>", "<?xml version='1.0'?><p/>", "a < b"]
)
def test_the_rest_is_not(text: str) -> None:
    assert status("is-html", text) == "fail"


def test_signs_of_html_among_text_add_up() -> None:
    assert status("contains-html", "see <b>this</b>") == "pass"
    assert status("contains-html", "Tom &amp; Jerry") == "fail"
    assert status("contains-html", "if a<b then c>d") == "fail"


@given(st.text(alphabet="<>/pb ='\"&!-;#x", max_size=60))
def test_no_text_breaks_the_checks(text: str) -> None:
    assert {status("is-html", text), status("contains-html", text)} <= {"pass", "fail"}
