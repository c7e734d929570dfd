from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.models import WEIGHTS
from support.yard_of_cases import FILES, write

pytest_plugins = ["pytester"]

MODEL = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\nparameters: {maxTokens: 4}\n"
SUITE = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: long, inputs: {word: apple}, expect: [{word-count: {min: 0, max: 40}}]}
  - {id: wrong, inputs: {word: berry}, expect: [{equals: "certainly not this"}]}
"""


@pytest.fixture
def yard(pytester: pytest.Pytester) -> Path:
    names = {"prompts/models/tiny.model.yaml": MODEL, "prompts/words/shout.suite.yaml": SUITE}
    root = write(pytester.path, names)
    shutil.rmtree(root / "prompts/models/tiny")
    shutil.copytree(WEIGHTS, root / "prompts/models/tiny")
    return root


def run(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    plugin = ("-p", "registry.evaluation.pytest_plugin")
    known = pytester._request.config.pluginmanager.has_plugin("promptyard")
    return pytester.runpytest("--promptyard-device=cpu", *(() if known else plugin), *words)


def test_every_case_is_an_item_and_a_failure_reads_like_one(pytester: pytest.Pytester, yard: Path) -> None:
    result = run(pytester, "prompts", "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*shout.suite.yaml::long PASSED*",
            "*sample 1 of 1: fail",
            "*equals: *",
            "*answer: *",
            "*1 failed, 2 passed*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_failure_that_the_gate_tolerates_is_an_expected_one(pytester: pytest.Pytester, yard: Path) -> None:
    file = yard / "prompts/words/shout.suite.yaml"
    file.write_text(SUITE.replace("cases:", "policy: {minPassRate: 0.1}\ncases:"))
    run(pytester, "prompts/words/shout.suite.yaml").assert_outcomes(passed=1, xfailed=1)
    run(pytester, "prompts/words/shout.suite.yaml", "-k", "wrong").assert_outcomes(failed=1, deselected=1)


def test_a_suite_outside_the_content_folder_is_somebody_elses_data(
    pytester: pytest.Pytester, yard: Path
) -> None:
    place = yard / "fixtures/prompts/odd.suite.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("not: a suite")
    assert run(pytester, "fixtures").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_only_what_is_selected_is_asked(pytester: pytest.Pytester, yard: Path) -> None:
    run(pytester, "prompts/words/shout.suite.yaml", "-k", "long").assert_outcomes(passed=1, deselected=1)
    kept = list((yard / ".promptyard" / "cache" / "responses").rglob("*.json"))
    assert len(kept) == 1
    run(pytester, "prompts", "--promptyard-no-cache", "-k", "seen").assert_outcomes(passed=1, deselected=2)


def test_a_broken_suite_is_an_error_with_its_place(pytester: pytest.Pytester, yard: Path) -> None:
    (yard / "prompts/words/shout.suite.yaml").write_text(SUITE.replace("equals", "eqals"))
    result = run(pytester, "prompts/words")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*prompts/words/shout.suite.yaml:5:*error SUI*eqals*"])


def test_a_model_that_cannot_be_used_is_told_without_a_traceback(
    pytester: pytest.Pytester, yard: Path
) -> None:
    shutil.rmtree(yard / "prompts/models/tiny")
    result = run(pytester, "prompts/words/shout.suite.yaml")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*WGT002 model models/tiny: the weights folder prompts/models/tiny is missing*"]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_prompt_that_does_not_resolve_is_an_error_of_collection(
    pytester: pytest.Pytester, yard: Path
) -> None:
    prompt = FILES["prompts/words/shout.prompt.yaml"].replace("models/tiny", "models/gone")
    (yard / "prompts/words/shout.prompt.yaml").write_text(prompt)
    result = run(pytester, "prompts/words/shown.suite.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*REF001*models/gone*"])


def test_a_suite_file_of_someone_else_is_left_alone(pytester: pytest.Pytester) -> None:
    (pytester.path / "other.suite.yaml").write_text("promptyard: 1\n")
    assert run(pytester, ".").ret == pytest.ExitCode.NO_TESTS_COLLECTED


ROWS = """\
testData:
  - {word: apple}
  - {word: berry, expected: certainly not this}
evaluators:
  - {name: short, string: {matches: "^.{0,200}$"}}
"""


def test_the_rows_of_a_prompt_are_items_too(pytester: pytest.Pytester, yard: Path) -> None:
    place = yard / "prompts/words/shout.prompt.yaml"
    place.write_text(FILES["prompts/words/shout.prompt.yaml"] + ROWS)
    result = run(pytester, "prompts/words/shout.prompt.yaml", "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*shout.prompt.yaml::row-* PASSED*"])


def test_a_prompt_whose_rows_ask_nothing_is_no_item_and_one_with_a_slip_an_error(
    pytester: pytest.Pytester, yard: Path
) -> None:
    github = "model: m\nmessages:\n  - {role: user, content: 'Say {{word}}'}\ntestData:\n  - {word: apple}\n"
    (yard / "prompts/words/plain.prompt.yml").write_text(github)
    assert run(pytester, "prompts/words/plain.prompt.yml").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    place = yard / "prompts/words/shout.prompt.yaml"
    place.write_text(FILES["prompts/words/shout.prompt.yaml"] + ROWS.replace("word: apple", "wort: apple"))
    result = run(pytester, "prompts/words/shout.prompt.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*shout.prompt.yaml:*error SUI010*"])
