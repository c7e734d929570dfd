"""What tells one instance from another."""

from __future__ import annotations

import pytest

from serve.core.errors import Usage
from serve.instance import Instance, instance_of


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    for name in ("PROMPTYARD_INSTANCE", "PROMPTYARD_CANARY"):
        monkeypatch.delenv(name, raising=False)


def test_an_instance_is_the_same_after_a_restart_and_another_in_another_folder(tmp_path):
    first = instance_of(None, tmp_path / "a")
    assert first == instance_of(None, tmp_path / "a")
    assert first != instance_of(None, tmp_path / "b")
    assert first.name.rsplit("-", 1)[1].isalnum()


def test_a_host_with_an_odd_name_still_makes_a_name_for_a_file(tmp_path, monkeypatch):
    for host in ("../../etc", "ünïcödé host", "", "." * 300):
        monkeypatch.setattr("socket.gethostname", lambda host=host: host)
        name = instance_of(None, tmp_path).name
        assert instance_of(name, tmp_path).name == name, host


def test_a_name_is_taken_from_the_argument_then_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMPTYARD_INSTANCE", "web-2")
    assert instance_of("web-1", tmp_path).name == "web-1"
    assert instance_of(None, tmp_path).name == "web-2"


@pytest.mark.parametrize("name", ["a/b", "..", "-x", "a" * 101, "a b", "a\n"])
def test_a_name_that_could_not_be_a_files_is_refused(name, tmp_path):
    with pytest.raises(Usage, match="RUN003"):
        instance_of(name, tmp_path)


def test_an_instance_takes_part_when_it_is_drawn_always_or_never(tmp_path, monkeypatch):
    assert instance_of("web", tmp_path).takes == "drawn"
    monkeypatch.setenv("PROMPTYARD_CANARY", "never")
    assert not instance_of("web", tmp_path).draws("salt", 100)
    assert instance_of("web", tmp_path, "always").draws("salt", 0)
    assert Instance("web").draws("salt", 100)
    assert not Instance("web").draws("salt", 0)
    with pytest.raises(Usage, match="RUN004"):
        instance_of("web", tmp_path, "sometimes")
