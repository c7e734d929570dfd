"""The map is true: every package's docstring names each of its modules, and none that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(
    place.parent.relative_to(ROOT)
    for package in ("registry", "serve")
    for place in (ROOT / package).rglob("__init__.py")
)


def named(package: Path) -> set[str]:
    docstring = (
        ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))) or ""
    )
    return set(re.findall(r"^- ``([a-z0-9_]+)``", docstring, re.MULTILINE))


def held(package: Path) -> set[str]:
    return {
        place.stem
        for place in (ROOT / package).iterdir()
        if place.name not in ("__init__.py", "__main__.py", "__pycache__")
        and (place.suffix == ".py" or (place / "__init__.py").exists())
    }


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_a_package_names_its_modules(package):
    assert named(package) == held(package)
