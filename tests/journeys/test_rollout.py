"""Three services, a canary that one of them refuses, and a watch that takes it back; then one that goes to all.

The watch is the real command in a process of its own. It is killed half-way, and another one goes on.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.content import write

import serve
from registry.cli.main import main
from serve.core.assign import drawn

COMMAND = [sys.executable, "-c", "from registry.cli.main import run; run()"]
PERCENT = 34


class Shop:
    """A registry with a folder store, and the command line over it."""

    def __init__(self, root: Path) -> None:
        self.root = write(root / "shop", **{"promptyard.yaml": "promptyard: 1\n"})
        self.store = self.root / ".promptyard/store"
        self.sh("git", "init", "-q", "-b", "main")
        self.run("init", "--minimal")

    def sh(self, *words: str) -> str:
        return subprocess.run(words, cwd=self.root, check=True, capture_output=True, text=True).stdout

    def run(self, *words: str) -> str:
        done = CliRunner().invoke(main, ["-C", str(self.root), *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    def release(self, tone: str) -> dict:
        """Another release on staging."""
        write(self.root, **{"prompts/partials/tone.md": f"Be {tone}.\n"})
        self.sh("git", "add", "-A")
        self.sh("git", "commit", "-q", "-m", tone)
        return json.loads(self.run("publish", "--yes", "--json"))

    def watch(self, *more: str) -> subprocess.Popen[str]:
        words = ["rollout", "watch", "production", "--yes", "--interval", "0.1", "--json", *more]
        return subprocess.Popen([*COMMAND, "-C", str(self.root), *words], stdout=subprocess.PIPE, text=True)


class Services:
    """Three services on one channel: ``names`` for a release of which the first alone is drawn."""

    def __init__(self, shop: Shop, names: list[str], folder: Path) -> None:
        self.clients = [
            serve.connect(
                f"file:{shop.store}",
                trust=shop.root / "trust/production.root.json",
                cache=folder / name,
                instance=name,
                report=f"file:{shop.store}",
                start=False,
            )
            for name in names
        ]
        self.ran: set[int] = set()

    def step(self) -> None:
        """One poll of each; what is refused is in the report."""
        for client in self.clients:
            with contextlib.suppress(serve.Refused):
                client.step()
            live = client.live
            assert live is not None
            self.ran.add(live.release)
            reporter = client._reporter
            assert reporter is not None
            if reporter._writing is not None:
                reporter._writing.join(5)

    def releases(self) -> list[int]:
        return [client.live.release for client in self.clients if client.live is not None]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.invalid")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    return Shop(tmp_path)


def drawn_alone(*digests: str) -> list[str]:
    """Three names; rollouts of these bundles draw the first and neither of the others."""
    salts = [digest[:16] for digest in digests]
    names = [f"web-{n}" for n in range(10_000)]
    inside = [name for name in names if all(drawn(name, salt, PERCENT) for salt in salts)]
    outside = [name for name in names if not any(drawn(name, salt, PERCENT) for salt in salts)]
    return [inside[0], *outside[:2]]


def test_a_bad_canary_is_taken_back_and_a_good_one_goes_to_all(shop: Shop, tmp_path: Path) -> None:
    shop.release("calm")
    shop.run("promote", "staging", "production", "--yes")
    bad = shop.release("kind")
    services = Services(shop, drawn_alone(bad["sha256"]), tmp_path)
    services.step()
    assert services.releases() == [1, 1, 1]

    begin = ["promote", "staging", "production", "--canary", str(PERCENT), "--bake", "1h", "--yes"]
    shop.run(*begin, "--steps", f"{PERCENT},100")
    damaged = shop.store / "objects/sha256" / bad["sha256"]
    damaged.unlink()
    damaged.write_bytes(b"not what was signed for")
    services.step()
    watching = shop.watch()
    said = watching.communicate(timeout=60)[0].splitlines()
    assert watching.returncode == 1
    assert json.loads(said[-1])["act"] == "end"
    newest = json.loads(shop.run("history", "production", "--json"))["moves"][0]
    assert (newest["action"], newest["release"], newest["ended"]) == ("rollback", 1, 2)
    assert newest["reason"] == "taken back by itself: one instance refused release 2: BND008"
    services.step()
    assert services.releases() == [1, 1, 1]
    assert services.ran == {1}, "nobody ever ran what was refused"

    good = shop.release("brief")
    again = Services(shop, drawn_alone(good["sha256"]), tmp_path / "again")
    shutil.rmtree(shop.store / "status")
    again.step()
    shop.run(*begin, "--steps", f"{PERCENT},100")
    again.step()
    assert again.releases() == [3, 1, 1]

    first = shop.watch()
    assert first.stdout is not None
    assert json.loads(first.stdout.readline())["at"] == PERCENT
    first.kill()
    first.communicate(timeout=10)
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(again, done))
    beat.start()
    try:
        second = shop.watch("--bake", "1s")
        said = second.communicate(timeout=60)[0].splitlines()
    finally:
        done.set()
        beat.join(10)
    assert json.loads(said[-1])["act"] == "finish", said
    again.step()
    assert again.releases() == [3, 3, 3]
    assert again.ran == {1, 3}


def _beat(services: Services, done: threading.Event) -> None:
    """Services that poll, and report sooner than a quarter of a bake time of ten minutes would have them."""
    while not done.is_set():
        for client in services.clients:
            reporter = client._reporter
            assert reporter is not None
            reporter._told = None
        services.step()
        time.sleep(0.1)
