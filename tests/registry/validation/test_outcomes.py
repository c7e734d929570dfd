from __future__ import annotations

from registry.validation import shapes
from registry.validation.outcomes import ABSENT, Value, either, falsy, kinds_of, list_of

TEXT = Value(shapes.text(3), ("a",), name="a")
FULL = shapes.of_input("x", {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}})


def test_one_or_the_other_may_be_all_that_either_may():
    both = either(TEXT, ABSENT)
    assert kinds_of(both) == {"string", "missing"}
    assert both.parts == (TEXT, ABSENT)
    assert both.path == ()


def test_a_list_that_is_never_empty_never_counts_as_false():
    assert falsy(FULL).kinds == frozenset()
    assert falsy(shapes.array([])).kinds == {"array"}


def test_a_list_of_an_object_is_that_of_its_keys_and_may_be_empty():
    made = list_of(shapes.of_value({"ab": 1}))
    assert (made.kinds, made.least) == ({"array"}, 0)
    assert made.element.kinds == {"string"}
