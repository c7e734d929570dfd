from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from support.models import WEIGHTS
from support.yard_of_cases import FILES, write

from registry.evaluation import shared_cache
from registry.evaluation.cache import ResponseCache
from registry.evaluation.expectations import functions
from registry.evaluation.pytest_plugin import CaseFailed
from registry.evaluation.records import Completion, Sample

pytest_plugins = ["pytester"]

MODEL = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\nparameters: {maxTokens: 4}\n"
SUITE = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: long, inputs: {word: apple}, expect: [{word-count: {min: 0, max: 40}}]}
  - {id: wrong, inputs: {word: berry}, expect: [{equals: "certainly not this"}]}
"""


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_REGISTERED", {})


@pytest.fixture
def yard(pytester: pytest.Pytester) -> Path:
    names = {"prompts/models/tiny.model.yaml": MODEL, "prompts/words/shout.suite.yaml": SUITE}
    root = write(pytester.path, names)
    shutil.rmtree(root / "prompts/models/tiny")
    shutil.copytree(WEIGHTS, root / "prompts/models/tiny")
    return root


def run(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    plugin = ("-p", "registry.evaluation.pytest_plugin")
    return pytester.runpytest("--promptyard-device=cpu", *(() if _installed(pytester) else plugin), *words)


def _installed(pytester: pytest.Pytester) -> bool:
    return pytester._request.config.pluginmanager.has_plugin("promptyard")


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


MANY = """\
promptyard: 1
prompt: words/shout
cases:
  - {id: one, tags: [fruit], inputs: {word: apple}, expect: [{word-count: {min: 0, max: 40}}]}
  - {id: two, tags: [fruit, long], inputs: {word: berry}, expect: [{equals: "certainly not this"}]}
  - {id: three, required: true, inputs: {word: cherry}, expect: [{word-count: {min: 0, max: 40}}]}
  - {id: four, inputs: {word: date}, expect: [{equals: "nor this"}]}
  - {id: five, inputs: {word: elder}, expect: [{python: says-nothing-odd}]}
  - {id: six, inputs: {word: fig}, expect: [{assert-set: [{python: says-nothing-odd}]}]}
"""
OPENED = """\
import os
from pathlib import Path
from registry.evaluation.engines import ctranslate2

begin = ctranslate2.CTranslate2Engine.__init__

def noted(self, *words, **more):
    with Path(__file__).with_name("opened").open("a") as file:
        file.write(f"{os.getpid()}\\n")
    begin(self, *words, **more)

ctranslate2.CTranslate2Engine.__init__ = noted
"""
OWN = """\
from registry.evaluation.expectations import expectation

@expectation("says-nothing-odd")
def says_nothing_odd(answer, inputs):
    return "odd" not in answer and "word" in inputs
"""


@pytest.fixture
def busy(yard: Path) -> Path:
    (yard / "prompts/words/shout.suite.yaml").write_text(MANY)
    (yard / "tests").mkdir()
    (yard / "tests/expectations.py").write_text(OWN)
    return yard


def outcomes(place: Path) -> dict[str, str]:
    cases = ET.parse(place).getroot().iter("testcase")
    return {
        f"{case.get('classname')}::{case.get('name')}": next((child.tag for child in case), "passed")
        for case in cases
    }


def test_several_processes_load_one_model_and_see_what_one_process_sees(
    pytester: pytest.Pytester, busy: Path
) -> None:
    run(pytester, "prompts", "--junitxml=serial.xml").assert_outcomes(passed=5, failed=2)
    (busy / "conftest.py").write_text(OPENED)
    plugin = ["-p", "registry.evaluation.pytest_plugin"] if not _installed(pytester) else []
    words = ["-n2", "--junitxml=parallel.xml", "--promptyard-device=cpu", "--promptyard-no-cache"]
    pytester.runpytest_subprocess("prompts", *words, *plugin).assert_outcomes(passed=5, failed=2)
    assert len((busy / "opened").read_text().split()) == 1
    assert outcomes(busy / "serial.xml") == outcomes(busy / "parallel.xml")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("-k", "fruit"), {"one", "two"}),
        (("-k", "fruit and not long"), {"one"}),
        (("-k", "shout and three"), {"three"}),
        (("-m", "tag(name='long')"), {"two"}),
        (("-m", "required"), {"three"}),
        (("-m", "prompt(id='words/shout')"), {"one", "two", "three", "four", "five", "six", "seen"}),
        (("-m", "prompt(id='words/other')"), set()),
    ],
)
def test_cases_are_selected_by_name_tag_and_prompt(
    pytester: pytest.Pytester, busy: Path, words: tuple[str, ...], wanted: set[str]
) -> None:
    result = run(pytester, "prompts", "--collect-only", "-q", "--strict-markers", *words)
    found = {line.rpartition("::")[2] for line in result.stdout.lines if "::" in line}
    assert found == wanted


def test_only_the_last_failures_are_asked_again(pytester: pytest.Pytester, busy: Path) -> None:
    run(pytester, "prompts").assert_outcomes(passed=5, failed=2)
    again = run(pytester, "prompts", "--lf", "--promptyard-no-cache", "-v")
    again.assert_outcomes(failed=2)
    again.stdout.fnmatch_lines(["*::two FAILED*", "*::four FAILED*"])


def test_a_function_from_anywhere_but_the_tests_is_refused(pytester: pytest.Pytester, busy: Path) -> None:
    (busy / "tests/expectations.py").unlink()
    (busy / "prompts/conftest.py").write_text(OWN)
    result = run(pytester, "prompts/words/shout.suite.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*EVL022 the function says-nothing-odd is defined in prompts/conftest.py*"])


def test_a_file_of_expectations_that_breaks_is_told_with_its_name(
    pytester: pytest.Pytester, busy: Path
) -> None:
    (busy / "tests/expectations.py").write_text("import no_such_module_at_all\n")
    result = run(pytester, "prompts/words/shout.suite.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*EVL021 expectations.py of the tests cannot be loaded (ModuleNotFoundError*"]
    )


def test_a_conftest_at_the_top_counts_as_the_repositorys_own(pytester: pytest.Pytester, busy: Path) -> None:
    (busy / "tests/expectations.py").unlink()
    (busy / "conftest.py").write_text(OWN)
    run(pytester, "prompts/words/shout.suite.yaml", "-k", "five or six").assert_outcomes(
        passed=2, deselected=4
    )


def test_the_shared_cache_that_the_settings_name_is_used(pytester: pytest.Pytester, yard: Path) -> None:
    (yard / "promptyard.yaml").write_text("promptyard: 1\ncache: {shared: 's3://answers/here?region=eu'}\n")
    opened: list[tuple[Path, str | None]] = []

    def noted(folder: Path, url: str | None) -> ResponseCache:
        opened.append((folder, url))
        return ResponseCache(folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_cache, "open_cache", noted)
        run(pytester, "prompts/words/shout.suite.yaml", "-k", "long").assert_outcomes(passed=1, deselected=1)
    assert opened == [(yard / ".promptyard/cache/responses", "s3://answers/here?region=eu")]


def test_an_answer_keeps_its_lines_and_moves_no_cursor() -> None:
    completion = Completion("one\n\x1b[2Jtwo\x9b", 1, 1)
    told = CaseFailed([Sample("s", "a", "a", "head", 0, "fail", 0.0, "k", completion)]).told()
    assert told.endswith("  answer: one\n" + r"\x1b[2Jtwo\x9b")
