"""Writes ``docs/errors.md`` from the sources, so that no code is without its line; a test holds it current.

python -m tools.errors_page > docs/errors.md
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"[A-Z]{3}\d{3}")
LEADING = re.compile(r"([A-Z]{3}\d{3}) (.+)", re.DOTALL)
FAMILIES = {
    "ANN": "promptyard annotate", "BAS": "stored baselines",
    "BDG": "budgets", "BND": "bundles", "BUG": "our own mistakes", "CAC": "the cache on disk", "CLU": "clusters", "CFG": "settings",
    "DUP": "duplicates", "EDT": "edits of a file",
    "ENG": "engines", "ENV": "the environment", "EVD": "evidence", "EVL": "test runs",
    "EXC": "exceptions of lint", "EXP": "promptyard export", "FIL": "files", "FIX": "promptyard lint --fix",
    "FMT": "promptyard fmt", "GHP": "GitHub's prompt files", "GIT": "Git", "GRD": "guardrails", "HIS": "history",
    "HTP": "the sidecar",
    "IMP": "promptyard import", "INI": "promptyard init", "INP": "inputs", "KEY": "signing keys", "KNW": "knowledge",
    "MOD": "model configs", "MSG": "messages", "NEW": "promptyard new", "OUT": "schemas of answers", "OWN": "owners",
    "PAY": "request bodies", "PRM": "prompts in a release", "PRV": "provenance",
    "PUB": "publishing", "REF": "references", "REL": "releases",
    "RND": "rendering", "ROL": "roles", "RPT": "reports", "RUN": "running services", "SCH": "schemas", "SCM": "promptyard schema",
    "SEC": "security", "SHD": "shards", "SIG": "signatures", "SRC": "reading a store", "STO": "writing a store", "SUI": "suites",
    "TMP": "temporary files",
    "TPL": "templates", "TRU": "roots of trust", "TXT": "text blocks", "USE": "the command line", "VAR": "variables",
    "VER": "promptyard verify", "VRT": "variants", "WAT": "promptyard watch", "WGT": "weights", "YML": "YAML",
}  # fmt: skip


@cache
def page() -> str:
    """The whole page."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for package in ("registry", "serve"):
        for place in sorted((ROOT / package).rglob("*.py")):
            for code, text in _sentences(ast.parse(place.read_text(encoding="utf-8"))):
                found[code][text] = None
    lines = [
        "# Codes",
        "",
        "Every refusal and every finding has a code, names the thing and says what to do next. `…` stands for the name",
        "that the message carries. Exit codes: 0 clean, 1 findings or regression, 2 usage or configuration, 3 no verdict",
        "or refused, 4 environment, 70 a bug of ours, 130 interrupted. This page is made by `python -m tools.errors_page`.",
    ]
    family = ""
    for code in sorted(found):
        if code[:3] != family:
            family = code[:3]
            lines += ["", f"## {family}: {FAMILIES[family]}", "", "| code | what it says |", "|---|---|"]
        said = "<br>".join(text.replace("|", "\\|") for text in found[code] if text) or "see the message"
        lines.append(f"| {code} | {said} |")
    return "\n".join(lines) + "\n"


def _sentences(module: ast.Module) -> Iterator[tuple[str, str]]:
    title = _constant(module, "TITLE")
    code = _constant(module, "CODE")
    if code and title:
        yield code, title
    pieces = {part for node in ast.walk(module) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            yield from _beside([*node.args, *(keyword.value for keyword in node.keywords)], module)
        elif isinstance(node, ast.Tuple):
            yield from _beside(node.elts, module)
        elif (
            node not in pieces
            and isinstance(node, (ast.Constant, ast.JoinedStr))
            and (leading := LEADING.fullmatch(_text(node)))
        ):
            yield leading[1], leading[2]


def _beside(nodes: Sequence[ast.expr], module: ast.Module) -> Iterator[tuple[str, str]]:
    """A code and the sentences that stand beside it in one call or tuple."""
    texts = [_text(node, module) for node in nodes]
    codes = [text for text in texts if CODE.fullmatch(text)]
    if len(codes) == 1:
        said = [text for text in texts if " " in text]
        yield codes[0], ". ".join(text.rstrip(".") for text in said) + "." if said else ""


def _text(node: ast.AST, module: ast.Module | None = None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return " ".join(node.value.split()) if "\n" in node.value else node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.Name) and module is not None:
        return _assigned(module, node)
    return ""


def _assigned(module: ast.Module, name: ast.Name) -> str:
    """The text of a name, where it was last assigned before this line."""
    before = [node for node in _assignments(module).get(name.id, ()) if node.lineno <= name.lineno]
    return _text(max(before, key=lambda node: node.lineno).value) if before else ""


@cache
def _assignments(module: ast.Module) -> dict[str, list[ast.Assign]]:
    found: dict[str, list[ast.Assign]] = defaultdict(list)
    for node in ast.walk(module):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id].append(node)
    return found


def _constant(module: ast.Module, name: str) -> str:
    for node in module.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            return _text(node.value)
    return ""


if __name__ == "__main__":
    print(page(), end="")
