"""The page as people meet it: in a real browser, light and dark, on a desk and on a telephone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.browser import Browser, find
from support.reports import HOSTILE, recorded

from registry.cli.testing.views import html_of

CONTRAST = """(() => {
  const parse = s => { const m = s.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  let worst = [99, ''];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.closest('svg')) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < worst[0]) worst = [ratio, e.tagName + '.' + e.className];
  }
  return JSON.stringify(worst);
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = find()
    if program is None:
        pytest.skip("no Chromium here; sh tools/install.sh browser installs it")
    running = Browser(program, tmp_path_factory.mktemp("profile"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    for day in range(1, 5):
        recorded(folder / f"{day}.jsonl", lost=range(day), at=f"2026-11-0{day}T10:00:00Z")
    made = recorded(
        folder / "r.jsonl", count=60, lost=range(9), broken=[20], answers={0: HOSTILE, 1: "x" * 900}
    )
    made = replace(made, head_commit="9" * 40, base_commit="a" * 40, head=HOSTILE)
    place = folder / "report.html"
    place.write_text(html_of(made, folder / "r.jsonl", folder), "utf-8")
    return place


def test_it_asks_for_nothing_runs_nothing_and_breaks_no_policy(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.requested() == [page.as_uri()]
    assert browser.complaints() == []
    assert browser.ask("document.title") == "Promptyard: support/triage got worse."
    assert browser.ask("document.scripts.length + document.images.length + document.links.length") == 0
    assert browser.ask("document.querySelectorAll('iframe, object, embed, form').length") == 0
    assert browser.ask("getComputedStyle(document.body).marginTop") == "0px"  # its own style sheet is let in


def test_an_injected_script_would_not_run_either(browser: Browser, page: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    with_script = (
        "<body><script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
    )
    broken.write_text(page.read_text("utf-8").replace("<body>", with_script, 1), "utf-8")
    browser.open(broken)
    assert browser.ask("document.title") == "Promptyard: support/triage got worse."
    assert any("Content Security Policy" in told for told in browser.complaints())


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_it_fits_without_scrolling_sideways(browser: Browser, page: Path, width: int) -> None:
    browser.size(width)
    browser.open(page)
    browser.ask("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    columns = browser.ask("getComputedStyle(document.querySelector('.sides')).gridTemplateColumns")
    assert len(columns.split()) == (1 if width == 360 else 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast_enough(browser: Browser, page: Path, scheme: str) -> None:
    browser.size(1200)
    browser.prefer(scheme)
    browser.open(page)
    browser.ask("document.querySelectorAll('details').forEach(it => it.open = true)")
    ratio, where = json.loads(browser.ask(CONTRAST))
    assert ratio >= 4.5, where
    back = browser.ask("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") == (scheme == "light")


def test_what_is_folded_is_printed(browser: Browser, page: Path) -> None:
    browser.size(1000)
    browser.prefer("light", "print")
    browser.open(page)
    shut = "document.querySelector('details.case:not([open]) .text').checkVisibility({contentVisibilityAuto: true})"
    assert browser.ask(shut) is True
    browser.prefer("light")


def test_a_case_opens_with_the_keyboard_alone(browser: Browser, page: Path) -> None:
    browser.open(page)
    last = "[...document.querySelectorAll('details.case')].at(-1)"
    browser.ask(f"{last}.querySelector('summary').focus()")
    assert browser.ask("document.activeElement.tagName") == "SUMMARY"
    assert browser.ask("document.querySelectorAll('summary').length") >= 10
