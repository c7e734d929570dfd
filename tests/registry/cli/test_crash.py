from __future__ import annotations

from pathlib import Path

import pytest

from registry.cli.crash import write_log


def test_a_log_holds_versions_and_the_traceback_and_no_values(plain: Path) -> None:
    try:
        raise RuntimeError
    except RuntimeError as error:
        log = write_log(
            error, ["render", "support/triage", "--input=ticket=private words", "-i", "ticket=private"]
        )
    text = log.read_text()
    assert log.parent == plain / ".promptyard"
    assert "promptyard render --input -i   (values left out)" in text
    assert "python 3." in text
    assert "RuntimeError" in text
    assert "private" not in text.split("Traceback")[0]


def test_outside_a_registry_it_goes_to_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    assert write_log(ValueError(), []).is_relative_to(tmp_path / "t")
