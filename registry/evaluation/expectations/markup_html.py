"""Checks of HTML in an answer: is-html, contains-html.

``is-html`` asks that the answer is nothing but elements that HTML knows (or custom ones, with a dash);
``contains-html`` looks for signs of HTML among text.
It must never ask for more than a browser would: browsers mend what is not closed.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from registry.evaluation.expectations.outcome import ExpectationType, Outcome, Subject, nothing_problems
from registry.evaluation.records import Expectation

_VOID = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
))  # fmt: skip
_ELEMENTS = _VOID | frozenset((
    "a", "abbr", "address", "article", "aside", "audio", "b", "bdi", "bdo", "blockquote", "body",
    "button", "canvas", "caption", "cite", "code", "colgroup", "data", "datalist", "dd", "del",
    "details", "dfn", "dialog", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "html", "i", "iframe",
    "ins", "kbd", "label", "legend", "li", "main", "map", "mark", "math", "menu", "meter", "nav",
    "noscript", "object", "ol", "optgroup", "option", "output", "p", "picture", "pre", "progress",
    "q", "rp", "rt", "ruby", "s", "samp", "script", "section", "select", "slot", "small", "span",
    "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td", "template",
    "textarea", "tfoot", "th", "thead", "time", "title", "tr", "u", "ul", "var", "video",
))  # fmt: skip
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "menu",
    "nav", "ol", "p", "pre", "section", "table", "ul",
))  # fmt: skip
_COMMON = "html|head|body|div|span|p|a|img|h[1-6]|ul|ol|li|table|tr|td|th|form|input|button|script|style|link|meta|br|hr"
_SIGNS: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(pattern))
    for weight, pattern in (
        (1, r"<[a-zA-Z][a-zA-Z0-9-]*(?:\s[^>]*)?>"),
        (1, r"</[a-zA-Z][a-zA-Z0-9-]*\s*>"),
        (1, r"<[a-zA-Z][a-zA-Z0-9-]*(?:\s[^>]*)?/>"),
        (1, r"&(?:[a-zA-Z]+|#[0-9]+|#x[0-9a-fA-F]+);"),
        (2, r"(?i)<!doctype\s+html"),
        (1, r"<!--(?:[^-]|-(?!->))*-->"),
        (1, r"\s[a-zA-Z-]+=\s*[\"'][^\"']*[\"']"),
        (2, rf"(?i)<(?:{_COMMON})\b"),
    )
)
_ENOUGH = 2


class _Outline(HTMLParser):
    """Reads a document so far as to know its elements, and whether text stands outside of all of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.known = False
        self.bare_text = False
        self._open: list[str] = []
        self._body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.known = self.known or tag in _ELEMENTS or "-" in tag
        if tag == "body":
            self._body = True
        if tag in _BLOCKS and "p" in self._open:
            del self._open[self._open.index("p") :]
        if tag not in _VOID and tag not in ("html", "head", "body"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._open and not self._body:
            self.bare_text = True


def _is_html(_expectation: Expectation, subject: Subject) -> Outcome:
    text = subject.text.strip()
    if not text:
        return Outcome(False, "is empty")
    if text[:5].lower() == "<?xml":
        return Outcome(False, "is XML, not HTML")
    outline = _Outline()
    outline.feed(text)
    outline.close()
    if outline.bare_text:
        return Outcome(False, "has text outside of all elements")
    return Outcome(outline.known, "is HTML" if outline.known else "has no element that HTML knows")


def _contains_html(_expectation: Expectation, subject: Subject) -> Outcome:
    seen = sum(weight for weight, sign in _SIGNS if sign.search(subject.text))
    return Outcome(seen >= _ENOUGH, "holds HTML" if seen >= _ENOUGH else "holds no HTML")


TYPES = (
    ExpectationType("is-html", _is_html, nothing_problems),
    ExpectationType("contains-html", _contains_html, nothing_problems),
)
