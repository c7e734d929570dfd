"""Run where the extra ``presidio`` is installed; without it, only that its absence is told by name."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from serve.core.errors import BundleRefused
from serve.core.guard.engine import Guard, compile_guard
from serve.core.model import Action, GuardrailSet, Rule, Streaming
from serve.guard_ml.folders import digest_of
from serve.guard_ml.models import LocalModels

HERE = importlib.util.find_spec("presidio_analyzer") is not None
needs_presidio = pytest.mark.skipif(not HERE, reason="the presidio extra is not installed")


def guard(weights: Path | None = None, **detect: Any) -> Guard:
    action = Action("redact", {"with": "[X]"})
    rule = Rule("names", "entities", "high", action, detect, ("input",), stream=Streaming("buffer"))
    return compile_guard([GuardrailSet("s", (rule,))], LocalModels([weights] if weights else []))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pipeline that knows two names."""
    spacy = pytest.importorskip("spacy")
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": "PERSON", "pattern": "Ada Lovelace"}, {"label": "GPE", "pattern": "London"}]
    )
    folder = tmp_path_factory.mktemp("weights")
    pipeline.to_disk(folder / "two_names")
    return folder


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a rule opened a connection")

    monkeypatch.setattr("socket.socket.connect", refuse)


@pytest.mark.skipif(HERE, reason="the presidio extra is installed")
def test_without_the_extra_the_release_is_refused_by_name() -> None:
    with pytest.raises(BundleRefused) as refused:
        guard(entities=["PERSON"])
    assert refused.value.code == "GRD020"
    assert "rule names of kind entities" in refused.value.what
    assert refused.value.next_step == "Install it: pip install 'promptyard[presidio]'."


@needs_presidio
def test_patterns_need_no_pipeline_and_no_network() -> None:
    checked = guard(entities=["EMAIL_ADDRESS", "IBAN_CODE"])
    text = "write to jo@example.co.uk about GB82WEST12345698765432"
    assert checked.check(text, "input").text == "write to [X] about [X]"


@needs_presidio
def test_names_and_places_need_one_and_are_refused_without() -> None:
    with pytest.raises(BundleRefused) as refused:
        guard(entities=["PERSON"])
    assert "nothing recognises PERSON in language en" in refused.value.what
    assert "spaCy pipeline" in refused.value.next_step


@needs_presidio
def test_names_and_places_are_found_with_a_pipeline_from_a_folder(weights: Path) -> None:
    checked = guard(weights, entities=["PERSON", "LOCATION"], pipeline="two_names")
    assert checked.check("Ada Lovelace lived in London.", "input").text == "[X] lived in [X]."


@needs_presidio
def test_a_pipeline_with_other_bytes_is_refused(weights: Path) -> None:
    right = digest_of(weights / "two_names")
    guard(weights, entities=["PERSON"], pipeline="two_names", pipelineSha256=right)
    with pytest.raises(BundleRefused) as refused:
        guard(weights, entities=["PERSON"], pipeline="two_names", pipelineSha256="0" * 64)
    assert "other bytes" in refused.value.what


@needs_presidio
@pytest.mark.parametrize(
    ("detect", "said"),
    [
        ({"pipeline": "not_there"}, "cannot be loaded"),
        ({"pipeline": "two_names", "language": "de"}, "reads en, not de"),
        ({"pipeline": "two_names", "entities": ["UNICORN"]}, "nothing recognises UNICORN"),
    ],
)
def test_what_cannot_be_served_is_told_and_nothing_is_fetched(
    weights: Path, detect: dict[str, Any], said: str
) -> None:
    with pytest.raises(BundleRefused) as refused:
        guard(weights, **{"entities": ["PERSON"], **detect})
    assert said in refused.value.what
