"""What travels with the tool: its JSON Schemas, workflows and the content a new repository starts from.

In a wheel schemas and content lie inside the package, in a checkout beside it; only this file knows.
It must never look into the repository that is being worked on.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from registry.authoring.kinds import KINDS
from registry.errors import Unavailable

SCHEMAS: Mapping[str, str] = {
    **{kind.name: kind.schema for kind in KINDS},
    "settings": "settings.schema.json",
}


def schema_text(name: str) -> str:
    """The text of a JSON Schema by its file name, such as ``prompt.schema.json``.

    Raises:
        Unavailable: ENV003 when the installation lacks it.
    """
    place = _shipped("schemas") / name
    if not place.is_file():
        raise Unavailable("ENV003", f"the installation lacks schemas/{name}", "Install promptyard again.")
    return place.read_text(encoding="utf-8")


def schema_files() -> Mapping[str, bytes]:
    """Every JSON Schema by its file name; raises Unavailable (ENV003) when the installation lacks one."""
    return {name: schema_text(name).encode() for name in SCHEMAS.values()}


def workflow_files() -> Mapping[str, bytes]:
    """Every workflow for GitHub by its file name; raises Unavailable (ENV003) when the installation lacks them."""
    folder = files("registry") / "authoring" / "workflows"
    found = {place.name: place.read_bytes() for place in folder.iterdir()} if folder.is_dir() else {}
    if not found:
        raise Unavailable("ENV003", "the installation lacks its workflows", "Install promptyard again.")
    return found


def scaffold_root() -> Traversable:
    """The shipped ``prompts`` folder; raises Unavailable (ENV003) when the installation lacks it."""
    return _shipped("prompts")


def _shipped(folder: str) -> Traversable:
    package = files("registry")
    beside = Path(str(package)).parent / folder
    for place in (package / "data" / folder, beside):
        if place.is_dir():
            return place
    raise Unavailable("ENV003", f"the installation lacks its {folder} folder", "Install promptyard again.")
