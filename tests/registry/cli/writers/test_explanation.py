from __future__ import annotations

import pytest

from registry.cli.style import console
from registry.cli.writers.explanation import advice, explanation_json, write_explanation
from registry.validation.explain import explanations

TOLD = explanations()


def test_a_person_gets_reason_examples_and_advice(capsys):
    write_explanation(console(stderr=False, plain=True), TOLD["REF001"])
    out = capsys.readouterr().out
    assert out.startswith("REF001 Unknown reference · error\n")
    assert "Wrong:\n    model: models/chta\n" in out
    assert "Right:\n    model: models/chat\n" in out
    assert "promptyard lint --fix writes the one known name" in out


@pytest.mark.parametrize("code", TOLD)
def test_every_code_can_be_told(code, capsys):
    write_explanation(console(stderr=False, plain=True), TOLD[code])
    assert code in capsys.readouterr().out
    assert explanation_json(TOLD[code])["code"] == code


@pytest.mark.parametrize(
    ("code", "level", "excused"), [("OWN001", True, True), ("SEC001", False, True), ("YML001", False, False)]
)
def test_it_is_said_what_the_settings_can_do(code, level, excused):
    told = explanation_json(TOLD[code])
    assert (told["levelCanChange"], told["canBeExcused"]) == (level, excused)
    said = " ".join(advice(TOLD[code]))
    assert ("levels" in said) is level
    assert ("exceptions" in said) is excused
