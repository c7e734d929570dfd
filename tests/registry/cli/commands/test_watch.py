from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import serve
from registry.devloop import saves
from serve.core.bundle import unpack

PROMPT = "prompts/support/triage.prompt.yaml"


def test_once_publishes_the_working_copy_and_says_how_to_poll_it(run, plain: Path) -> None:
    result = run("watch", "--once")
    assert result.stdout.startswith("release 1  added support/triage")
    assert "serve.connect(" in result.stderr
    assert "promptyard serve --store file:.promptyard/dev/store --channel dev" in result.stderr
    (path,) = (plain / ".promptyard/dev/store/objects/sha256").iterdir()
    assert unpack(path.read_bytes()).manifest.commit == "working-copy"


def test_the_line_for_a_server_names_what_lies_below_here_by_a_short_path(
    run, plain: Path, monkeypatch
) -> None:
    (line,) = (row for row in run("watch", "--once").stderr.splitlines() if "promptyard serve" in row)
    assert "--store file:.promptyard/dev/store " in line
    assert "--trust .promptyard/dev/dev.root.json " in line
    monkeypatch.chdir(plain / "prompts")
    (line,) = (
        row for row in run("-C", str(plain), "watch", "--once").stderr.splitlines() if "serve --" in row
    )
    assert f"--trust {plain}/.promptyard/dev/dev.root.json " in line


def test_it_says_how_many_cases_were_rendered(run, told, plain: Path) -> None:
    assert told("watch", "--once")["rendered"] == 2
    (plain / "prompts/partials/tone.md").write_text("Be kind.\n")
    assert "  2 cases rendered  " in run("watch", "--once").stdout


def test_a_system_that_cannot_watch_is_told_with_what_to_do(run, plain: Path, monkeypatch) -> None:
    class NoWatchesLeft:
        def schedule(self, *_: object, **__: object) -> None:
            raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(saves, "Observer", NoWatchesLeft)
    errors = run("watch", "--once").stderr
    assert (
        "The system cannot watch the files (inotify watch limit reached); looking every 0.5 s instead."
        in errors
    )
    assert "fs.inotify.max_user_watches" in errors


def test_the_line_that_it_tells_for_a_service_works_as_it_stands(run, plain: Path) -> None:
    told = run("watch", "--once").stderr
    (line,) = (row.strip() for row in told.splitlines() if "serve.connect(" in row)
    with eval(line, {"serve": serve}) as client:
        assert client.live.release == 1
        assert "support/triage" in client.live.prompts()


def test_what_has_not_changed_is_not_published_again(run, plain: Path) -> None:
    run("watch", "--once")
    assert run("watch", "--once").stdout == "release 1 is up to date\n"


def test_errors_are_told_and_nothing_is_published(run, told, plain: Path) -> None:
    run("watch", "--once")
    text = (plain / PROMPT).read_text()
    (plain / PROMPT).write_text(text.replace("models/chat", "models/chats"))
    result = run("watch", "--once", code=1)
    assert "error REF001" in result.stdout
    assert "not published: release 1 stays" in result.stdout
    said = told("watch", "--once", code=1)
    assert (said["release"], said["clean"]) == (1, False)


def test_without_a_content_folder_it_is_a_usage_error(error_of, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "WAT001" in error_of(2, ["watch", "--once"])


def test_every_save_is_published_until_an_interrupt_which_is_a_clean_end(plain: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "registry.cli", "watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["release"] == 1
        (plain / "prompts/partials/tone.md").write_text("Be kind.\n")
        said = json.loads(process.stdout.readline())
        assert said["release"] == 2
        assert said["changes"][0]["reasons"] == ["partial partials/tone.md", "message rules"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        _, errors = process.communicate()
    assert "Traceback" not in errors


def test_warnings_that_stand_as_before_are_counted_and_new_ones_are_told(plain: Path) -> None:
    tone = plain / "prompts/partials/tone.md"
    (plain / "prompts/models/idle.model.yaml").write_text(
        (plain / "prompts/models/chat.model.yaml").read_text()
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "registry.cli", "watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        first = _until(process.stdout, "release 1")
        assert any("REF002" in line and "idle" in line for line in first)
        tone.write_text("Be kind.\n")
        second = _until(process.stdout, "release 2")
        assert not any("REF002" in line for line in second)
        assert any(line.endswith(" as before: promptyard lint\n") for line in second)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.communicate()


def _until(lines: TextIO, words: str) -> list[str]:
    """The lines up to the one that begins with some words."""
    seen: list[str] = []
    while not seen or not seen[-1].startswith(words):
        seen.append(lines.readline())
        assert seen[-1], seen
    return seen
