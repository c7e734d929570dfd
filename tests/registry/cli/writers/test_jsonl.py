from __future__ import annotations

import json

from support.samples import many, marks

from registry.cli.writers import jsonl
from registry.evaluation import gate, report


def test_each_line_is_one_object_and_no_case_is_left_out() -> None:
    made = report.make([gate.absolute(many(3), marks(many(3), head="101"))])
    rows = [json.loads(line) for line in jsonl.verdicts(made)]
    assert [row["kind"] for row in rows] == ["verdict", "case", "case", "case"]
    assert rows[0]["word"] == "FAIL"
    assert (rows[2]["id"], rows[2]["head"]) == ("case-001", {"passed": 0, "failed": 1, "errors": 0})
