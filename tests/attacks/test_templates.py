"""What a hostile template tries is refused at lint; the sandbox behind it gives nothing away."""

from __future__ import annotations

import pytest
from attacks.corpus import ESCAPES, INPUTS, TEMPLATES

from registry.authoring.includes import IncludeError, expand
from registry.validation.lints.tpl002_output_too_large import LIMIT
from registry.validation.template_policy import examine
from serve.core.errors import PromptyardError
from serve.core.render import compile_template

PYTHON = ("<class", "<function", "<module", "<built-in", "<bound", "object at 0x", "root:")


def no_partial(name):
    raise FileNotFoundError(name)


def refused(template):
    """True where lint has an error: a fault, an include out of place, a size too great, an unknown name."""
    try:
        text, _ = expand(template, no_partial)
    except IncludeError:
        return True
    found = examine(text, INPUTS)
    too_large = found.bound is None or found.bound > LIMIT
    return bool(found.faults) or too_large or any(use.name not in INPUTS for use in found.uses)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_hostile_template_is_refused_before_anything_runs(name):
    assert refused(TEMPLATES[name])


@pytest.mark.parametrize("name", ESCAPES)
def test_the_sandbox_gives_nothing_away_even_so(name):
    try:
        text = compile_template(ESCAPES[name])({"ticket": "x", "teams": ["y"]})
    except PromptyardError:
        return
    assert not any(word in text for word in PYTHON)


def test_the_same_shapes_without_the_hostile_part_are_allowed():
    for template in (
        "{{ ticket }}",
        "{% for team in teams %}- {{ team }}\n{% endfor %}",
        "{{ teams | join(', ') }}",
        "{{ ticket | truncate(100) | indent(2) }}",
        "{% if ticket %}{{ ticket | replace('a', 'b') }}{% endif %}",
    ):
        assert not refused(template)
