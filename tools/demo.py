"""The whole story, played with the real commands: edit, prove, release, hot-load, stop a bad change, roll back.

Everything happens in a throw-away folder: a Git repository, a folder store, two processes of a tiny service.
Nothing is faked and nothing is kept, unless ``--keep`` names a folder.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.table import Table
from rich.text import Text

PROMPT = "prompts/support/triage.prompt.yaml"
TICKET = "My card was stolen last night. Please freeze it before somebody uses it."
BEFORE = "You route support tickets for a bank."
AFTER = "Your task is to route support tickets for a bank."
LIST = re.compile(r"\n *\{% for team in teams %\}.*?\{% endfor %\} *(?=\n)", re.DOTALL)
WAIT_S = 20.0
WIDTH = 150


class Failed(Exception):
    """The demo did not show what it set out to show."""


def _console() -> Console:
    """As wide as the terminal; wide enough for the story where there is none."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)


@dataclass
class Story:
    """What is told: each step with what it showed and how long it took."""

    folder: Path
    console: Console = field(default_factory=_console)
    shown: list[tuple[str, str, float]] = field(default_factory=list)

    @property
    def repository(self) -> Path:
        """The throw-away registry."""
        return self.folder / "bank-prompts"

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """One step: its title, what happens inside, and the one line that goes into the table."""
        self.console.print(Text(f"\n{len(self.shown) + 1}. {title}", style="bold"))
        start = time.monotonic()
        result: list[str] = []
        yield result.append
        self.shown.append((title, result[-1] if result else "", time.monotonic() - start))

    def say(self, line: str, style: str = "dim") -> None:
        """One line of telling."""
        self.console.print(Text(f"   {line}", style=style))

    def run(
        self, *command: str, expect: int = 0, show: str = "", most: int = 12, at: Path | None = None
    ) -> str:
        """A command as a user would type it; shows the lines that match; fails on another exit code."""
        shown = " ".join(f"'{word}'" if " " in word else word for word in command)
        self.console.print(Text(f"   $ {shown}", style="cyan"))
        words = (
            [sys.executable, "-m", "registry.cli", *command[1:]]
            if command[0] == "promptyard"
            else list(command)
        )
        done = subprocess.run(
            words,
            cwd=at or self.repository,
            env=_environment(self.folder),
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        if done.returncode != expect:
            self.console.print(output, markup=False)
            raise Failed(f"{shown} ended with {done.returncode}, not {expect}")
        matching = (
            [row for row in output.splitlines() if row.strip() and re.search(show, row)] if show else []
        )
        for line in matching[:most]:
            self.say(f"  {line[:WIDTH]}", "")
        return output

    def table(self) -> Table:
        """What was shown, and how long each step took."""
        table = Table(title="What was shown", title_justify="left", title_style="bold")
        for name, how in (("step", "left"), ("seen", "left"), ("seconds", "right")):
            table.add_column(name, justify="right" if how == "right" else "left")
        for title, seen, seconds in self.shown:
            table.add_row(title, seen, f"{seconds:.1f}")
        table.add_section()
        table.add_row("in all", "", f"{sum(seconds for *_, seconds in self.shown):.1f}")
        return table


class Workers:
    """Two processes of the tiny service, each with its own cache."""

    def __init__(self, story: Story) -> None:
        self._ports = [_free_port(), _free_port()]
        weights = story.repository / "prompts/models/demo-triage"
        self._processes = [
            subprocess.Popen(
                [
                    sys.executable, "-m", "tools.demo_service", "--port", str(port), "--weights", str(weights),
                    "--store", f"file:{story.repository}/.promptyard/store", "--cache", str(story.folder / f"cache-{port}"),
                    "--trust", str(story.repository / "trust/production.root.json"),
                ],
                cwd=Path(__file__).parent.parent,
                stderr=subprocess.PIPE,
            )
            for port in self._ports
        ]  # fmt: skip
        self.pids = [process.pid for process in self._processes]

    def ask(self) -> list[dict[str, object]]:
        """What each process answers to one ticket now."""
        return [self._ask(port) for port in self._ports]

    def wait_for(self, release: int, state: str = "fresh") -> tuple[list[dict[str, object]], float]:
        """The answers once both answer from a release in a state, and the seconds it took; the pids must not change."""
        start = time.monotonic()
        while time.monotonic() - start < WAIT_S:
            try:
                answers = self.ask()
            except OSError:
                answers = []
            if answers and all(
                (answer["release"], answer["state"]) == (release, state) for answer in answers
            ):
                if [answer["pid"] for answer in answers] != self.pids:
                    raise Failed("a worker process was restarted")
                return answers, time.monotonic() - start
            if any(process.poll() is not None for process in self._processes):
                raise Failed(
                    f"a worker died: {self._processes[0].stderr and self._processes[0].stderr.read()!r}"
                )
            time.sleep(0.05)
        raise Failed(f"the workers did not reach release {release}, {state}, within {WAIT_S:.0f} s")

    def stop(self) -> None:
        """Ends both."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(timeout=10)

    def _ask(self, port: int) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/?ticket={quote(TICKET)}", timeout=5) as reply:
            answer: dict[str, object] = json.load(reply)
            return answer


def play(story: Story) -> None:
    """The story, in order."""
    author(story)
    release_one(story)
    workers = Workers(story)
    try:
        hot_load(story, workers)
        harmless(story, workers)
        harmful(story)
        roll_back(story, workers)
        store_away(story, workers)
    finally:
        workers.stop()


def author(story: Story) -> None:
    """A registry from nothing, linted and rendered."""
    with story.step("A registry from nothing") as seen:
        story.run("promptyard", "init", "bank-prompts", at=story.folder)
        story.run("git", "config", "user.name", "Ann")
        story.run("git", "config", "user.email", "ann@bank.example")
        story.run("git", "add", "-A")
        story.run("git", "commit", "-q", "-m", "Begin with the starter registry")
        seen("init, one commit")
    with story.step("Lint and render") as seen:
        story.run("promptyard", "lint", show="checked")
        body = story.run(
            "promptyard",
            "render",
            "support/triage",
            "--input",
            'teams=["cards","fraud"]',
            "--input",
            f"ticket={TICKET}",
            show=".",
            most=20,
        )
        seen(f"{len(body.splitlines())} lines of exact messages")


def release_one(story: Story) -> None:
    """Proof, then the first signed release on both channels."""
    with story.step("Prove, then release 1") as seen:
        story.run("promptyard", "test", show="cases,|pass rate|required|VERDICT|profile")
        story.run("promptyard", "publish", "--yes", show="published|verified")
        story.run("promptyard", "promote", "staging", "production", "--yes", show="promoted|verified")
        seen("tested, signed, live on staging and production")


def hot_load(story: Story, workers: Workers) -> None:
    """Two running processes pick it up."""
    with story.step("Two worker processes hot-load it") as seen:
        answers, _ = workers.wait_for(1)
        _tell(story, answers)
        seen(f"pids {workers.pids[0]} and {workers.pids[1]} answer from release 1")


def harmless(story: Story, workers: Workers) -> None:
    """A rewording passes the gate and reaches the workers without a restart."""
    with story.step("A harmless rewording passes the gate") as seen:
        story.run("git", "switch", "-q", "-c", "reword")
        _edit(story, lambda text: text.replace(BEFORE, AFTER))
        story.run("git", "commit", "-qam", "Say it as a task")
        report = story.run(
            "promptyard", "test", "support/triage", "--base", "main", show="cases,|pass rate|required|VERDICT"
        )
        seen(_verdict(report))
    with story.step("Merged, released, live without a restart") as seen:
        story.run("git", "switch", "-q", "main")
        story.run("git", "merge", "-q", "--ff-only", "reword")
        story.run("promptyard", "publish", "--yes", show="published|verified")
        story.run("promptyard", "promote", "staging", "production", "--yes", show="promoted|verified")
        answers, seconds = workers.wait_for(2)
        _tell(story, answers)
        if any(answer["first_line"] != AFTER for answer in answers):
            raise Failed("the workers do not say the new words")
        seen(f"same pids, new words, {seconds:.1f} s after promote")


def harmful(story: Story) -> None:
    """A branch that drops the list of teams is stopped, with the cases named."""
    with story.step("A branch that drops the team list is stopped") as seen:
        story.run("git", "switch", "-q", "-c", "shorter")
        _edit(story, lambda text: LIST.sub("", text))
        story.run("git", "commit", "-qam", "Make the prompt shorter")
        report = story.run(
            "promptyard",
            "test",
            "support/triage",
            "--base",
            "main",
            expect=1,
            show="cases,|pass rate|VERDICT",
        )
        lost = [line.strip() for line in report.splitlines() if line.strip().startswith("lost ")]
        for line in [*lost[:4], f"… {len(lost)} lost cases are named in all"]:
            story.say(f"    {line[:WIDTH]}", "")
        story.run("git", "switch", "-q", "main")
        seen(_verdict(report))


def roll_back(story: Story, workers: Workers) -> None:
    """An operator returns to release 1."""
    with story.step("One release is rolled back") as seen:
        story.run(
            "promptyard",
            "rollback",
            "production",
            "--to",
            "1",
            "--reason",
            "support wants the old words",
            "--yes",
            show="rolled|verified",
        )
        answers, seconds = workers.wait_for(1)
        _tell(story, answers)
        story.run("promptyard", "history", "production", show="release")
        seen(f"both back on release 1 after {seconds:.1f} s")


def store_away(story: Story, workers: Workers) -> None:
    """The store disappears; the service does not."""
    with story.step("The store goes away, the service stays") as seen:
        store = story.repository / ".promptyard/store"
        store.rename(story.folder / "store-away")
        answers, seconds = workers.wait_for(1, state="stale")
        _tell(story, answers)
        (story.folder / "store-away").rename(store)
        workers.wait_for(1, state="fresh")
        seen(f"both answer from release 1, say so after {seconds:.0f} s, and recover")


def _tell(story: Story, answers: list[dict[str, object]]) -> None:
    for answer in answers:
        place = f"pid {answer['pid']}  release {answer['release']}, {answer['state']}"
        story.say(f"{place}  “{answer['first_line']}”  →  {answer['answer']}", "green")


def _edit(story: Story, change: Callable[[str], str]) -> None:
    place = story.repository / PROMPT
    text = place.read_text(encoding="utf-8")
    if change(text) == text:
        raise Failed(f"the demo's edit does not fit {PROMPT} any more")
    place.write_text(change(text), encoding="utf-8")
    story.run("git", "--no-pager", "diff", "--no-color", "-U0", show=r"^[-+](?![-+])")


def _verdict(report: str) -> str:
    words = re.findall(r"\b(REGRESSION|NON-INFERIOR|IMPROVED|INCONCLUSIVE|UNCHANGED)\b", report)
    return words[-1] if words else "?"


def _environment(folder: Path) -> dict[str, str]:
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "160", "NO_COLOR": "1"}
    return {**os.environ, **quiet, "HOME": str(folder)}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def main() -> None:
    """Plays the story and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", metavar="FOLDER", help="play in this folder and leave everything there")
    options = parser.parse_args()
    folder = Path(options.keep or tempfile.mkdtemp(prefix="promptyard-demo-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    story = Story(folder)
    try:
        play(story)
    except Failed as failure:
        story.console.print(Text(f"\nThe demo failed: {failure}", style="bold red"))
        sys.exit(1)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    story.console.print()
    story.console.print(story.table())


if __name__ == "__main__":
    main()
