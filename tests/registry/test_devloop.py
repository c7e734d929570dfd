from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.content import write
from watchdog.observers.polling import PollingObserver

import serve
from registry import devloop
from registry.devloop import DevLoop, turns
from registry.errors import Usage
from registry.publish.channels import history
from registry.publish.directory import DirectoryTarget

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path)


@pytest.fixture
def loop(root: Path) -> DevLoop:
    made = DevLoop(root)
    made.begin()
    return made


def _edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))


def test_the_first_step_publishes_everything(loop: DevLoop) -> None:
    turn = loop.step()
    assert (turn.release, turn.clean) == (1, True)
    assert [change.what for change in turn.changes] == ["added", "added"]


def test_a_step_without_a_change_publishes_nothing(loop: DevLoop, root: Path) -> None:
    loop.step()
    turn = loop.step()
    assert (turn.release, turn.changes) == (1, ())
    assert len(history(DirectoryTarget(loop.store), loop.channel, root=root)) == 1


def test_a_change_is_the_next_release_with_its_reason(loop: DevLoop, root: Path) -> None:
    loop.step()
    _edit(root, TONE, "calm", "kind")
    turn = loop.step()
    assert turn.release == 2
    assert "partial partials/tone.md" in turn.changes[0].reasons


def test_errors_are_findings_and_what_is_live_stays(loop: DevLoop, root: Path) -> None:
    loop.step()
    _edit(root, PROMPT, "models/chat", "models/none")
    turn = loop.step()
    assert (turn.release, turn.clean, turn.changes) == (1, False, ())
    assert "REF001" in {finding.code for finding in turn.findings}
    _edit(root, PROMPT, "models/none", "models/chat")
    assert loop.step().clean


def test_settings_that_cannot_be_used_are_a_refusal_not_an_end(loop: DevLoop, root: Path) -> None:
    (root / "promptyard.yaml").write_text("promptyard: [\n")
    turn = loop.step()
    assert turn.refusal is not None
    assert turn.refusal.code == "CFG001"


def test_a_loop_that_begins_again_goes_on_where_it_was(loop: DevLoop, root: Path) -> None:
    loop.step()
    again = DevLoop(root)
    again.begin()
    assert again.step().changes == ()
    _edit(root, TONE, "calm", "kind")
    assert again.step().release == 2


def test_the_store_of_the_settings_is_never_touched(loop: DevLoop, root: Path) -> None:
    loop.step()
    assert sorted(path.name for path in (root / ".promptyard").iterdir()) == ["dev"]


def test_a_service_follows_the_saves(loop: DevLoop, root: Path, tmp_path: Path) -> None:
    loop.step()
    trust = root / loop.channel.root
    inputs = {"teams": ["cards"], "ticket": "Hello"}
    with serve.connect(
        f"file:{loop.store}", trust=trust, channel="dev", cache=tmp_path / "cache", start=False
    ) as client:
        client.step()
        assert "Be calm." in client.render("support/triage", inputs).messages[0].text
        _edit(root, TONE, "calm", "kind")
        loop.step()
        client.step()
        assert "Be kind." in client.render("support/triage", inputs).messages[0].text


def _second_turn(root: Path, edit: tuple[str, str, str]) -> devloop.Turn | None:
    """The turn that an edit leads to while the loop watches."""
    stop = threading.Event()
    seen: Iterator[devloop.Turn] = turns(DevLoop(root), root, stop)
    next(seen)
    timer = threading.Timer(10, stop.set)
    timer.start()
    _edit(root, *edit)
    try:
        return next(seen, None)
    finally:
        stop.set()
        timer.cancel()
        assert next(seen, None) is None


def test_a_save_is_seen(root: Path) -> None:
    start = time.monotonic()
    turn = _second_turn(root, (TONE, "calm", "kind"))
    assert turn is not None
    assert turn.release == 2
    assert time.monotonic() - start < 5


def test_a_save_is_seen_by_polling_where_the_system_has_no_watches_left(root: Path, monkeypatch) -> None:
    class NoWatchesLeft(PollingObserver):
        def start(self) -> None:
            raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(devloop, "Observer", NoWatchesLeft)
    turn = _second_turn(root, (TONE, "calm", "kind"))
    assert turn is not None
    assert turn.release == 2


def test_what_the_loop_itself_reads_and_writes_does_not_wake_it(root: Path) -> None:
    stop = threading.Event()
    seen = turns(DevLoop(root), root, stop)
    next(seen)
    threading.Timer(0.6, stop.set).start()
    assert next(seen, None) is None


def test_without_a_content_folder_there_is_nothing_to_watch(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="WAT001"):
        next(turns(DevLoop(tmp_path), tmp_path, threading.Event()))
