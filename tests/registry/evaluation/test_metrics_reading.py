from __future__ import annotations

from pathlib import Path

import pytest
from support.content import FILES, catalog, write

from registry.evaluation.records import Composite, Suite
from registry.evaluation.suite import read_suites

HEAD = """\
promptyard: 1
prompt: support/triage
defaults: {inputs: {teams: [cards]}, tags: [all]}
cases:
  - {id: a, tags: [legal], inputs: {ticket: x}, expect: [{contains: x, metric: tone}]}
  - {id: b, inputs: {ticket: y}, expect: [{assert-set: [{contains: y, metric: accuracy}], metric: tone}]}
"""


def read(root: Path, more: str) -> tuple[Suite | None, list[str]]:
    write(root, FILES, **{"prompts/support/triage.suite.yaml": HEAD + more})
    suites, findings = read_suites(catalog(root))
    told = [f"{it.code} {str(it.place).partition(':')[2]} {it.message} {it.hint}" for it in findings]
    return (suites[0] if suites else None), told


def test_metrics_are_read_in_both_forms_and_tags_add_up(tmp_path: Path) -> None:
    text = (
        "metrics:\n  quality: {tone: 2, accuracy: 3}\n  tone: {by: tag}\n"
        "  care: {weights: {tone: 1}, forTag: {legal: {accuracy: 5}}, by: group}\n"
        "policy: {minMetrics: {quality: 0.8, tone@legal: 0.9, care@b: 0.5}}\n"
    )
    found, told = read(tmp_path, text)
    assert told == []
    assert found is not None
    assert found.metrics == (
        Composite("quality", {"tone": 2.0, "accuracy": 3.0}),
        Composite("tone", {"tone": 1.0}, split="tag"),
        Composite("care", {"tone": 1.0}, {"legal": {"accuracy": 5.0}}, split="group"),
    )
    assert found.policy.min_metrics == {"quality": 0.8, "tone@legal": 0.9, "care@b": 0.5}
    assert [case.tags for case in found.cases] == [("all", "legal"), ("all",)]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("metrics: {quality: {tonne: 2}}\n", "SUI003 7:11 No expectation counts for the metric tonne. Did you mean tone?"),
        ("metrics: {quality: {tone: 0}}\n", "SUI002 7:21 A weight must be a number above 0."),
        ("metrics: {quality: {}}\n", "SUI002 7:11 The metric is made of nothing."),
        ("metrics: {quality: 5}\n", "SUI002 7:11 A metric must be an object."),
        ("metrics: {quality: {weights: {}}}\n", "SUI002 7:21 No weight is given."),
        ("metrics: {quality: {by: topic}}\n", "SUI002 7:21 by must be one of tag, group."),
        ("metrics: {quality: {by: tag}}\n", "SUI003 7:11 No expectation counts for the metric quality."),
        ("metrics: {quality: {weights: {tone: 1}, bye: tag}}\n", "SUI011 7:41 bye is no key of a metric. Did you mean by?"),
        ("metrics: {tone: {accuracy: 1}}\n", "SUI004 7:11 An expectation counts for a metric tone already."),
        ("metrics: {q: {weights: {tone: 1}, forTag: {legall: {tone: 1}}}}\n", "SUI003 7:44 No case has the tag legall."),
        ("metrics: {q@b: {tone: 1}}\n", "SUI002 7:11 The name of a metric must be"),
        ("policy: {minMetrics: {quality: 0.5}}\n", "SUI003 7:23 No expectation counts for the metric quality."),
        ("policy: {minMetrics: {tone: 80}}\n", "SUI002 7:23 tone must be a number above 0 and up to 1."),
        ("policy: {minMetrics: 0.8}\n", "SUI002 7:10 minMetrics must be an object."),
    ],
)  # fmt: skip
def test_what_would_measure_nothing_is_told_with_its_place(tmp_path: Path, more: str, told: str) -> None:
    found, said = read(tmp_path, more)
    assert found is None
    assert len(said) == 1, said
    assert said[0].startswith(told), said[0]


@pytest.mark.parametrize("metric", ["''", "5", "' tone'", "tone@legal", "'tone '"])
def test_a_metric_has_a_name_that_reports_can_carry(tmp_path: Path, metric: str) -> None:
    text = f"  - {{id: c, inputs: {{ticket: z}}, expect: [{{contains: z, metric: {metric}}}]}}\n"
    found, told = read(tmp_path, text)
    assert found is None
    assert told[0].startswith("SUI002 7:"), told
    assert "metric must be a name" in told[0]


@pytest.mark.parametrize("tags", ["[a b]", "[5]", "legal", "['']"])
def test_a_tag_is_a_name_in_a_list(tmp_path: Path, tags: str) -> None:
    text = f"  - {{id: c, tags: {tags}, inputs: {{ticket: z}}, expect: [{{contains: z}}]}}\n"
    found, told = read(tmp_path, text)
    assert found is None
    assert told[0].startswith("SUI002 7:"), told


def test_a_dataset_gives_its_rows_tags_filled_from_their_columns(tmp_path: Path) -> None:
    more = "datasets:\n  - {file: rows.csv, inputs: {ticket: text}, tags: [rows, '{{ topic }}'], expect: [{contains: x}]}\n"
    write(tmp_path, FILES, **{"prompts/support/rows.csv": "text,topic\none,cards\ntwo,loans\n"})
    found, told = read(tmp_path, more)
    assert told == []
    assert found is not None
    assert [case.tags for case in found.cases[2:]] == [("all", "rows", "cards"), ("all", "rows", "loans")]
    write(tmp_path, **{"prompts/support/rows.csv": "text,topic\none,two words\n"})
    _, told = read(tmp_path, more)
    assert told[0].startswith("SUI009 2:1 'two words' is no tag"), told
