"""Our own files are in the form that we ask of others: ``promptyard fmt --check`` passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.authoring.format import format_file
from registry.authoring.scaffold import first_prompt, shipped

ROOT = Path(__file__).parents[2]
OWN = [ROOT / "promptyard.yaml", *sorted((ROOT / "prompts").rglob("*.yaml"))]


@pytest.mark.parametrize("place", OWN, ids=lambda place: place.relative_to(ROOT).as_posix())
def test_our_own_files_are_in_form(place: Path) -> None:
    formatted = format_file(place.relative_to(ROOT).as_posix(), place.read_bytes())
    assert formatted.findings == ()
    assert not formatted.changed


def test_what_init_writes_is_in_form() -> None:
    files = {**shipped(), **first_prompt("prompts")}
    yaml = {path: data for path, data in files.items() if path.endswith(".yaml")}
    assert [path for path, data in yaml.items() if format_file(path, data).changed] == []
