"""Comparisons in JavaScript that say no more than an expectation does.

It must never take code for less than it says: what is not exactly one known comparison is none.
"""

from __future__ import annotations

import json
import re

from serve.core.model import Json

_QUOTED = r"(?P<{0}>\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*')"
_EQUALS = re.compile(rf"output\s*===?\s*{_QUOTED.format('text')}\s*\Z")
_INCLUDES = re.compile(
    rf"(?P<no>!)?\s*output(?P<low>\.toLowerCase\(\))?\.(?P<how>includes|startsWith|endsWith)\(\s*{_QUOTED.format('text')}\s*\)\s*\Z"
)
_FIELD = re.compile(
    r"(?P<root>JSON\.parse\(output\)|output)(?P<path>(?:\.[A-Za-z_]\w*|\[\d+\])+)\s*===?\s*(?P<value>\"[^\"\\]*\"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false|null)\s*\Z"
)
_WAYS = {"includes": "contains", "startsWith": "starts-with", "endsWith": "ends-with"}


def expectation_of(source: str, parsed: bool) -> dict[str, Json] | None:
    """The expectation that one comparison in JavaScript is, where it is exactly that."""
    code = re.sub(r"\A\s*return\s+", "", source).strip()
    if found := _EQUALS.match(code):
        return {"equals": _unquoted(found["text"])}
    found = _FIELD.match(code)
    if found and (parsed or found["root"] != "output"):
        written = found["value"]
        value = written[1:-1] if written[:1] in "\"'" else json.loads(written)
        return {"json": {"path": f"${found['path']}", "equals": value}}
    found = _INCLUDES.match(code)
    text = _unquoted(found["text"]) if found else ""
    if found is None or not text:
        return None
    way = _WAYS[found["how"]]
    if found["low"]:
        if way != "contains" or text != text.lower():
            return None
        way = "icontains"
    return {f"{'not-' if found['no'] else ''}{way}": text}


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text[1:-1])
