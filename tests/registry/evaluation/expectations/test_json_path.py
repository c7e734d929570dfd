from __future__ import annotations

import pytest

from registry.evaluation.expectations.json_path import NothingThere, PathError, look_up, steps_of

VALUE = {"team": "billing", "lines": [{"amount": 5}, {"amount": 7}], "odd key": {"a-b": None}}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("$", VALUE),
        ("$.team", "billing"),
        ("$.lines[0].amount", 5),
        ("$.lines[-1].amount", 7),
        ("$['odd key'].a-b", None),
        ('$["odd key"]["a-b"]', None),
    ],
)
def test_a_path_leads_to_one_place(path: str, wanted: object) -> None:
    assert look_up(VALUE, path) == wanted


@pytest.mark.parametrize(
    "path", ["$.nothing", "$.lines[2]", "$.lines[-3]", "$.team[0]", "$.lines.amount", "$.team.x"]
)
def test_a_path_into_nothing_says_so(path: str) -> None:
    with pytest.raises(NothingThere):
        look_up(VALUE, path)


@pytest.mark.parametrize(
    "path", ["", "team", "$team", "$..a", "$.a[*]", "$.a[?(@.b)]", "$.a[01]", "$.", "$.1a", "$['a]"]
)
def test_a_path_that_could_name_many_places_or_none_does_not_parse(path: str) -> None:
    with pytest.raises(PathError):
        steps_of(path)
