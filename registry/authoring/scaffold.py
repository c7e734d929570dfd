"""A registry from nothing: shipped prompts with all that they need, settings, schemas, CI.

Whoever runs ``init`` has something to lint, render, test and release a moment later.
It must never change a file that is there, except to add lines to ``.gitignore``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file
from pathlib import Path

from registry.authoring.catalog import load
from registry.authoring.drafts import write_new
from registry.authoring.kinds import KINDS
from registry.authoring.resources import scaffold_root, schema_text
from registry.authoring.starter import files_of
from registry.authoring.tree import FolderTree
from registry.errors import Unavailable
from registry.settings import FILE, Settings

STARTER = ("support/triage", "support/route")
_IGNORED = (".promptyard/",)
_SETTINGS = """\
# yaml-language-server: $schema=schemas/settings.schema.json
promptyard: 1
content: prompts
# Where releases go. A folder to begin with; later for example s3://bucket/prefix?region=eu-central-1
store: file:.promptyard/store
# A merge is published to the first channel and promoted to the next. Keys stay out of Git;
# the trusted roots in trust/ are committed and shipped with the services.
channels:
  staging: {}
  production: {}
"""
_WORKFLOW = """\
# Every pull request is linted and measured against where it left main; a merge becomes a release file.
name: promptyard
on:
  pull_request:
  push: {branches: [main]}
permissions: {contents: read}
jobs:
  prompts:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install 'promptyard[registry,eval]'
      - run: promptyard lint --format github
      - if: github.event_name == 'pull_request'
        run: promptyard test --base "origin/${{ github.base_ref }}"
      - if: github.event_name == 'push'
        run: promptyard test
      - if: github.event_name == 'push'
        run: promptyard release --number "$GITHUB_RUN_NUMBER" --out release.tar.gz
      - if: github.event_name == 'push'
        uses: actions/upload-artifact@v4
        with: {name: release, path: release.tar.gz}
"""


@dataclass(slots=True)
class Made:
    """What a scaffold did: paths written, and paths that were there and are kept."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def scaffold(root: Path) -> Made:
    """Fill a folder with a registry that runs; repeating it adds only what is missing.

    Raises:
        Unavailable: ENV003 when the installation lacks what it should have shipped.
    """
    files = {FILE: _SETTINGS.encode(), ".github/workflows/promptyard.yml": _WORKFLOW.encode()}
    files.update(_schemas())
    files.update(shipped())
    made = Made()
    for path, data in sorted(files.items()):
        (made.written if write_new(root / path, data) else made.kept).append(path)
    if _ignore(root / ".gitignore"):
        made.written.append(".gitignore")
    return made


def shipped(prompts: tuple[str, ...] = STARTER) -> Mapping[str, bytes]:
    """The starter prompts' files with everything that they refer to, by path below a registry's root.

    Raises:
        Unavailable: ENV003 when the installation lacks one of the prompts.
    """
    with as_file(scaffold_root()) as folder:
        catalog = load(FolderTree(folder.parent), Settings(content=folder.name))
        lacking = [name for name in prompts if name not in catalog.prompts]
        if lacking:
            what = f"the installation lacks the starter prompt {lacking[0]}"
            raise Unavailable("ENV003", what, "Install promptyard again.")
        paths = files_of(catalog, prompts)
        own = f"{folder.name}/"
        return {f"prompts/{path.removeprefix(own)}": catalog.tree.read(path) for path in paths}


def _schemas() -> Iterator[tuple[str, bytes]]:
    for name in (*(kind.schema for kind in KINDS), "settings.schema.json"):
        yield f"schemas/{name}", schema_text(name).encode()


def _ignore(path: Path) -> bool:
    """Add the lines that ``.gitignore`` lacks; False when it lacks none."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    lacking = [line for line in _IGNORED if line not in text.splitlines()]
    if not lacking:
        return False
    lead = text if not text or text.endswith("\n") else f"{text}\n"
    path.write_text(lead + "".join(f"{line}\n" for line in lacking), encoding="utf-8")
    return True
