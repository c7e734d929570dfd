from __future__ import annotations

from registry.validation.drift import ALIASES, drifted
from serve.core.payloads import PARAMETERS


def test_no_alias_is_a_name_that_an_engine_has():
    assert not {name for known in PARAMETERS.values() for name in known} & set(ALIASES)


def test_every_alias_leads_to_a_name_that_an_engine_has():
    assert set(ALIASES.values()) <= {name for known in PARAMETERS.values() for name in known}


def test_a_name_drifts_only_to_what_the_engine_has():
    assert drifted("top_k", ("temperature", "topK")) == "topK"
    assert drifted("top_k", ("temperature",)) is None
    assert drifted("temperature", ("temperature",)) is None
