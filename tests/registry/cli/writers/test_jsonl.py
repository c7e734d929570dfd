from __future__ import annotations

import json

from support.samples import many, marks

from registry.cli.writers import jsonl
from registry.evaluation import gate, report


def test_each_line_is_one_object_and_no_case_is_left_out() -> None:
    made = report.make([gate.absolute(many(3), marks(many(3), head="101"))])
    rows = [json.loads(line) for line in jsonl.verdicts(made)]
    assert [row["kind"] for row in rows] == ["run", "verdict", "case", "case", "case"]
    assert (rows[0]["exitCode"], rows[0]["verdicts"]) == (1, [])
    assert rows[1]["word"] == "FAIL"
    assert (rows[3]["id"], rows[3]["head"]) == ("case-001", {"passed": 0, "failed": 1, "errors": 0})
