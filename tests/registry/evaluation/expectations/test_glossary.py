from __future__ import annotations

import pytest

from registry.evaluation.expectations import check
from registry.evaluation.records import Check, Completion, Expectation

TERMS = {"invoice": "Rechnung", "account": ["Konto", "Bankkonto"], "Harbour Bank": None}


def found(text: str, source: object, value: object = None) -> Check:
    rule = value or {"terms": TERMS, "avoid": ["Faktura"]}
    return check(Expectation("glossary", rule), Completion(text, 1, 1), inputs={"text": source})


def test_terms_of_the_inputs_are_rendered_as_they_must_be() -> None:
    source = "Harbour Bank sends two invoices."
    assert found("Harbour Bank schickt zwei Rechnungen.", source).status == "pass"
    told = found("Die Hafenbank schickt zwei Fakturen und eine Faktura.", source)
    assert told.status == "fail"
    assert told.reason == (
        "does not render 'invoice' as 'Rechnung'; does not keep 'Harbour Bank' as it is; says 'Faktura'"
    )
    assert told.score == 0


def test_one_of_several_renderings_will_do_in_any_case() -> None:
    assert found("Ihr konto", "Your ACCOUNT").status == "pass"


@pytest.mark.parametrize("source", [["the invoice"], [{"role": "user", "content": "An invoice"}]])
def test_terms_are_found_in_lists_and_histories(source: object) -> None:
    assert found("Die Rechnung", source).status == "pass"
    assert found("Der Beleg", source).status == "fail"


def test_terms_begin_where_words_begin() -> None:
    assert found("Alles gut", "a subaccount").status == "pass"
    assert found("請求書です", "発票の話", {"terms": {"票": "請求書"}}).status == "pass"


def test_inputs_without_a_term_ask_nothing() -> None:
    assert found("Guten Tag", "Good morning", {"terms": TERMS}).status == "skip"
    assert found("Guten Tag", "Good morning").status == "pass"
