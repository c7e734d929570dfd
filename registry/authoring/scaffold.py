"""A registry from nothing: prompts with all that they need, settings, schemas, CI, hooks, owners.

Whoever runs ``init`` has something to lint, render, test and release a moment later.
It must never change a file that is there, except to add lines to ``.gitignore``, nor put examples among
prompts that are there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file
from pathlib import Path

from registry.authoring.catalog import load
from registry.authoring.drafts import draft, write_new
from registry.authoring.kinds import KINDS, kind_of
from registry.authoring.owners import codeowners
from registry.authoring.resources import scaffold_root, schema_files, workflow_files
from registry.authoring.settings_file import load_settings
from registry.authoring.starter import files_of
from registry.authoring.tree import FolderTree
from registry.errors import Unavailable
from registry.settings import FILE, Settings

STARTER = ("support/triage", "support/route")
_FIRST, _FIRST_MODEL = "support/answer", "models/chat"
_IGNORED = (".promptyard/",)
_OWNERS = ".github/CODEOWNERS"
_OTHER_OWNERS = ("CODEOWNERS", "docs/CODEOWNERS")  # GitHub reads the first that it finds, ours before these
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
# What is published has to be merged, and tested as it is:
# policy: {releaseBranch: main, requireEvidence: true}
"""
_HOOKS = """\
# Before each commit: pip install pre-commit && pre-commit install
repos:
  - repo: local
    hooks:
      - id: promptyard-fmt
        name: promptyard fmt
        entry: promptyard fmt --check
        language: system
        files: '(^|/)(promptyard\\.yaml|.+\\.(%(kinds)s)\\.yaml)$'
      - id: promptyard-lint
        name: promptyard lint
        entry: promptyard lint
        language: system
        files: ^(promptyard\\.yaml$|%(content)s/)
        pass_filenames: false
"""


@dataclass(slots=True)
class Made:
    """What a scaffold did: paths written, and paths that were there and are kept."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def scaffold(root: Path, *, minimal: bool = False) -> Made:
    """Fill a folder with a registry that runs; repeating it adds only what is missing.

    Args:
        root: the folder; where it has a ``promptyard.yaml``, that says where content lies.
        minimal: one small prompt for a hosted model instead of the examples with their own model.

    Raises:
        Usage: CFG001 when the ``promptyard.yaml`` that is there cannot be used.
        Unavailable: ENV003 when the installation lacks what it should have shipped.
    """
    tree = FolderTree(root)
    content = load_settings(tree).content if root.is_dir() else Settings().content
    files = {FILE: _SETTINGS.encode(), **_workflows(content)}
    kinds = "|".join(kind.name for kind in KINDS)
    files[".pre-commit-config.yaml"] = (_HOOKS % {"kinds": kinds, "content": content}).encode()
    files.update({f"schemas/{name}": data for name, data in schema_files().items()})
    made = Made()
    own = [path for path in tree.paths(content) if kind_of(path)] if root.is_dir() else []
    if own:
        made.kept += own
    else:
        files.update(first_prompt(content) if minimal else shipped(content=content))
    for path, data in sorted(files.items()):
        (made.written if write_new(root / path, data) else made.kept).append(path)
    _add_owners(root, made)
    if _ignore(root / ".gitignore"):
        made.written.append(".gitignore")
    return made


def first_prompt(content: str) -> Mapping[str, bytes]:
    """One prompt with a hosted model and a suite that asks no model, by path below a registry's root."""
    drafts = (("prompt", _FIRST), ("model", _FIRST_MODEL), ("suite", _FIRST))
    return dict(draft(kind, name, content=content, model=_FIRST_MODEL, offline=True) for kind, name in drafts)


def shipped(prompts: tuple[str, ...] = STARTER, *, content: str = "prompts") -> Mapping[str, bytes]:
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
        moved = {path: f"{content}/{path.removeprefix(f'{folder.name}/')}" for path in paths}
        return {moved[path]: _pointing(moved[path], catalog.tree.read(path)) for path in paths}


def _workflows(content: str) -> Mapping[str, bytes]:
    """The workflows, with a release that waits for changes where the content lies."""
    here = f'"{content}/**"'.encode()
    return {
        f".github/workflows/{name}": data.replace(b'"prompts/**"', here)
        for name, data in workflow_files().items()
    }


def _pointing(path: str, data: bytes) -> bytes:
    """A file whose first line leads to the schemas from where it lies now."""
    schemas = posixpath.relpath("schemas", posixpath.dirname(path))
    return data.replace(b"$schema=../../schemas/", f"$schema={schemas}/".encode(), 1)


def _add_owners(root: Path, made: Made) -> None:
    for path in (_OWNERS, *_OTHER_OWNERS):
        if (root / path).exists():
            made.kept.append(path)
            return
    tree = FolderTree(root)
    write_new(root / _OWNERS, codeowners(load(tree, load_settings(tree))).encode())
    made.written.append(_OWNERS)


def _ignore(path: Path) -> bool:
    """Add the lines that ``.gitignore`` lacks; False when it lacks none."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    lacking = [line for line in _IGNORED if line not in text.splitlines()]
    if not lacking:
        return False
    lead = text if not text or text.endswith("\n") else f"{text}\n"
    path.write_text(lead + "".join(f"{line}\n" for line in lacking), encoding="utf-8")
    return True
