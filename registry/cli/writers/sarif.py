"""Findings as SARIF 2.1.0, which code scanning reads.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; GitHub Docs, "SARIF support
for code scanning" (lengths of texts, at most 25,000 results in a run).
It must never drop a finding in silence: what goes beyond the limit is said in a notification.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from urllib.parse import quote

from registry.diagnostics import Diagnostic, Edit, Fix, Level
from registry.validation.explain import Explanation, explanations
from registry.validation.levels import Excused
from serve.core.model import Json

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Level, str] = {"error": "error", "warning": "warning", "info": "note"}
_MOST = 25_000
_LONG = 1024  # characters of a description that GitHub keeps
_BASE = "%SRCROOT%"


def sarif(findings: Sequence[Diagnostic], excused: Sequence[Excused] = (), prefix: str = "") -> Json:
    """The log of one run. Every rule is declared, so that a reader knows what was looked for.

    Args:
        findings: what stands.
        excused: what an exception excuses; it is told as suppressed, with the reason.
        prefix: the registry's folder below the repository's top, with a slash at its end.
    """
    rules = list(explanations().values())
    index = {rule.code: at for at, rule in enumerate(rules)}
    results = [_result(finding, index, prefix) for finding in findings]
    results += [
        {**_result(each.finding, index, prefix), "suppressions": [_suppression(each)]} for each in excused
    ]
    driver = {
        "name": "Promptyard",
        "semanticVersion": version("promptyard"),
        "rules": [_rule(rule) for rule in rules],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": _message("The top of the repository.")}},
        "invocations": [_invocation(len(results))],
        "results": results[:_MOST],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(results: int) -> Json:
    told: dict[str, Json] = {"executionSuccessful": True}
    if results > _MOST:
        message = f"{results - _MOST} findings are left out: {_MOST} are the most that a run can hold."
        told["toolExecutionNotifications"] = [{"level": "warning", "message": _message(message)}]
    return told


def _rule(rule: Explanation) -> Json:
    told: dict[str, Json] = {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.title.split() if word.isalnum()),
        "shortDescription": _message(rule.title[:_LONG]),
        "fullDescription": _message(_flat(rule.why)[:_LONG]),
        "help": {"text": _flat(rule.why), "markdown": _markdown(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.lesson.level]},
    }
    if rule.code.startswith("SEC"):
        told["properties"] = {"tags": ["security"], "security-severity": "7.0"}
    return told


def _markdown(rule: Explanation) -> str:
    parts = [_flat(rule.why)]
    for lead, example in (("Wrong", rule.lesson.wrong), ("Right", rule.lesson.right)):
        parts += [f"{lead}:\n\n```yaml\n{example}```"] if example else []
    parts += [f"`promptyard lint --fix` {rule.lesson.fix}."] if rule.lesson.fix else []
    return "\n\n".join(parts)


def _result(finding: Diagnostic, index: dict[str, int], prefix: str) -> dict[str, Json]:
    place = finding.place
    region = {"startLine": place.line, "startColumn": place.column}
    location = {"artifactLocation": _artifact(prefix + place.path), "region": region}
    told: dict[str, Json] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.level],
        "message": _message(f"{finding.message} {finding.hint}".strip()),
        "locations": [{"physicalLocation": location}],
    }
    if finding.code in index:
        told["ruleIndex"] = index[finding.code]
    if finding.fix is not None:
        told["fixes"] = [_fix(finding.fix, prefix)]
    return told


def _fix(fix: Fix, prefix: str) -> Json:
    paths = dict.fromkeys(edit.path for edit in fix.edits)
    return {
        "description": _message(f"{fix.title}."),
        "artifactChanges": [
            {
                "artifactLocation": _artifact(prefix + path),
                "replacements": _replacements(edit for edit in fix.edits if edit.path == path),
            }
            for path in paths
        ],
    }


def _replacements(edits: Iterable[Edit]) -> list[Json]:
    return [
        {
            "deletedRegion": {
                "startLine": edit.line,
                "startColumn": edit.column,
                "endLine": edit.end_line,
                "endColumn": edit.end_column,
            },
            "insertedContent": {"text": edit.text},
        }
        for edit in edits
    ]


def _suppression(each: Excused) -> Json:
    told = f"{each.exception.reason} (until {each.exception.until})"
    return {"kind": "external", "status": "accepted", "justification": told}


def _artifact(path: str) -> Json:
    return {"uri": quote(path), "uriBaseId": _BASE}


def _message(text: str) -> Json:
    return {"text": text}


def _flat(text: str) -> str:
    return " ".join(text.split())
