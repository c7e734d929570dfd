"""What a test run leaves: words on the terminal, files that were asked for, evidence for a release.

It must never change what was found.
"""

from __future__ import annotations

from pathlib import Path

from registry.cli.context import Context
from registry.cli.cutting import EVIDENCE
from registry.cli.testing.running import Ran
from registry.cli.testing.views import Views
from registry.cli.writers.json import write_json
from registry.cli.writers.outlook import write_reasons
from registry.evaluation import report
from registry.evaluation.arms import Arm
from registry.release.evidence import Evidence, suites_digest
from serve.core.codec import to_json


def write(context: Context, ran: Ran, views: Views) -> None:
    """The report on the terminal and in the files that were named."""
    made = ran.report
    views.write(context, made, ran.record)
    if context.json:
        told = {} if ran.reasons is None else {"reasons": to_json(ran.reasons)}
        write_json(to_json(made) | {"notes": list(ran.notes)} | told)
        return
    if ran.reasons is not None:
        write_reasons(context.console, ran.reasons)
        context.console.print()
    for note in ran.notes:
        context.errors.print(note, style="dim")
    views.tell(context, made)


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
    )
    path = root / EVIDENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".making")
    scratch.write_bytes(evidence.to_bytes())
    scratch.replace(path)
