"""Our own registry: every prompt lints, renders for every provider, and is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring.catalog import load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.evaluation.suite import read_suites
from registry.rendering.preview import FORMS, live_of
from registry.validation.lint import lint

TREE = FolderTree(Path(__file__).parents[2])
CATALOG = load(TREE, load_settings(TREE))
SUITES, FINDINGS = read_suites(CATALOG)


def test_our_own_content_is_clean():
    assert (*lint(CATALOG), *FINDINGS) == ()


def test_every_prompt_has_a_suite_and_there_are_cases_enough():
    assert {suite.prompt for suite in SUITES} == set(CATALOG.prompts)
    assert len(CATALOG.prompts) >= 8
    assert sum(len(suite.cases) for suite in SUITES) >= 150


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.prompt)
@pytest.mark.parametrize("form", FORMS)
def test_every_case_renders_in_every_form(suite, form):
    live = live_of(CATALOG)
    for case in suite.cases:
        body = FORMS[form](live.render(suite.prompt, case.inputs, variant=case.variant))
        assert body
