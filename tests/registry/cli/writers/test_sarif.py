"""The log of a run, held to what SARIF 2.1.0 requires and to the lengths that GitHub keeps."""

from __future__ import annotations

import json
import re
from typing import Any

from registry.cli.writers import sarif as writer
from registry.cli.writers.sarif import sarif
from registry.diagnostics import Diagnostic, Edit, Fix, Level, Place
from registry.settings import LintException
from registry.validation.explain import explanations
from registry.validation.levels import Excused

PATH = "prompts/süd/a b.prompt.yaml"
FIX = Fix("Write models/chat", (Edit(PATH, 4, 8, 4, 19, "models/chat"),), (("model",),))
FINDING = Diagnostic(
    "REF001", "error", Place(PATH, 4, 8), "There is no model.", "Did you mean models/chat?", FIX
)
EXCUSED = Excused(
    Diagnostic("SEC001", "error", Place(PATH, 9, 1), "Untrusted.", "Move it."),
    LintException("SEC001", "**", "2027-03-01", "The form is replaced."),
)


def run(*findings: Diagnostic, prefix: str = "", excused: tuple[Excused, ...] = ()) -> dict[str, Any]:
    log = sarif(findings, excused, prefix)
    assert log == json.loads(json.dumps(log))
    assert log["version"] == "2.1.0"
    assert set(log) == {"$schema", "version", "runs"}
    (only,) = log["runs"]
    return dict(only)


def test_a_run_has_what_the_standard_requires():
    made = run(FINDING)
    assert set(made) == {"tool", "columnKind", "originalUriBaseIds", "invocations", "results"}
    assert made["tool"]["driver"]["name"] == "Promptyard"
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", made["tool"]["driver"]["semanticVersion"])
    assert made["columnKind"] == "unicodeCodePoints"
    assert made["invocations"] == [{"executionSuccessful": True}]


def test_a_finding_is_a_result_with_its_region():
    (result,) = run(FINDING)["results"]
    assert result["level"] == "error"
    assert result["message"]["text"] == "There is no model. Did you mean models/chat?"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "prompts/s%C3%BCd/a%20b.prompt.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 4, "startColumn": 8},
            }
        }
    ]


def test_a_result_points_at_its_rule():
    made = run(FINDING)
    (result,) = made["results"]
    rule = made["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "REF001"
    assert "models/chta" in rule["help"]["markdown"]


def test_a_fix_says_what_to_replace():
    (fix,) = run(FINDING)["results"][0]["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 4, "startColumn": 8, "endLine": 4, "endColumn": 19},
            "insertedContent": {"text": "models/chat"},
        }
    ]
    assert change["artifactLocation"]["uri"].startswith("prompts/")


def test_what_is_excused_is_suppressed_with_its_reason():
    standing, excused = run(FINDING, excused=(EXCUSED,))["results"]
    assert "suppressions" not in standing
    assert excused["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "The form is replaced. (until 2027-03-01)",
        }
    ]


def test_a_registry_in_a_subfolder_is_named_from_the_top():
    (result,) = run(FINDING, prefix="bank/")["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("bank/prompts/")
    assert result["fixes"][0]["artifactChanges"][0]["artifactLocation"]["uri"].startswith("bank/prompts/")


def test_info_is_a_note():
    levels: dict[Level, str] = {"error": "error", "warning": "warning", "info": "note"}
    for ours, theirs in levels.items():
        (result,) = run(Diagnostic("OWN001", ours, Place(PATH), "No.", "Yes."))["results"]
        assert result["level"] == theirs


def test_every_rule_is_declared_with_help_and_within_the_limits():
    rules = run()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(explanations())
    for rule in rules:
        assert rule["help"]["text"]
        assert len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        assert len(rule.get("properties", {}).get("tags", ())) <= 10


def test_findings_beyond_the_limit_are_not_dropped_in_silence(monkeypatch):
    monkeypatch.setattr(writer, "_MOST", 2)
    made = run(*(Diagnostic("OWN001", "warning", Place(PATH, line), "No.", "Yes.") for line in (1, 2, 3)))
    assert len(made["results"]) == 2
    (told,) = made["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("1 findings are left out")
