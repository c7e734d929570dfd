from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry.errors import Usage
from registry.evaluation.expectations import check, expectation, functions
from registry.evaluation.records import Check, Completion, Expectation


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_REGISTERED", {})


def found(name: str, text: str = "It is 2026.", threshold: float = 1.0) -> Check:
    return check(
        Expectation("python", name, threshold=threshold), Completion(text, 1, 1), inputs={"year": 2026}
    )


def test_a_registered_function_gets_answer_and_inputs() -> None:
    @expectation("says-the-year")
    def says_the_year(answer: str, inputs: Mapping[str, Any]) -> bool:
        return str(inputs["year"]) in answer

    assert found("says-the-year").status == "pass"
    assert found("says-the-year", "No.").reason == "gets False from says-the-year, where 1 is asked"


def test_a_share_is_compared_with_the_threshold() -> None:
    expectation("half")(lambda answer, inputs: 0.5)
    assert found("half", threshold=0.5).status == "pass"
    assert found("half", threshold=0.6).status == "fail"
    assert found("half", threshold=0.6).score == 0.5


def test_a_function_that_breaks_or_returns_nonsense_is_an_error() -> None:
    def broken(answer: str, inputs: Mapping[str, Any]) -> bool:
        raise KeyError("year")

    expectation("broken")(broken)
    expectation("odd")(lambda answer, inputs: "yes")  # type: ignore[arg-type,return-value]
    expectation("beyond")(lambda answer, inputs: 7)
    assert found("broken").reason == "got KeyError from broken: 'year'"
    assert {found(name).status for name in ("broken", "odd", "beyond")} == {"error"}


def test_one_that_nobody_registered_is_an_error_that_says_where_they_come_from() -> None:
    assert found("nobody").status == "error"
    assert "conftest.py" in found("nobody").reason


def test_a_name_is_registered_once() -> None:
    def first(answer: str, inputs: Mapping[str, Any]) -> bool:
        return True

    def second(answer: str, inputs: Mapping[str, Any]) -> bool:
        return True

    expectation("one")(first)
    expectation("one")(first)
    with pytest.raises(Usage, match="EVL020"):
        expectation("one")(second)
    with pytest.raises(Usage, match="EVL020"):
        expectation("no such name")(first)


FILE = """\
from registry.evaluation.expectations import expectation

@expectation("{name}")
def check(answer, inputs):
    return True
"""


def written(place: Path, name: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(FILE.format(name=name))
    return place


def test_files_of_expectations_below_tests_are_loaded_once(tmp_path: Path) -> None:
    written(tmp_path / "tests/expectations.py", "plain")
    written(tmp_path / "tests/deep/tone_expectations.py", "deep")
    written(tmp_path / "tests/test_other.py", "other")
    for _ in range(2):
        functions.require_own({"plain", "deep"}, [tmp_path])
    assert (found("plain").status, found("deep").status, found("other").status) == ("pass", "pass", "error")


@pytest.mark.parametrize("place", ["prompts/conftest.py", "expectations.py", "src/checks.py"])
def test_a_function_from_elsewhere_is_refused(tmp_path: Path, place: str) -> None:
    runpy.run_path(str(written(tmp_path / place, "odd")))
    with pytest.raises(Usage, match=f"EVL022 the function odd is defined in {place}, which is no test"):
        functions.require_own({"odd"}, [tmp_path])
    functions.require_own({"another"}, [tmp_path])  # one that nobody asks for is nobody's business


def test_a_function_that_was_written_in_no_file_is_refused(tmp_path: Path) -> None:
    expectation("builtin")(all)  # type: ignore[arg-type]  # it has no file
    with pytest.raises(Usage, match="EVL022 the function builtin is defined in no file"):
        functions.require_own({"builtin"}, [tmp_path])


def test_a_conftest_at_the_top_is_the_repositorys_own_and_another_repositorys_tests_are_not(
    tmp_path: Path,
) -> None:
    runpy.run_path(str(written(tmp_path / "here/conftest.py", "top")))
    functions.require_own({"top"}, [tmp_path / "here"])
    runpy.run_path(str(written(tmp_path / "there/tests/expectations.py", "foreign")))
    with pytest.raises(Usage, match=r"EVL022 the function foreign is defined in expectations\.py"):
        functions.require_own({"foreign"}, [tmp_path / "here"])


def test_a_file_that_breaks_is_told_and_is_not_taken_for_loaded(tmp_path: Path) -> None:
    place = tmp_path / "tests/expectations.py"
    written(place, "late").write_text("1 / 0\n")
    for _ in range(2):
        with pytest.raises(Usage, match=r"EVL021 expectations\.py of the tests cannot be loaded \(ZeroDiv"):
            functions.require_own({"late"}, [tmp_path])
    written(place, "late")
    functions.require_own({"late"}, [tmp_path])
    assert found("late").status == "pass"
