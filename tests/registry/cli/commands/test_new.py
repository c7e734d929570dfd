from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("prompt", "support/refund", "prompts/support/refund.prompt.yaml"),
        ("model", "models/other", "prompts/models/other.model.yaml"),
        ("guardrail", "guardrails/tickets", "prompts/guardrails/tickets.guardrail.yaml"),
        ("tool", "tools/lookup-order", "prompts/tools/lookup-order.tool.yaml"),
    ],
)
def test_a_new_file_is_clean_at_once(run, told, yard, kind: str, name: str, path: str) -> None:
    assert path in run("new", kind, name).stdout
    first = (yard.root / path).read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema=../../schemas/{kind}.schema.json"
    findings = [finding for finding in told("lint")["findings"] if finding["path"] == path]
    assert {finding["code"] for finding in findings} <= {"REF002", "SUI001"}  # nothing uses or tests it yet
    run("fmt", "--check", path)


def test_a_new_prompt_with_its_suite_renders(run, told, yard) -> None:
    run("new", "prompt", "support/refund")
    run("new", "suite", "support/refund")
    assert "How do I block a lost card?" in run("render", "support/refund", "--case", "first").stdout
    findings = told("lint")["findings"]
    assert [finding for finding in findings if "refund" in finding["path"]] == []


def test_a_file_that_exists_is_never_touched(error_of, yard) -> None:
    path = yard.root / "prompts/support/triage.prompt.yaml"
    before = path.read_bytes()
    assert "NEW002 prompts/support/triage.prompt.yaml exists already" in error_of(
        2, ["new", "prompt", "support/triage"]
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["../x", "/x", "Support/X", "a//b", "a/", ""])
def test_an_id_that_could_leave_the_folder_is_refused(error_of, yard, name: str) -> None:
    assert "NEW001" in error_of(2, ["new", "prompt", name])
    assert yard.git("status", "--porcelain") == ""


def test_json_names_the_path_and_what_comes_next(told, yard) -> None:
    said = told("new", "prompt", "refund")
    assert said["path"] == "prompts/refund.prompt.yaml"
    assert said["next"] == ["promptyard new suite refund", "promptyard lint"]


def test_two_new_prompts_with_suites_are_clean_and_pass(run, told, yard) -> None:
    for name in ("support/refund", "support/card-limit"):
        run("new", "prompt", name)
        run("new", "suite", name)
    findings = told("lint")["findings"]
    assert [
        finding for finding in findings if "refund" in finding["path"] or "limit" in finding["path"]
    ] == []
    assert "PASS" in run("test", "support/refund").stdout


def test_the_next_step_of_a_tool_is_a_prompt_that_names_it(run, yard) -> None:
    assert "tools: [tools/lookup]" in run("new", "tool", "tools/lookup").stderr
