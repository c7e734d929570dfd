"""JUnit XML: one test per case under its own id, and one for the gate, so it agrees with the exit code.

A case that failed within what the gate tolerates is written as skipped, with the reason: a red test in a
green run would teach people to look away.
It must never write what XML 1.0 cannot hold; such characters appear as their escapes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from registry.evaluation.report import Report, lines
from registry.evaluation.verdict import CaseResult, Verdict

GATE = "(gate)"  # no case can have this id
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def verdicts(report: Report) -> str:
    """The whole file, UTF-8."""
    root = ET.Element("testsuites", name="promptyard")
    for verdict in report.verdicts:
        _add_suite(root, verdict)
    _total(root, list(root))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_suite(root: ET.Element, verdict: Verdict) -> None:
    suite = ET.SubElement(root, "testsuite", name=_fit(verdict.suite), file=_fit(verdict.path))
    _add_metrics(suite, verdict)
    cases = [result for result in verdict.cases if result.head is not None]
    for result in cases:
        _add_case(suite, verdict, result)
    gate = ET.SubElement(suite, "testcase", name=GATE, classname=_fit(verdict.suite), time="0.000")
    if verdict.exit_code:
        kind = "error" if verdict.word == "NO-VERDICT" else "failure"
        _add_trouble(gate, kind, f"{verdict.word}: {'; '.join(verdict.reasons)}", "")
    output = ET.SubElement(suite, "system-out")
    output.text = _fit("\n".join(f"{line.label}: {line.text}" for line in lines(verdict)))
    seconds = sum(result.seconds or 0.0 for result in cases)
    suite.set("tests", str(len(cases) + 1))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("time", f"{seconds:.3f}")


def _add_metrics(suite: ET.Element, verdict: Verdict) -> None:
    if not verdict.metrics:
        return
    properties = ET.SubElement(suite, "properties")
    for metric in verdict.metrics:
        told = {"": metric.head, ".base": metric.base, ".delta": metric.delta, ".floor": metric.floor}
        for suffix, value in told.items():
            if value is not None:
                ET.SubElement(
                    properties, "property", name=_fit(f"metric.{metric.name}{suffix}"), value=f"{value:.6g}"
                )


def _add_case(suite: ET.Element, verdict: Verdict, result: CaseResult) -> None:
    test = ET.SubElement(
        suite,
        "testcase",
        name=_fit(result.id),
        classname=_fit(verdict.suite),
        file=_fit(verdict.path),
        line=str(result.line),
        time=f"{result.seconds or 0.0:.3f}",
    )
    if result.head is None or result.head.holds:
        return
    if not verdict.exit_code:
        ET.SubElement(
            test, "skipped", message=_fit(f"failed, within what the gate tolerates: {result.reason}")
        )
        return
    _add_trouble(
        test,
        "error" if result.head.errors or not result.head.judged else "failure",
        result.reason,
        result.answer,
    )


def _add_trouble(test: ET.Element, kind: str, message: str, text: str) -> None:
    trouble = ET.SubElement(test, kind, message=_fit(message or "no answer"))
    trouble.text = _fit(text)


def _total(root: ET.Element, suites: list[ET.Element]) -> None:
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")


def _fit(text: str) -> str:
    return _UNFIT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
