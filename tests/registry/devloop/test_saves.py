from __future__ import annotations

import errno
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.content import write

from registry.devloop import saves
from registry.devloop.loop import DevLoop, Turn
from registry.devloop.saves import turns
from registry.errors import Usage

PROMPT = "prompts/support/triage.prompt.yaml"
TONE = "prompts/partials/tone.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path)


class Watched:
    """A loop that watches, and the turns that acts on its files lead to."""

    def __init__(self, root: Path) -> None:
        self.stop = threading.Event()
        self.blind: list[str] = []
        self.seen: Iterator[Turn] = turns(DevLoop(root), root, self.stop, self.blind.append)
        self.first = next(self.seen)

    def after(self, act: Callable[[], object], *, within_s: float = 10.0) -> Turn | None:
        """The first turn after an act; None when there is none in time."""
        timer = threading.Timer(within_s, self.stop.set)
        timer.start()
        act()
        try:
            return next(self.seen, None)
        finally:
            timer.cancel()

    def nothing_more(self, within_s: float = 0.6) -> bool:
        return self.after(lambda: None, within_s=within_s) is None


@pytest.fixture
def watched(root: Path) -> Iterator[Watched]:
    made = Watched(root)
    yield made
    made.stop.set()
    assert next(made.seen, None) is None


def _say(place: Path, text: str) -> None:
    place.write_text(text)


def test_a_save_is_seen_at_once(watched: Watched, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saves, "LOOK_S", 3600)  # so that it is the system's word, not a look now and then
    turn = watched.after(lambda: _say(root / TONE, "Be kind.\n"))
    assert turn is not None
    assert turn.release == 2
    assert watched.blind == []


def test_what_the_loop_itself_reads_and_writes_does_not_wake_it(watched: Watched) -> None:
    assert watched.nothing_more()


def test_an_editor_that_writes_beside_and_renames_leads_to_one_turn(watched: Watched, root: Path) -> None:
    def sed() -> None:
        subprocess.run(["sed", "-i", "s/route tickets/route letters/", root / PROMPT], check=True)

    turn = watched.after(sed)
    assert turn is not None
    assert turn.changes[0].id == "support/triage"
    assert watched.nothing_more()


def test_the_same_findings_are_told_once_for_a_save(watched: Watched, root: Path) -> None:
    turn = watched.after(
        lambda: subprocess.run(["sed", "-i", "s,models/chat,models/none,", root / PROMPT], check=True)
    )
    assert turn is not None
    assert not turn.clean
    assert watched.nothing_more()


def test_an_editor_that_moves_the_old_file_away_first_takes_nothing_from_a_service(
    root: Path, watched: Watched
) -> None:
    def vim() -> None:
        text = (root / PROMPT).read_text().replace("route tickets", "route letters")
        (root / PROMPT).rename(root / f"{PROMPT}~")
        (root / PROMPT).write_text(text)
        (root / f"{PROMPT}~").unlink()

    turn = watched.after(vim)
    assert turn is not None
    assert (turn.release, [change.what for change in turn.changes]) == (2, ["changed"])


def test_a_file_that_is_written_in_pieces_is_looked_at_when_it_is_whole(watched: Watched, root: Path) -> None:
    text = (root / PROMPT).read_text().replace("route tickets", "route letters")

    def slowly() -> None:
        with (root / PROMPT).open("w") as file:
            for piece in (text[:80], text[80:200], text[200:]):
                file.write(piece)
                file.flush()
                time.sleep(0.03)

    turn = watched.after(slowly)
    assert turn is not None
    assert (turn.clean, turn.release) == (True, 2)


def test_a_link_that_is_swapped_over_a_file_is_seen(watched: Watched, root: Path) -> None:
    (root / "other.md").write_text("Be sly.\n")

    def swap() -> None:
        (root / "prompts/partials/link").symlink_to(root / "other.md")
        (root / "prompts/partials/link").replace(root / TONE)

    turn = watched.after(swap)
    assert turn is not None
    assert (turn.clean, turn.release) == (False, 1)  # a link is not followed, so the partial is missing


def test_a_folder_that_is_removed_and_made_anew_is_watched_again(
    watched: Watched, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = watched.after(lambda: (root / "prompts").rename(root / "away"))
    assert turn is not None
    assert turn.refusal is not None
    turn = watched.after(lambda: (root / "away").rename(root / "prompts"))
    assert turn is not None
    assert turn.clean
    monkeypatch.setattr(saves, "LOOK_S", 3600)  # so that it is the system's word, not a look now and then
    turn = watched.after(lambda: _say(root / TONE, "Be kind.\n"))
    assert turn is not None
    assert turn.release == 2


def test_a_checkout_of_thousands_of_files_is_one_release(root: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"]
        subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)

    (root / ".gitignore").write_text(".promptyard/\n")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    for number in range(1500):
        write(root, {}, **{f"prompts/many/n{number // 50}/t{number}.md": f"Text {number}.\n"})
    _say(root / TONE, "Be kind.\n")
    git("add", ".")
    git("commit", "-qm", "two")
    watched = Watched(root)
    try:
        turn = watched.after(lambda: git("checkout", "-q", "main"))
        assert turn is not None
        assert (turn.clean, turn.release, len(turn.changes)) == (True, 2, 1)
        assert watched.nothing_more()
    finally:
        watched.stop.set()


def test_a_save_while_one_is_published_is_not_lost(watched: Watched, root: Path, monkeypatch) -> None:
    whole = DevLoop.step
    saved: list[int] = []

    def step(loop: DevLoop) -> Turn:
        turn = whole(loop)
        if not saved:
            saved.append(1)
            _say(root / TONE, "Be quick.\n")
        return turn

    monkeypatch.setattr(DevLoop, "step", step)
    first = watched.after(lambda: _say(root / TONE, "Be kind.\n"))
    second = watched.after(lambda: None)
    assert first is not None
    assert second is not None
    assert (first.release, second.release) == (2, 3)


def test_where_the_system_has_no_watches_left_it_is_said_and_the_files_are_looked_at(
    root: Path, monkeypatch
) -> None:
    class NoWatchesLeft:
        def schedule(self, *_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(saves, "Observer", NoWatchesLeft)
    watched = Watched(root)
    turn = watched.after(lambda: _say(root / TONE, "Be kind.\n"))
    watched.stop.set()
    assert turn is not None
    assert turn.release == 2
    assert watched.blind == ["inotify watch limit reached"]


def test_what_the_system_forgot_to_tell_is_found_by_looking(root: Path, monkeypatch) -> None:
    monkeypatch.setattr(saves._Saves, "on_any_event", lambda *_: None)
    monkeypatch.setattr(saves, "LOOK_S", 0.3)
    watched = Watched(root)
    turn = watched.after(lambda: _say(root / TONE, "Be kind.\n"))
    watched.stop.set()
    assert turn is not None
    assert turn.release == 2


def test_another_content_folder_in_the_settings_is_watched_from_then_on(
    watched: Watched, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move() -> None:
        (root / "prompts").rename(root / "content")
        _say(root / "promptyard.yaml", "promptyard: 1\ncontent: content\n")

    turn = watched.after(move)
    while turn is not None and turn.refusal is not None:
        turn = watched.after(lambda: None)
    assert turn is not None
    assert turn.clean
    monkeypatch.setattr(saves, "LOOK_S", 3600)
    turn = watched.after(lambda: _say(root / "content/partials/tone.md", "Be kind.\n"))
    assert turn is not None
    assert turn.release == 2


def test_without_a_content_folder_there_is_nothing_to_watch(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="WAT001"):
        next(turns(DevLoop(tmp_path), tmp_path, threading.Event()))


def test_a_stop_ends_it_soon(watched: Watched) -> None:
    assert watched.nothing_more(within_s=0.1)  # it never ends by itself
