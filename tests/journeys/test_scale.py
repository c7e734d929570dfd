"""Runs that are killed again and again lose nothing; a change to one of many prompts asks that prompt's cases alone."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.models import WEIGHTS
from support.yard_of_cases import write

COMMAND = [sys.executable, "-c", "from registry.cli.main import run; run()"]
MODEL = "promptyard: 1\nengine: ctranslate2\nmodel: tiny\nweights: {path: tiny}\nparameters: {maxTokens: 2}\n"
PROMPT = """\
promptyard: 1
description: Routes a ticket.
owner: words
model: models/tiny
inputs: {word: {type: string, maxLength: 40}}
messages:
  - {role: user, content: "Route NUMBER: {{ word }}"}
"""
CASES = 2000
PROMPTS = 1000


def registry(root: Path, files: dict[str, str]) -> Path:
    nothing = dict.fromkeys(("prompts/words/shout.prompt.yaml", "prompts/words/shout.suite.yaml"), "")
    write(
        root,
        {**nothing, "prompts/words/shown.suite.yaml": "", "prompts/models/tiny.model.yaml": MODEL, **files},
    )
    shutil.rmtree(root / "prompts/models/tiny")
    shutil.copytree(WEIGHTS, root / "prompts/models/tiny")
    return root


def lines(record: Path) -> list[dict[str, object]]:
    found = []
    for line in record.read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [line for line in found if "completion" in line]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_that_is_killed_at_any_moment_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    rows = "\n".join(json.dumps({"w": f"card {n}"}) for n in range(CASES))
    suite = {
        "promptyard": 1,
        "prompt": "words/route",
        "datasets": [
            {"file": "route.jsonl", "inputs": {"word": "w"}, "expect": [{"word-count": {"max": 9}}]}
        ],
    }
    files = {
        "prompts/words/route.prompt.yaml": PROMPT,
        "prompts/words/route.suite.yaml": json.dumps(suite),
        "prompts/words/route.jsonl": rows,
    }
    root, record = registry(tmp_path / "yard", files), tmp_path / "run.jsonl"
    command = [*COMMAND, "-C", str(root), "test", "--device", "cpu", "--no-cache", "--record", str(record)]
    moments = random.Random(4)
    for _ in range(4):
        before = len(lines(record)) if record.exists() else 0
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        goal = before + moments.randrange(1, 400)
        deadline = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < deadline:
            if record.exists() and record.read_bytes().count(b"\n") >= goal:
                break
            time.sleep(moments.random() / 50)
        running.kill()
        running.wait()
    kept = lines(record)
    assert 0 < len(kept) < CASES
    done = subprocess.run([*command[:3], "--json", *command[3:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = lines(record)
    assert len(told) == len({line["case"] for line in told}) == CASES
    assert told[: len(kept)] == kept
    assert not any("cached" in line["completion"] for line in told)  # type: ignore[operator]
    (verdict,) = json.loads(done.stdout)["verdicts"]
    assert verdict["head"]["cases"] == CASES


def test_a_word_in_one_of_a_thousand_prompts_asks_that_prompts_cases_alone(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for n in range(PROMPTS):
        cases = [
            {"id": word, "inputs": {"word": word}, "expect": [{"word-count": {"max": 9}}]}
            for word in ("card", "bank")
        ]
        files[f"prompts/many/p{n}.prompt.yaml"] = PROMPT.replace("NUMBER", str(n))
        files[f"prompts/many/p{n}.suite.yaml"] = json.dumps(
            {"promptyard": 1, "prompt": f"many/p{n}", "cases": cases}
        )
    root = registry(tmp_path / "yard", files)
    command = [*COMMAND, "--json", "-C", str(root), "test", "--device", "cpu"]
    subprocess.run(command, capture_output=True, check=True)
    prompt = root / "prompts/many/p417.prompt.yaml"
    prompt.write_text(prompt.read_text().replace("Route", "Send"))
    record = tmp_path / "second.jsonl"
    done = subprocess.run(
        [*command, "--record", str(record), "--explain"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    asked = [line for line in lines(record) if "cached" not in line["completion"]]  # type: ignore[operator]
    assert sorted((line["suite"], line["case"]) for line in asked) == [
        ("many/p417", "bank"),
        ("many/p417", "card"),
    ]
    reasons = json.loads(done.stdout)["reasons"]
    assert len(reasons) == 2 * PROMPTS
    assert {(r["suite"], r["why"]) for r in reasons if r["how"] == "asked"} == {
        ("many/p417", "the prompt changed since the last run")
    }
    assert {r["why"] for r in reasons if r["how"] != "asked"} == {"unchanged; its answer is kept"}
