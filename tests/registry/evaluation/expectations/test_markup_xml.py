from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.work import ending

from registry.evaluation.expectations import check
from registry.evaluation.expectations.markup_xml import NotXml, paths_of
from registry.evaluation.records import Completion, Expectation


def status(kind: str, text: str, value: object = None) -> str:
    return check(Expectation(kind, value), Completion(text, 1, 1)).status


def test_paths_are_names_from_the_root() -> None:
    assert paths_of("<a><b x='1'/><p:c xmlns:p='u'/></a>") == {"a", "a.b", "a.p:c"}


@pytest.mark.parametrize(
    "text", ["", "text", "<a>", "<a/><b/>", "<a x=1/>", "<p:a/>", "<a>&</a>", "<a>&nbsp;</a>", "\x00<a/>"]
)
def test_what_is_not_well_formed_is_not_xml(text: str) -> None:
    with pytest.raises(NotXml):
        paths_of(text)


def test_entities_are_neither_expanded_nor_fetched() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    assert status("is-xml", bomb) == "fail"
    assert status("is-xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>') == "fail"
    assert status("is-xml", "<!DOCTYPE a><a/>") == "pass"


def test_elements_must_be_there_repeated_ones_too() -> None:
    order = "<order><line><id/></line><line><id/></line></order>"
    assert status("is-xml", order, ["order.line.id"]) == "pass"
    found = check(Expectation("is-xml", ["order.total"]), Completion(order, 1, 1))
    assert found.reason == "is XML without 'order.total'"


def test_xml_is_found_among_text_and_among_broken_tags() -> None:
    assert status("contains-xml", "x < y, <open> then <a><b/></a> & more", ["a.b"]) == "pass"
    assert status("contains-xml", "<a/> and <b/>", ["a", "b"]) == "pass"
    assert status("contains-xml", "if a<b and c>d") == "fail"
    assert status("contains-xml", "<!-- <a/> -->") == "fail"


@given(st.text(alphabet="<>/ab ='\"&!-[]?", max_size=60))
def test_no_text_breaks_the_search(text: str) -> None:
    assert status("contains-xml", text) in ("pass", "fail")


@pytest.mark.parametrize(
    "piece", ["<a>", "<a/>", "</a>", '<a "', "<!--", "<?", "<![CDATA[", "<a>" * 50 + "</b>", "<a>x</a>"]
)
def test_long_answers_do_not_take_long(piece: str) -> None:
    with ending():
        status("contains-xml", piece * (400_000 // len(piece)))
