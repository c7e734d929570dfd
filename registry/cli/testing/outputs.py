"""What a test run leaves: words on the terminal, files that were asked for, evidence for a release.

It must never change what was found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from registry.cli.context import Context
from registry.cli.testing.running import Ran
from registry.cli.testing.views import Views
from registry.cli.writers import jsonl
from registry.cli.writers.files import write_file
from registry.cli.writers.json import write_json_stream
from registry.cli.writers.outlook import write_reasons
from registry.cli.writers.report_json import reasons_json, report_json
from registry.evaluation import report
from registry.evaluation.arms import Arm
from registry.release.evidence import EVIDENCE, Evidence, suites_digest

_LONG = 1000


def write(context: Context, ran: Ran, views: Views) -> None:
    """The report on the terminal, then in the files that were named: a full disk hides no verdict."""
    _tell(context, ran, views)
    views.write(context, ran.report, ran.record)


def _tell(context: Context, ran: Ran, views: Views) -> None:
    made = ran.report
    if context.json:
        told = {} if ran.reasons is None else {"reasons": reasons_json(ran.reasons)}
        write_json_stream(report_json(made) | {"notes": list(ran.notes)} | told)
        return
    if ran.reasons is not None:
        write_reasons(context.console, ran.reasons)
        context.console.print()
    write_notes(context, ran.notes)
    views.tell(context, made)


def write_notes(context: Context, notes: Sequence[str]) -> None:
    """What there is to know of engines and cache; they quote model files, which may hold anything."""
    for note in notes:
        context.errors.print(Text(report.one_line(note, _LONG), "dim"), soft_wrap=True)


def against_itself(head: Arm, base: Arm | None) -> bool:
    """True when both arms have the same content: nothing can be worse than itself, so that proves nothing."""
    return base is not None and base.live.manifest.content_sha256 == head.live.manifest.content_sha256


def leave_evidence(root: Path, head: Arm, made: report.Report, base: Arm | None) -> None:
    """What `promptyard release` may ask for; a run that did not pass leaves its evidence too."""
    evidence = Evidence(
        content_sha256=head.live.manifest.content_sha256,
        suites_sha256=suites_digest(head.suites.values()),
        passed=made.exit_code == 0,
        verdicts={verdict.suite: verdict.word for verdict in made.verdicts},
        base=base.live.manifest.commit if base is not None else None,
        at=made.at,
        measured=made.summaries,
        report_sha256=_sha256_of(made),
    )
    write_file(root / EVIDENCE, evidence.to_bytes().decode())


def _sha256_of(made: report.Report) -> str:
    lines = hashlib.sha256()
    for line in jsonl.verdicts(made):  # one by one: a million cases are too many for memory at once
        lines.update(line.encode())
    return lines.hexdigest()
