"""Weights as a service has them: each in a folder named by its digest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from support.models import WEIGHTS
from support.tiny import tiny

from serve.core.guard.checks.asked import Pin
from serve.guard_ml.folders import digest_of


class Shelf(NamedTuple):
    """A folder of weights, an encoder and a generator in it."""

    place: Path
    encoder: Pin
    generator: Pin


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    pytest.importorskip("ctranslate2", reason="needs the guard-ml extra")
    place = tmp_path_factory.mktemp("weights")
    made = tiny("bert", tmp_path_factory.mktemp("made"))
    encoder, generator = digest_of(made), digest_of(WEIGHTS)
    shutil.move(made, place / encoder)
    shutil.copytree(WEIGHTS, place / generator)
    return Shelf(
        place,
        Pin("models/tiny", sha256=encoder, context_tokens=64),
        Pin("models/demo", sha256=generator, context_tokens=512),
    )
