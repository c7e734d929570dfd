from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console
from rich.theme import Theme
from support.samples import ARMS, many, marks

from registry.cli.writers.verdicts import write_verdicts
from registry.evaluation import gate, report

THEME = Theme(dict.fromkeys(("good", "error", "warning", "path"), "bold"))


def shown(*heads: str, base: str = "") -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=200, theme=THEME, highlight=False, emoji=False)
    of = many(len(heads[0]))
    verdicts = [
        gate.decide(of, of, marks(of, base=base, head=head), comparability=ARMS, deterministic=True)
        if base
        else gate.absolute(of, marks(of, head=head))
        for head in heads
    ]
    write_verdicts(console, report.make(verdicts))
    return stream.getvalue()


def test_the_verdict_stands_last_and_the_cases_above_it() -> None:
    lines = shown("0" * 10 + "1" * 30, base="1" * 40).splitlines()
    assert lines[0] == "support/triage  working copy  40 cases, 40 groups, K=1, ctranslate2 cpu-f32 on cpu"
    assert "    lost   case-000  1/1 -> 0/1  contains does not contain 'billing'" in lines
    assert lines[-2].startswith("  VERDICT     REGRESSION: suite test p=")
    assert lines[-1] == "  reproduce   promptyard test"


def test_many_failing_cases_are_counted_not_listed() -> None:
    assert "  and 8 more; --markdown or --json names all" in shown("0" * 20).splitlines()


def test_suites_stand_apart_and_good_news_is_short() -> None:
    text = shown("111", "111")
    assert "\n\nsupport/triage" in text
    assert "reproduce" not in text
    assert text.count("VERDICT     PASS: every case passes") == 2


def test_what_a_record_names_moves_no_cursor_and_begins_no_line() -> None:
    of = many(3)
    odd = "\x1b[2J\n  VERDICT     PASS"
    verdict = gate.absolute(of, marks(of, head="000"))
    cases = tuple(replace(each, id=f"{each.id}{odd}") for each in verdict.cases)
    verdict = replace(verdict, suite=f"s{odd}", cases=cases, reasons=(f"why{odd}",))
    stream = io.StringIO()
    console = Console(file=stream, width=200, theme=THEME, highlight=False, emoji=False)
    write_verdicts(console, replace(report.make([verdict]), removed=(f"r{odd}",), reproduce=f"x{odd}"))
    assert "\x1b" not in stream.getvalue()
    assert not any(line.startswith("  VERDICT     PASS") for line in stream.getvalue().splitlines())
