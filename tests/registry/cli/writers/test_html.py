from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reports import HOSTILE, recorded

from registry.cli.testing.views import html_of
from registry.cli.writers.html import MOST_BYTES, history_page, report_page
from registry.evaluation.exhibits import Side, choose, exhibits
from registry.evaluation.history import points, trends
from registry.evaluation.report import Report

_TAGS = (
    "html head meta title style body header main footer section p h1 h2 h3 h4 b a span code div ul li details"
    " summary table caption thead tbody tr th td del ins figure figcaption svg path circle rect text"
)
_ALLOWED = frozenset(_TAGS.split())


class Reader(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.headings: list[int] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page_of(made: Report, folder: Path) -> str:
    return html_of(made, folder / "r.jsonl", folder / "none")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("run")
    made = recorded(folder / "r.jsonl", lost=[0, 1, 2], answers={0: HOSTILE, 1: HOSTILE * 30})
    made = replace(made, head=HOSTILE, reproduce=HOSTILE, notes=(HOSTILE,), removed=(HOSTILE,))
    return page_of(made, folder)


def test_nothing_that_a_model_says_becomes_part_of_the_page(hostile: str) -> None:
    read = Reader(hostile)
    assert read.tags <= _ALLOWED
    assert not [it for it in read.attributes if it[1].startswith("on") or it[1] in ("src", "style", "srcdoc")]
    assert {value for _, name, value in read.attributes if name == "href"} <= {"#suite-1"}
    assert "</script><script>document.title='owned'</script>" in "".join(read.text)
    assert "{{ 7 * 7 }}" in "".join(read.text)


def test_what_cannot_be_seen_is_written_out(hostile: str) -> None:
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]", hostile)
    assert r"\u{202e}gnp.exe\u{202c} \u{1b}[2J \u{0}" in hostile


def test_the_policy_forbids_all_but_the_one_style_sheet(hostile: str) -> None:
    policy = re.search('Content-Security-Policy" content="([^"]*)"', hostile)
    assert policy is not None
    told = policy[1].replace("&#39;", "'")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'", told
    )
    assert len(re.findall("<style>", hostile)) == 1
    assert "<script" not in hostile
    assert not re.search(r"<[^>]*(?:src|href)=[\"']?(?:https?:)?//", hostile)


def test_a_page_says_first_what_happened_then_how_sure_then_which_cases(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", count=60, lost=range(8), broken=[20])
    text = re.sub(r"\s+", " ", "".join(Reader(page_of(made, tmp_path)).text))
    order = (
        "support/triage got worse.",
        "The change makes 8 of 60 cases worse.",
        "chance alone would show such a drop",
        "Cases to look at (9 of 60)",
        "Input ticket",
        "Before (base): 1 of 1 answer passes",
        "After (head): 0 of 1 answer passes",
        "Scores of all answers",
        "Prompt tokens",
        "Time, 19 of 20 within",
        "A plot begins with the second run.",
        "All numbers, for who knows statistics",
        "Run it again: promptyard test",
    )
    places = [text.find(words) for words in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)


def test_headings_are_in_order_and_plots_and_tables_can_be_read_without_eyes(tmp_path: Path) -> None:
    recorded(tmp_path / "0.jsonl", at="2026-11-20T10:00:00Z")
    made = recorded(tmp_path / "r.jsonl", lost=[1])
    page = html_of(made, tmp_path / "r.jsonl", tmp_path)
    read = Reader(page)
    assert read.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(read.headings, read.headings[1:], strict=False))
    assert page.count("<svg") == page.count('role="img" aria-labelledby=') >= 4
    labels = [value for tag, name, value in read.attributes if (tag, name) == ("svg", "aria-labelledby")]
    assert all(f'<title id="{label}">' in page for label in labels)
    assert page.count("<table>") == page.count("<caption>")
    assert "<th>" not in page  # every header says of what: scope


def test_many_cases_stay_within_the_bound_and_the_rest_is_counted(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", count=1500, lost=range(1200))
    chosen = choose(made)
    shown = exhibits(made, chosen, {})
    big = Side("<&>'" * 1000 + "\u202e" * 1000, 0, 1)
    fat = {suite: [replace(it, base=big, head=big) for it in held] for suite, held in shown.items()}
    page = report_page(made, fat)
    assert MOST_BYTES / 2 < len(page.encode()) < 5_000_000
    full = page.count('<details class="case"')
    assert f"{1200 - full:,} more cases, by name alone" in page
    assert f"and {200 - full:,} more. This page leaves them out; every case is a line of the record." in page
    assert "Cases to look at (1,200 of 1,500)" in page


def test_long_texts_are_cut_and_say_so(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", lost=[0], answers={0: "x" * 10_000})
    assert "… and 7,000 more characters" in page_of(made, tmp_path)


def test_a_run_without_base_shows_one_side(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", broken=[3], base=False)
    page = page_of(made, tmp_path)
    assert "sides one" in page
    assert "Before (base)" not in page
    assert "Answer: 0 of 1 answer passes" in page


def test_suites_that_stand_in_the_way_come_first(tmp_path: Path) -> None:
    made = recorded(tmp_path / "r.jsonl", count=60)
    bad = recorded(tmp_path / "b.jsonl", count=60, lost=range(9))
    both = replace(
        made,
        verdicts=(*made.verdicts, *(replace(it, suite="other/suite") for it in bad.verdicts)),
        exit_code=1,
    )
    page = page_of(both, tmp_path)
    assert page.index('id="suite-1-h">other/suite') < page.index('id="suite-2-h">support/triage')


def test_a_history_is_plots_and_a_table(tmp_path: Path) -> None:
    made = [
        recorded(tmp_path / f"{day}.jsonl", lost=range(day), at=f"2026-11-0{day}T10:00:00Z") for day in (1, 2)
    ]
    page = history_page("support/triage", trends([it for one in made for it in points(one)]), of="runs")
    assert page.count("<svg") == 4
    assert page.count('<th scope="row">') == 2
    assert "Pass rate over 2 points: first 95.0%, last 90.0%" in page


@pytest.fixture(scope="module")
def regressed(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return recorded(tmp_path_factory.mktemp("run") / "r.jsonl", lost=[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_answer_comes_out_as_text(regressed: Report, text: str) -> None:
    chosen = choose(regressed)
    (shown,) = exhibits(regressed, chosen, {})["support/triage"]
    given_text = replace(shown, base=None, head=Side(text, 0, 1), inputs={text: text})
    page = report_page(regressed, {"support/triage": [given_text]})
    assert Reader(page).tags <= _ALLOWED
