"""Every workflow keeps the rules: pinned actions, least permissions, no text of a stranger in a script."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support.runner import PINNED

from tools.workflows import FOLDER, own

WORKFLOWS = sorted(FOLDER.glob("*.yml"))
SHIPPED = sorted(own())
PIN = re.compile(r"uses: (\S+)@(\S+)(  # (v\d+\.\d+\.\d+))?$")
READ_ONLY = {"check.yml", "regress.yml", "tool.yml"}


def read(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs(path: Path) -> list[tuple[str, dict[str, Any]]]:
    return list(read(path)["jobs"].items())


def scripts(path: Path) -> list[str]:
    return [step["run"] for _, job in jobs(path) for step in job.get("steps", ()) if "run" in step]


every = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def test_ours_are_those_that_init_writes_installed_from_this_checkout() -> None:
    for name, data in own().items():
        assert (FOLDER / name).read_bytes() == data, "run: python -m tools.workflows"
    assert {path.name for path in WORKFLOWS} == {*SHIPPED, "tool.yml"}


@every
def test_it_fits_the_schema_of_workflows(path: Path) -> None:
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        pytest.skip("needs check-jsonschema, which brings the schema: pip install check-jsonschema")
    place = Path(found.origin).parent / "builtin_schemas/vendor/github-workflows.json"
    schema = json.loads(place.read_text(encoding="utf-8"))
    data = {
        ("on" if key is True else key): value for key, value in read(path).items()
    }  # YAML 1.1 reads on as true
    assert [it.message for it in jsonschema.Draft7Validator(schema).iter_errors(data)] == []


@every
def test_every_action_is_pinned_by_its_hash_and_says_its_version(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if "uses:" in line and "./.github/" not in line:
            pin = PIN.search(line)
            assert pin is not None, line
            assert pin[1] in PINNED, "an action that nobody looked at"
            assert re.fullmatch(r"[0-9a-f]{40}", pin[2]), line
            assert pin[4], "say the version behind the hash"


def test_one_action_has_one_hash_everywhere() -> None:
    lines = [line for path in WORKFLOWS for line in path.read_text(encoding="utf-8").splitlines()]
    pins = {found.group(1, 2) for found in map(PIN.search, lines) if found}
    assert len({name for name, _ in pins}) == len(pins)


@every
def test_nothing_may_be_written_unless_a_job_says_so(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    for name, job in jobs(path):
        more = {key for key, value in job.get("permissions", {}).items() if value == "write"}
        allowed = {("check.yml", "comment"): {"pull-requests"}}.get((path.name, name), {"id-token"})
        assert more <= (allowed if path.name not in READ_ONLY or name == "comment" else set())


@every
def test_no_job_that_writes_to_the_pull_request_has_its_files(path: Path) -> None:
    for _, job in jobs(path):
        if job.get("permissions", {}).get("pull-requests") == "write":
            used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
            assert used == ["actions/download-artifact"]


@every
def test_no_script_holds_an_expression(path: Path) -> None:
    """A branch's name or an input in a script is code of whoever named it; in the environment it is text."""
    assert [script for script in scripts(path) if "${{" in script] == []


@every
def test_every_job_ends_some_day_and_every_checkout_forgets_its_token(path: Path) -> None:
    for _, job in jobs(path):
        assert "uses" in job or job["timeout-minutes"] <= 60
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


@every
def test_nothing_listens_to_events_that_lend_secrets_to_strangers(path: Path) -> None:
    assert not re.search(r"pull_request_target|workflow_run|secrets\.", path.read_text(encoding="utf-8"))


def test_the_step_that_fetches_credentials_is_one() -> None:
    steps = [
        step["run"]
        for path in WORKFLOWS
        for _, job in jobs(path)
        for step in job.get("steps", ())
        if step.get("name") == "Credentials of this job alone"
    ]
    assert len(steps) == 4
    assert len(set(steps)) == 1
