from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from support.content import FILES, catalog, write

from registry.authoring.catalog import Catalog
from registry.authoring.parse import Document, Mark
from registry.diagnostics import Diagnostic
from registry.evaluation.cases import CASE_KEYS, DEFAULT_KEYS
from registry.evaluation.dataset_cases import DATASET_KEYS
from registry.evaluation.expectations.read import OPTIONS
from registry.evaluation.expectations.table import NAMES
from registry.evaluation.records import Decode, Policy, Suite
from registry.evaluation.suite import POLICY_KEYS, SUITE_KEYS, read_suites

SCHEMA: Mapping[str, Any] = json.loads((Path(__file__).parents[3] / "schemas/suite.schema.json").read_text())
HEAD = "promptyard: 1\nprompt: support/triage\ndefaults: {inputs: {teams: [cards]}}\n"
GOOD = """\
promptyard: 1
description: Routing.
owner: support
prompt: support/triage
variant: short
samples: 3
mode: render
policy: {minPassRate: 0.9, margin: 0.05, onInconclusive: block, errorBudget: 2}
defaults:
  inputs: {teams: [cards, loans]}
  expect: [{not-contains: error}]
  threshold: 0.5
cases:
  - id: lost
    group: cards
    required: true
    threshold: 0.9
    inputs: {ticket: I lost my card.}
    expect: [{contains: cards, weight: 2}]
  - id: other
    inputs: {ticket: Hello., teams: [loans]}
"""


def read(root: Path, text: str, **files: str) -> tuple[tuple[Suite, ...], tuple[Diagnostic, ...]]:
    write(root, FILES, **{"prompts/support/triage.suite.yaml": text}, **files)
    return read_suites(catalog(root))


def finding(root: Path, text: str) -> tuple[str, str, str]:
    suites, findings = read(root, text)
    assert suites == ()
    assert len(findings) == 1, findings
    return (
        findings[0].code,
        str(findings[0].place).partition(":")[2],
        f"{findings[0].message} {findings[0].hint}",
    )


def test_a_suite_is_read_with_its_defaults_merged_in(tmp_path: Path) -> None:
    suites, findings = read(tmp_path, GOOD)
    assert findings == ()
    (suite,) = suites
    assert (suite.id, suite.path, suite.prompt) == (
        "support/triage",
        "prompts/support/triage.suite.yaml",
        "support/triage",
    )
    assert (suite.samples, suite.mode, suite.policy) == (3, "render", Policy(0.9, 0.05, "block", 2))
    lost, other = suite.cases
    assert (lost.group, lost.required, lost.threshold, lost.variant, lost.line) == (
        "cards",
        True,
        0.9,
        "short",
        14,
    )
    assert lost.inputs == {"teams": ["cards", "loans"], "ticket": "I lost my card."}
    assert [(one.type, one.negated, one.weight) for one in lost.expect] == [
        ("contains", True, 1),
        ("contains", False, 2),
    ]
    assert (other.group, other.required, other.threshold) == ("other", False, 0.5)
    assert other.inputs["teams"] == ["loans"]
    assert not list(
        Draft7Validator(SCHEMA).iter_errors(catalog(tmp_path).documents["suite"]["support/triage"].data)
    )


CASE = "cases:\n  - {id: a, inputs: {ticket: x}, expect: [{contains: x}]}\n"


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        (
            "prompt: support/triage\n" + CASE.replace("ticket: x", "ticket: x, teams: []"),
            "SUI002",
            "1:1",
            "promptyard: 1",
        ),
        (HEAD + "case: []\n" + CASE, "SUI011", "4:1", "Did you mean cases?"),
        (HEAD.replace("triage", "triag") + CASE, "SUI003", "2:1", "Did you mean support/triage?"),
        ("promptyard: 1\n" + CASE, "SUI002", "1:1", "which prompt it tests"),
        (HEAD, "SUI006", "1:1", "no case"),
        (HEAD + "cases: {a: b}\n", "SUI002", "4:1", "cases must be a list"),
        (HEAD + "cases: [hello]\n", "SUI002", "4:9", "A case must be an object"),
        (HEAD + "samples: 0\n" + CASE, "SUI002", "4:1", "from 1 to 1000"),
        (HEAD + "mode: rendr\n" + CASE, "SUI002", "4:1", "Did you mean render?"),
        (HEAD + "variant: shrt\n" + CASE, "SUI003", "4:1", "Did you mean short?"),
        (HEAD + "policy: {minPassrate: 1}\n" + CASE, "SUI011", "4:10", "Did you mean minPassRate?"),
        (HEAD + "policy: {minPassRate: 90}\n" + CASE, "SUI002", "4:10", "up to 1"),
        (HEAD + "policy: {errorBudget: -1}\n" + CASE, "SUI002", "4:10", "errorBudget"),
        (HEAD + CASE.replace("expect:", "asserts:"), "SUI011", "5:34", "Did you mean expect?"),
        (HEAD + CASE.replace("{contains: x}", ""), "SUI006", "5:5", "asks nothing"),
        (HEAD + CASE.replace("contains", "containz"), "SUI005", "5:44", "Did you mean contains?"),
        (HEAD + CASE.replace("contains: x", "regex: ("), "SUI007", "5:44", "cannot be compiled"),
        (HEAD + CASE.replace("contains: x", "is-json: output"), "SUI007", "2:1", "no output schema"),
        (HEAD + CASE.replace("id: a, ", ""), "SUI002", "5:5", "no id"),
        (HEAD + CASE.replace("id: a", "id: a b"), "SUI002", "5:5", "characters"),
        (HEAD + CASE + CASE.removeprefix("cases:\n"), "SUI004", "6:5", "A second case a"),
        (HEAD + CASE.replace("ticket: x", "tiket: x"), "SUI010", "5:13", "the variable ticket is missing"),
        (HEAD + CASE.replace("ticket: x", "ticket: x, more: 1"), "SUI010", "5:13", "no variable more"),
        (HEAD + CASE.replace("ticket: x", "ticket: 5"), "SUI010", "5:13", "ticket does not fit"),
        (HEAD + CASE.replace("id: a", "id: a, variant: long"), "SUI003", "5:13", "no variant long"),
        (HEAD + CASE.replace("id: a", "id: a, required: yes"), "SUI002", "5:13", "true or false"),
        (HEAD + CASE.replace("id: a", "id: a, threshold: 0"), "SUI002", "5:13", "above 0"),
    ],
    ids=str,
)
def test_every_slip_has_its_place_and_a_hint(
    tmp_path: Path, text: str, code: str, place: str, words: str
) -> None:
    found_code, found_place, told = finding(tmp_path, text)
    assert (found_code, found_place) == (code, place)
    assert words in told


def test_one_slip_does_not_hide_the_next(tmp_path: Path) -> None:
    text = (
        HEAD
        + "samples: x\ncases:\n  - {id: a, expect: [{containz: x}]}\n  - {id: b, inputs: 5, expect: [{regex: (}]}\n"
    )
    _, findings = read(tmp_path, text)
    assert [(one.code, one.place.line) for one in findings] == [
        ("SUI002", 4),
        ("SUI005", 6),
        ("SUI002", 7),
        ("SUI007", 7),
    ]


def test_a_broken_suite_is_left_out_and_the_others_stay(tmp_path: Path) -> None:
    suites, findings = read(tmp_path, HEAD, **{"prompts/support/good.suite.yaml": GOOD})
    assert [suite.id for suite in suites] == ["support/good"]
    assert [one.code for one in findings] == ["SUI006"]


def test_a_prompt_that_cannot_be_read_is_its_own_finding(tmp_path: Path) -> None:
    suites, findings = read(
        tmp_path, GOOD, **{"prompts/support/triage.prompt.yaml": "promptyard: 1\nmodel: 5\n"}
    )
    assert (suites, findings) == ((), ())
    assert catalog(tmp_path).problems


def test_nested_sets_ask_for_the_output_schema_too(tmp_path: Path) -> None:
    text = HEAD + CASE.replace("contains: x", "assert-set: [{is-json: output}]")
    assert finding(tmp_path, text)[0] == "SUI007"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NEAR = st.fixed_dictionaries(
    {"promptyard": st.just(1), "prompt": st.just("support/triage")},
    optional={
        "samples": JSON,
        "mode": JSON,
        "variant": JSON,
        "policy": st.dictionaries(st.sampled_from(POLICY_KEYS), JSON, max_size=3) | JSON,
        "defaults": st.dictionaries(st.sampled_from(DEFAULT_KEYS), JSON, max_size=3) | JSON,
        "cases": st.lists(st.dictionaries(st.sampled_from(CASE_KEYS), JSON, max_size=5) | JSON, max_size=3)
        | JSON,
        "datasets": st.lists(st.dictionaries(st.sampled_from(DATASET_KEYS), JSON, max_size=5), max_size=2)
        | JSON,
    },
)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return catalog(write(tmp_path_factory.mktemp("yard")))


@given(NEAR | JSON)
def test_nothing_that_a_file_can_hold_crashes_the_reader(held: Catalog, data: Any) -> None:
    document = Document("prompts/support/odd.suite.yaml", data, {(): Mark(1, 1, 1, False)})
    documents = {**held.documents, "suite": {"support/odd": document}}
    suites, findings = read_suites(Catalog(held.tree, held.settings, documents, held.sources, ()))
    assert bool(suites) != bool(findings)


def test_the_schema_has_every_key_that_the_reader_knows_and_no_other() -> None:
    definitions = SCHEMA["definitions"]
    assert set(SCHEMA["properties"]) == set(SUITE_KEYS)
    assert set(SCHEMA["properties"]["policy"]["properties"]) == set(POLICY_KEYS)
    assert set(SCHEMA["properties"]["defaults"]["properties"]) == set(DEFAULT_KEYS)
    assert set(definitions["case"]["properties"]) == set(CASE_KEYS)
    assert set(definitions["dataset"]["properties"]) == set(DATASET_KEYS)
    assert set(definitions["expectation"]["properties"]) == {*NAMES, *OPTIONS}


def test_every_property_of_the_schema_teaches_with_title_description_and_examples() -> None:
    Draft7Validator.check_schema(SCHEMA)
    for properties in _properties(SCHEMA):
        for name, rule in properties.items():
            assert {"title", "description", "examples"} <= rule.keys(), name


def test_the_schemas_own_examples_fit_it() -> None:
    for properties in _properties(SCHEMA):
        for name, rule in properties.items():
            whole = {**rule, "definitions": SCHEMA["definitions"]}
            for example in rule["examples"]:
                assert not list(Draft7Validator(whole).iter_errors(example)), (name, example)


def _properties(schema: Any) -> list[Mapping[str, Any]]:
    if isinstance(schema, list):
        return [found for item in schema for found in _properties(item)]
    if not isinstance(schema, dict):
        return []
    below = [found for key, value in schema.items() if key != "examples" for found in _properties(value)]
    own = schema.get("properties")
    is_rules = isinstance(own, dict) and all(isinstance(rule, dict) for rule in own.values())
    return [own, *below] if is_rules and schema.get("additionalProperties") is False else below


@pytest.mark.parametrize(
    ("written", "decode"),
    [
        ("free", None),
        ("choice", Decode("choice")),
        ("template", Decode("template")),
        ("{choice: [cards, loans]}", Decode("choice", ("cards", "loans"))),
    ],
)
def test_how_answers_are_held_to_a_form_is_read(tmp_path: Path, written: str, decode: Decode | None) -> None:
    (suite,), findings = read(tmp_path, GOOD + f"decode: {written}\n")
    assert (suite.decode, findings) == (decode, ())
    Draft7Validator(SCHEMA["properties"]["decode"]).validate(
        written if not written.startswith("{") else {"choice": ["cards", "loans"]}
    )


@pytest.mark.parametrize(
    "written",
    [
        "chioce",
        "[choice]",
        "{choice: [one]}",
        "{choice: [one, one]}",
        "{choice: [one, 2]}",
        "{choose: [a, b]}",
    ],
)
def test_a_form_that_means_nothing_is_refused(tmp_path: Path, written: str) -> None:
    suites, findings = read(tmp_path, GOOD + f"decode: {written}\n")
    assert suites == ()
    assert {it.code for it in findings} <= {"SUI002", "SUI011"}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("guardrails: output", "has no guardrails, which"),
        ("not-guardrails: input", "has no guardrails, which"),
        ("assert-set: [{is-valid-tool-call: null}]", "has no tools, which"),
    ],
)
def test_what_asks_for_a_part_that_the_prompt_has_not_is_told_when_it_is_read(
    tmp_path: Path, entry: str, told: str
) -> None:
    code, place, words = finding(tmp_path, HEAD + CASE.replace("contains: x", entry))
    assert (code, place) == ("SUI007", "2:1")
    assert told in words
