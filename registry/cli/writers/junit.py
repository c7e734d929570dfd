"""JUnit XML: one test per case under its own id, and one for the gate, so it agrees with the exit code.

A case that failed within what the gate tolerates is written as skipped, with the reason: a red test in a
green run would teach people to look away.
It must never write what XML 1.0 cannot hold; such characters appear as their escapes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from registry.evaluation.overview import overview
from registry.evaluation.report import Report, lines
from registry.evaluation.verdict import CaseResult, Tally, Verdict

GATE = "(gate)"  # no case can have this id
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})  # a bare \r is read as \n
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_COUNTED = ("tests", "failures", "errors", "skipped")
_KINDS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def verdicts(report: Report) -> Iterator[str]:
    """The file, UTF-8, in pieces: a case is read when its piece is wanted, so memory does not grow with the run."""
    total, seconds = Counter[str](), 0.0
    for verdict in report.verdicts:
        total += _counts(verdict)
        seconds += overview(verdict).seconds
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f"<testsuites{_attributes(name='promptyard', **_told(total, seconds))}>\n"
    for verdict in report.verdicts:
        yield from _suite(verdict)
    yield "</testsuites>\n"


def _suite(verdict: Verdict) -> Iterator[str]:
    named = {"name": verdict.suite, "file": verdict.path}
    yield f"  <testsuite{_attributes(**named, **_told(_counts(verdict), overview(verdict).seconds))}>\n"
    yield from _metrics(verdict)
    for result in verdict.cases:
        if result.head is not None:
            yield _case(verdict, result)
    yield _gate(verdict)
    said = "\n".join(f"{line.label}: {line.text}" for line in lines(verdict))
    yield f"    <system-out>{_text(said)}</system-out>\n  </testsuite>\n"


def _counts(verdict: Verdict) -> Counter[str]:
    """How many tests there are of each kind, the gate among them."""
    heads = overview(verdict).heads
    counts = Counter(tests=heads.total() + 1)
    for tally, cases in heads.items():
        kind = _kind(verdict, tally)
        if kind is not None:
            counts[_KINDS[kind]] += cases
    if verdict.exit_code:
        counts[_KINDS[_kind_of_gate(verdict)]] += 1
    return counts


def _kind(verdict: Verdict, head: Tally) -> str | None:
    """As what a case that does not hold is written; None for one that holds."""
    if head.holds:
        return None
    if not verdict.exit_code:
        return "skipped"
    return "error" if head.errors or not head.judged else "failure"


def _kind_of_gate(verdict: Verdict) -> str:
    return "error" if verdict.word == "NO-VERDICT" else "failure"


def _told(counts: Counter[str], seconds: float) -> dict[str, str]:
    return {name: str(counts[name]) for name in _COUNTED} | {"time": f"{seconds:.3f}"}


def _metrics(verdict: Verdict) -> Iterator[str]:
    if not verdict.metrics:
        return
    yield "    <properties>\n"
    for metric in verdict.metrics:
        told = {"": metric.head, ".base": metric.base, ".delta": metric.delta, ".floor": metric.floor}
        for suffix, value in told.items():
            if value is not None:
                named = _attributes(name=f"metric.{metric.name}{suffix}", value=f"{value:.6g}")
                yield f"      <property{named}/>\n"
    yield "    </properties>\n"


def _case(verdict: Verdict, result: CaseResult) -> str:
    where = {"name": result.id, "classname": verdict.suite, "file": verdict.path, "line": str(result.line)}
    kind = _kind(verdict, result.head) if result.head is not None else None
    trouble = ""
    if kind == "skipped":
        trouble = _trouble(kind, f"failed, within what the gate tolerates: {result.reason}", "")
    elif kind is not None:
        trouble = _trouble(kind, result.reason, result.answer)
    return _test(where | {"time": f"{result.seconds or 0.0:.3f}"}, trouble)


def _gate(verdict: Verdict) -> str:
    trouble = ""
    if verdict.exit_code:
        trouble = _trouble(_kind_of_gate(verdict), f"{verdict.word}: {'; '.join(verdict.reasons)}", "")
    return _test({"name": GATE, "classname": verdict.suite, "time": "0.000"}, trouble)


def _test(named: dict[str, str], trouble: str) -> str:
    inside = f">\n{trouble}    </testcase>\n" if trouble else "/>\n"
    return f"    <testcase{_attributes(**named)}{inside}"


def _trouble(kind: str, message: str, text: str) -> str:
    opened = f"      <{kind}{_attributes(message=message or 'no answer')}"
    return f"{opened}>{_text(text)}</{kind}>\n" if text else f"{opened}/>\n"


def _attributes(**named: str) -> str:
    return "".join(f' {name}="{_fit(value).translate(_VALUE)}"' for name, value in named.items())


def _text(text: str) -> str:
    return _fit(text).translate(_TEXT)


def _fit(text: str) -> str:
    return _UNFIT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
