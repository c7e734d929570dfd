"""A serialized object is a name and its arguments, whatever it names."""

import pytest

from registry.importing.langchain.objects import is_secret, named


def test_a_constructor_is_named_by_its_class():
    found = named({"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {"a": 1}})
    assert (found.name, dict(found.values), found.is_object) == ("system", {"a": 1}, True)


@pytest.mark.parametrize("value", [None, 3, [], {}, {"id": ["a"]}, {"lc": 1, "id": []}, {"lc": 1, "id": "a"}])
def test_other_values_are_no_objects(value):
    assert not named(value).is_object


def test_a_placeholder_of_a_key_is_known():
    assert is_secret({"lc": 1, "type": "secret", "id": ["OPENAI_API_KEY"]})
    assert not is_secret("text")
