from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core.digest import canonical, digest, sha256

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_the_order_of_keys_does_not_change_the_digest():
    assert digest({"a": 1, "b": [2, {"d": 3, "c": 4}]}) == digest({"b": [2, {"c": 4, "d": 3}], "a": 1})


def test_sha256_is_the_standard_one():
    assert sha256(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_what_json_cannot_say_is_refused():
    with pytest.raises(ValueError, match="Out of range float"):
        canonical({"x": float("nan")})


@given(VALUES.filter(lambda v: "\\ud" not in json.dumps(v)))
def test_canonical_json_reads_back_as_the_same_value(value):
    assert json.loads(canonical(value)) == value
