"""The policy of docs/operations/rollout.md lets a service report, and do nothing else."""

from __future__ import annotations

import fnmatch
import json
import re
from pathlib import Path

from serve.report import report_path

PAGE = (Path(__file__).parents[2] / "docs/operations/rollout.md").read_text(encoding="utf-8")
BUCKET = "arn:aws:s3:::acme-prompts/releases/"


def test_a_service_may_write_its_report_and_nothing_else() -> None:
    (text,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (statement,) = json.loads(text)["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "s3:PutObject")
    assert fnmatch.fnmatchcase(BUCKET + report_path("production", "web-1"), statement["Resource"])
    for other in (
        report_path("staging", "web-1"),
        "channels/production/metadata/timestamp.json",
        "store.json",
    ):
        assert not fnmatch.fnmatchcase(BUCKET + other, statement["Resource"])


def test_the_page_names_the_variables_that_are_read() -> None:
    from registry.publish.gauges import TOKEN
    from serve import instance, report

    for name in (TOKEN, instance.VARIABLE, instance.TAKES_VARIABLE, report.VARIABLE):
        assert name in PAGE
