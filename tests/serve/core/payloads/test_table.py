"""Every prompt of this repository, with the inputs of every case, as every provider would get it."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest
from support.sdks import CHECKS
from support.talks import TOOLS, call

from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.evaluation.suite import read_suites
from registry.rendering.preview import live_of
from registry.settings import Settings
from serve.core.errors import Usage
from serve.core.model import EngineName
from serve.core.payloads import BODIES, NATIVE, PARAMETERS, wire

CATALOG = load(FolderTree(Path(__file__).parents[4]), Settings())
CASES = defaultdict(list)
for suite in read_suites(CATALOG)[0]:
    CASES[suite.prompt] += suite.cases


@pytest.fixture(scope="module")
def live():
    return live_of(CATALOG)


@pytest.mark.parametrize("form", BODIES)
@pytest.mark.parametrize("prompt", CATALOG.prompts)
def test_every_case_is_a_body_that_the_providers_sdk_takes(live, prompt, form):
    assert CASES[prompt]
    for case in CASES[prompt]:
        body = live.render(prompt, case.inputs, variant=case.variant).to_payload(form)
        CHECKS[form](body)
        json.dumps(wire(body))


def test_every_engine_has_parameters_and_all_but_the_local_one_a_body():
    engines = set(get_args(EngineName))
    assert engines <= PARAMETERS.keys()
    assert engines - NATIVE.keys() == {"ctranslate2"}
    assert set(NATIVE.values()) <= BODIES.keys() == CHECKS.keys()


@pytest.mark.parametrize("form", BODIES)
def test_the_check_against_the_sdk_can_fail(form):
    body = BODIES[form](call(TOOLS))
    CHECKS[form](body)
    key = {"openai-responses": "input", "gemini": "contents"}.get(form, "messages")
    spoiled = {**body, key: [{**body[key][0], "colour": "red"}, *body[key][1:]]}
    with pytest.raises(Exception, match=r"colour|AssertionError|extra") as caught:
        CHECKS[form](spoiled)
    assert not isinstance(caught.value, Usage)
