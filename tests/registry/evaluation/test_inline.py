"""A suite in a prompt's own file: rows are cases, evaluators are checks, slips have a place and a hint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.content import FILES, catalog, write
from support.models import SpokenEngine
from support.yard_of_cases import FILES as YARD
from support.yard_of_cases import MODEL

from registry.authoring.catalog import load
from registry.authoring.tree import FolderTree
from registry.evaluation.arms import Engines, build
from registry.evaluation.inline import Inline, read_inline
from registry.evaluation.suite import read_suites
from registry.evaluation.trial import examine
from registry.release.evidence import suites_digest
from registry.settings import JudgeSettings, Settings

HEAD = """\
promptyard: 1
owner: support
model: models/chat
inputs:
  ticket: {type: string, maxLength: 200}
output: {schema: {type: object, required: [team], properties: {team: {type: string}}}}
messages:
  - {role: user, content: "{{ ticket }}"}
"""
GITHUB = "model: m\nmessages:\n  - {role: user, content: 'Sort {{ticket}}'}\n"
LINE = 9  # of the first line behind HEAD


def inline(root: Path, tests: str, head: str = HEAD, name: str = "a.prompt.yaml") -> Inline:
    found = read_inline(catalog(write(root, {**FILES, f"prompts/{name}": head + tests})), "a")
    assert found is not None
    return found


def told(found: Inline) -> list[tuple[str, str, int]]:
    return [(it.code, it.level, it.place.line) for it in found.findings]


def asked(found: Inline) -> list[list[tuple[str, Any]]]:
    return [[(it.type, it.value) for it in case.expect] for case in found.cases.values()]


def test_a_row_is_a_case_with_its_own_line_and_every_evaluator(tmp_path: Path) -> None:
    found = inline(
        tmp_path,
        "testData:\n  - {ticket: My card., expected: {team: cards}}\n  - {ticket: A loan., expected: {team: loans}}\n"
        "evaluators:\n  - {name: fits, jsonSchema: output}\n"
        "  - {name: right team, json: {path: team, equals: '{{ expected.team }}'}}\n",
    )
    assert found.findings == ()
    assert found.suite is not None
    assert (found.suite.id, found.suite.prompt, found.suite.path) == (
        "a:testData",
        "a",
        "prompts/a.prompt.yaml",
    )
    assert found.suite.cases == tuple(found.cases.values())
    assert [(case.inputs, case.line) for case in found.cases.values()] == [
        ({"ticket": "My card."}, LINE + 1),
        ({"ticket": "A loan."}, LINE + 2),
    ]
    assert asked(found)[1] == [("is-json", "output"), ("json", {"path": "$.team", "equals": "loans"})]


def test_expected_alone_is_compared(tmp_path: Path) -> None:
    found = inline(
        tmp_path,
        "testData:\n  - {ticket: a, expected: {team: cards, n: 2}}\n  - {ticket: b, expected: Yes.}\n",
    )
    assert asked(found) == [
        [("json", {"path": "$.team", "equals": "cards"}), ("json", {"path": "$.n", "equals": 2})],
        [("regex", r"\A\s*Yes\.\s*\z")],
    ]


def test_expected_is_compared_beside_evaluators_that_do_not_name_it(tmp_path: Path) -> None:
    tests = "testData:\n  - {ticket: a, expected: {team: cards}}\nevaluators:\n  - {name: fits, jsonSchema: output}\n"
    assert len(asked(inline(tmp_path, tests))[0]) == 2


@pytest.mark.parametrize(
    "evaluator",
    [
        "uses: github/similarity",
        "llm: {prompt: 'Is {{completion}} like {{expected}}?', choices: [{choice: yes, score: 1}]}",
    ],
)
def test_expected_that_a_judge_was_to_look_at_is_not_compared_letter_by_letter(
    tmp_path: Path, evaluator: str
) -> None:
    tests = f"testData:\n  - {{ticket: a, expected: Something about cards.}}\nevaluators:\n  - {{name: j, {evaluator}}}\n"
    found = inline(tmp_path, tests)
    assert told(found) == [("SUI012", "warning", LINE + 3)]
    assert (len(found.cases), found.suite) == (1, None)


def judged(root: Path, tests: str, name: str = "a.prompt.yaml", head: str = HEAD) -> Inline:
    settings = Settings(judge=JudgeSettings("models/judge", votes=3))
    found = read_inline(
        load(FolderTree(write(root, {**FILES, f"prompts/{name}": head + tests})), settings), "a"
    )
    assert found is not None
    return found


def test_with_a_judge_in_the_settings_githubs_evaluators_are_asked(tmp_path: Path) -> None:
    tests = (
        "testData:\n  - {ticket: a, expected: About cards.}\nevaluators:\n  - {name: s, uses: github/similarity}\n"
        "  - {name: f, uses: github/fluency}\n"
        "  - {name: j, llm: {modelId: openai/gpt-4o, systemPrompt: Judge., prompt: 'Is {{completion}} like {{expected}}?', "
        "choices: [{choice: 'Yes', score: 2}, {choice: partly, score: 1}]}}\n"
    )
    for name, head in (("a.prompt.yaml", HEAD), ("a.prompt.yml", GITHUB)):
        found = judged(tmp_path / name, tests, name, head)
        assert found.findings == ()
        assert found.suite is not None
        assert found.suite.judge is not None
        assert (found.suite.judge.model, found.suite.judge.votes) == ("models/judge", 3)
        similar, fluent, chosen = found.cases[1].expect
        assert (similar.type, fluent.type, similar.threshold) == ("g-eval", "g-eval", 0.125)
        assert similar.value.endswith("\nAbout cards.")
        assert chosen.value["question"] == "Judge.\n\nIs (the ANSWER) like About cards.?"
        assert [(it["choice"], it["score"]) for it in chosen.value["choices"]] == [
            ("yes", 1.0),
            ("partly", 0.5),
            ("none", 0.0),
        ]
        assert chosen.threshold == 0.25


def test_a_row_that_similarity_has_nothing_to_compare_with_is_told(tmp_path: Path) -> None:
    tests = "testData:\n  - {ticket: a}\nevaluators:\n  - {name: s, uses: github/similarity}\n"
    assert told(judged(tmp_path, tests)) == [("SUI009", "error", LINE + 1)]


def test_an_evaluator_that_github_does_not_have_is_told_with_a_judge_too(tmp_path: Path) -> None:
    tests = "testData:\n  - {ticket: a, expected: x}\nevaluators:\n  - {name: s, uses: github/beauty}\n"
    found = judged(tmp_path, tests)
    assert told(found) == [("SUI012", "warning", LINE + 3)]
    assert "There is no evaluator github/beauty" in found.findings[0].message


def test_a_name_is_kept_when_a_row_comes_in_between_and_doubles_have_numbers(tmp_path: Path) -> None:
    rows = [
        "{ticket: a, expected: x}",
        "{ticket: b, expected: x}",
        "{ticket: c, expected: x}",
        "{ticket: a, expected: y}",
    ]
    one = inline(tmp_path / "1", "".join(["testData:\n", *(f"  - {row}\n" for row in (rows[0], rows[2]))]))
    two = inline(tmp_path / "2", "".join(["testData:\n", *(f"  - {row}\n" for row in rows)]))
    names = [case.id for case in two.cases.values()]
    assert [case.id for case in one.cases.values()] == [names[0], names[2]]
    assert names[3] == f"{names[0]}-2"


@pytest.mark.parametrize(
    ("tests", "code", "line", "words"),
    [
        ("testData:\n  - {expected: x}\n", "SUI010", 1, "ticket is missing"),
        ("testData:\n  - {ticket: a, tiket: b, expected: x}\n", "SUI010", 1, "no variable tiket"),
        ("testData:\n  - {ticket: 5, expected: x}\n", "SUI010", 1, "does not fit"),
        ("testData:\n  - {ticket: a}\n", "SUI006", 1, "could not fail"),
        ("testData:\n  - {ticket: a, expected: {}}\n", "SUI006", 1, "could not fail"),
        ("testData:\n  - {ticket: a, expected: ' '}\n", "SUI007", 1, "text is empty"),
        ("testData:\n  - {ticket: a}\nevaluators:\n  - {name: e, string: {matches: (}}\n", "SUI007", 3, "cannot be compiled"),
        ("testData:\n  - {ticket: a}\nevaluators:\n  - {name: e, string: {contains: '{{ expected.x }}'}}\n", "SUI009", 1,
         "The row has no expected.x, which the evaluator e names."),
        ("testData:\n  - {ticket: a}\nevaluators:\n  - {name: e, json: {path: 'a b', equals: 1}}\n", "SUI007", 3,
         "path does not parse"),
        ("testData:\n  - {ticket: a}\nevaluators:\n  - {name: e, json: {path: a}}\n", "SUI007", 3, "Exactly one of"),
    ],
)  # fmt: skip
def test_every_slip_has_its_place_and_a_hint(
    tmp_path: Path, tests: str, code: str, line: int, words: str
) -> None:
    found = inline(tmp_path, tests)
    assert set(told(found)) == {(code, "error", LINE + line)}
    assert words in found.findings[0].message
    assert found.findings[0].hint
    assert found.suite is None


def test_an_evaluator_that_wants_the_output_schema_needs_one(tmp_path: Path) -> None:
    head = HEAD.replace("output:", "description: x #")
    found = inline(
        tmp_path, "testData:\n  - {ticket: a}\nevaluators:\n  - {name: e, jsonSchema: output}\n", head
    )
    assert told(found) == [("SUI007", "error", LINE + 3)]


def test_evaluators_that_are_never_asked_are_told(tmp_path: Path) -> None:
    found = inline(tmp_path, "evaluators:\n  - {name: e, string: {contains: x}}\n")
    assert told(found) == [("SUI006", "warning", LINE)]


def test_a_prompt_without_tests_has_none(tmp_path: Path) -> None:
    held = catalog(write(tmp_path))
    assert read_inline(held, "support/triage") is None
    assert read_inline(held, "nothing") is None


def test_an_input_named_expected_is_given_too(tmp_path: Path) -> None:
    head = HEAD.replace("ticket", "expected")
    assert inline(tmp_path, "testData:\n  - {expected: cards}\n", head).cases[1].inputs == {
        "expected": "cards"
    }


def test_in_githubs_files_nothing_is_an_error_and_the_rest_runs(tmp_path: Path) -> None:
    tests = (
        "testData:\n  - {ticket: a, expected: Something.}\n  - {other: b}\n  - {ticket: [c]}\n"
        "evaluators:\n  - {name: s, uses: github/similarity}\n  - {name: e, string: {contains: cards}}\n"
        "  - {name: bad, regex: (}\n  - {name: j, jsonSchema: output}\n"
    )
    found = inline(tmp_path, tests, GITHUB, "a.prompt.yml")
    assert {(code, level) for code, level, _ in told(found)} == {
        ("SUI007", "warning"),
        ("SUI010", "warning"),
        ("SUI012", "warning"),
    }
    assert found.suite is not None
    assert asked(found) == [[("icontains", "cards")]]


def test_githubs_expected_is_never_compared_by_itself_and_that_is_told(tmp_path: Path) -> None:
    found = inline(tmp_path, "testData:\n  - {ticket: a, expected: Something.}\n", GITHUB, "a.prompt.yml")
    assert told(found) == [("SUI006", "warning", 4)]
    assert found.findings[0].hint.startswith("Write evaluators: [{name: as expected,")
    assert (len(found.cases), found.suite) == (1, None)


def test_a_suite_file_and_test_data_both_run(tmp_path: Path) -> None:
    suite = "promptyard: 1\nprompt: a\ncases:\n  - {id: c, inputs: {ticket: x}, expect: [{contains: x}]}\n"
    tests = "testData:\n  - {ticket: a, expected: x}\n"
    root = write(tmp_path, {"prompts/a.prompt.yaml": HEAD + tests, "prompts/a.suite.yaml": suite})
    suites, findings = read_suites(catalog(root))
    assert findings == ()
    assert [(it.id, it.prompt) for it in suites] == [("a", "a"), ("a:testData", "a")]


def test_evidence_is_bound_to_rows_and_evaluators_wherever_they_stand(tmp_path: Path) -> None:
    def digest(name: str, tests: str) -> str:
        root = write(tmp_path / name, {"prompts/a.prompt.yaml": HEAD + tests})
        return suites_digest(read_suites(catalog(root))[0])

    tests = "testData:\n  - {ticket: a, expected: x}\n"
    plain = digest("1", tests)
    assert digest("2", f"# a comment\n{tests}") == plain
    assert digest("3", tests.replace("expected: x", "expected: y")) != plain
    assert digest("4", f"{tests}evaluators:\n  - {{name: e, string: {{contains: x}}}}\n") != plain


def test_rows_are_answered_and_judged_like_any_suite(tmp_path: Path) -> None:
    tests = (
        "testData:\n  - {word: apple, expected: APPLE}\n  - {word: berry, expected: not this}\n"
        "evaluators:\n  - {name: as expected, string: {equals: '{{expected}}'}}\n"
    )
    prompt = YARD["prompts/words/shout.prompt.yaml"] + tests
    files = {key: text for key, text in YARD.items() if not key.endswith(".suite.yaml")}
    root = write(
        tmp_path,
        files,
        **{"prompts/words/shout.prompt.yaml": prompt, "prompts/models/tiny.model.yaml": MODEL},
    )
    held = load(FolderTree(root), Settings())
    suites, findings = read_suites(held)
    assert findings == ()
    engine = SpokenEngine(lambda text: f" {text.upper()}\n")
    engines = Engines(tmp_path / "cache", open_engine=lambda *_: engine)
    (verdict,) = examine(suites, build("head", held, suites), None, engines)
    assert (verdict.suite, verdict.exit_code) == ("words/shout:testData", 1)
    assert sorted(engine.asked) == ["apple", "berry"]
