"""Whatever stands in a file, lint answers with findings and never falls over."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.content import FILES, MODEL, TRIAGE, Memory
from support.work import ending

from registry.authoring.catalog import load
from registry.authoring.parse import read_yaml
from registry.diagnostics import in_order
from registry.settings import Settings
from registry.validation.lint import lint

GUARDRAIL = """\
promptyard: 1
defaults: {mode: shadow}
rules:
  - id: links
    kind: literals
    severity: low
    action: {replace: {with: x}}
    detect: {any: [http]}
    shadowUntil: 2026-01-01
    tests: [{text: http, expect: hit}, {text: b, expect: pass}]
"""
WRITTEN = {
    "prompts/support/triage.prompt.yaml": TRIAGE,
    "prompts/models/chat.model.yaml": MODEL + "weights: {path: tiny}\nfallbacks: [models/other]\n",
    "prompts/guardrails/links.guardrail.yaml": GUARDRAIL,
    "prompts/support/triage.suite.yaml": FILES["prompts/support/triage.suite.yaml"],
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["{{ x }}", "{% include 'partials/tone.md' %}", "{% if", "../x", "user", "string", "2026-11-01"]
    ),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(
        st.sampled_from(["file", "type", "trust", "history", "maxLength", "block"]), st.text(max_size=3)
    ),
)


def steps_of(value: Any, steps: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [steps, *(inner for key, item in pairs for inner in steps_of(item, (*steps, key)))]


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, Any]:
    path = draw(st.sampled_from(sorted(WRITTEN)))
    document, _ = read_yaml(path, WRITTEN[path].encode())
    assert document is not None
    data = copy.deepcopy(document.data)
    for _ in range(draw(st.integers(1, 3))):
        steps = draw(st.sampled_from([steps for steps in steps_of(data) if steps] or [()]))
        if not steps:
            return path, draw(ODD)
        holder = data
        for step in steps[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[steps[-1]] = draw(ODD)
        else:
            del holder[steps[-1]]
    return path, data


@given(spoiled())
def test_a_spoiled_file_brings_no_lint_down(case):
    path, data = case
    files = {name: text.encode() for name, text in {**FILES, **WRITTEN}.items()}
    files[path] = json.dumps(data).encode()
    findings = lint(load(Memory(files), Settings()), today=date(2026, 11, 21))
    assert findings == in_order(findings)
    assert all(finding.hint and finding.place.path for finding in findings)


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\r"])
@pytest.mark.parametrize("old", ["Routes", "user", "{{ ticket }}"])
def test_ends_of_lines_that_only_yaml_knows_bring_no_lint_down(odd, old):
    files = {name: text.encode() for name, text in {**FILES, **WRITTEN}.items()}
    text = files["prompts/support/triage.prompt.yaml"].decode().replace(old, f"{old}{odd * 3}", 1)
    text += f'budgt: "{odd * 9}"\nname: a #b\n'
    files["prompts/support/triage.prompt.yaml"] = text.encode()
    assert lint(load(Memory(files), Settings()), today=date(2026, 11, 21))


@pytest.mark.parametrize("row", ["[INST]", "{", "{% ", "<|x|>", "eyJ", "secret", "sk-", "\u0430a", "text: "])
def test_no_text_holds_lint_up(row):
    files = {name: text.encode() for name, text in {**FILES, **WRITTEN}.items()}
    prompt = "promptyard: 1\nmodel: models/chat\nmessages:\n  - role: user\n    content: |\n"
    files["prompts/support/triage.prompt.yaml"] = f"{prompt}      {row * (100_000 // len(row))}\n".encode()
    with ending():
        lint(load(Memory(files), Settings()), today=date(2026, 11, 21))
