"""What every test may use."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["plugins.s3"]

settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)
settings.load_profile("ci")

os.environ.setdefault("GIT_CONFIG_NOSYSTEM", "1")
# Some 300 commands run in processes of their own: each would compile all our modules again, twice its own work.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Files with few and long tests, in the order in which they are dealt out: begun last, they would keep one core waiting.
_LONG = ("journeys/", "workflows/", "registry/publish/", "registry/cli/")


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.has_plugin("xdist"):
        config.option.loadscopereorder = False  # by the number of tests, most first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, folder in enumerate(_LONG) if f"tests/{folder}" in item.nodeid), len(_LONG))
