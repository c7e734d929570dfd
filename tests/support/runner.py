"""A runner for GitHub's workflows on this machine: it clones, keeps artefacts, and runs every step's script in bash.

Only installing the tool is replaced: ``pip`` says what it was asked for, and ``promptyard`` is this checkout's.
It must never lend a job the credentials of who runs the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from support.expressions import filled, holds

PINNED = {
    "actions/checkout": "checkout",
    "actions/setup-python": "python",
    "actions/upload-artifact": "upload",
    "actions/download-artifact": "download",
}


@dataclass
class Step:
    """What one step did. ``code`` is None where its condition kept it from running."""

    job: str
    name: str
    code: int | None
    out: str = ""


@dataclass
class Runner:
    """Runs workflows of a remote. ``api`` is the address of a server that plays GitHub."""

    remote: Path
    work: Path
    api: str
    vars: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)
    summary: str = ""

    def run(
        self, workflow: str, event: str, payload: Mapping[str, Any], *, sha: str, ref: str = "main"
    ) -> Runner:
        """Run a workflow's jobs one after the other, as the commit ``sha`` of the remote has it."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.steps, self.results, self.summary = [], {}, ""
        tools(self.work / "bin")
        github = {
            "event": payload, "event_name": event, "sha": sha, "ref_name": ref, "token": "tkn",
            "repository": "acme/prompts", "server_url": "https://github.invalid", "run_id": "77",
            "base_ref": payload.get("pull_request", {}).get("base", {}).get("ref", ""),
        }  # fmt: skip
        self._file(workflow, {"github": github, "vars": self.vars, "inputs": payload.get("inputs", {})})
        return self

    @property
    def failures(self) -> list[Step]:
        """The steps that failed, for whoever reads a broken test."""
        return [step for step in self.steps if step.code]

    def out(self, name: str) -> str:
        """What the step of that name wrote."""
        return "\n".join(step.out for step in self.steps if step.name == name)

    def _file(self, workflow: str, contexts: Mapping[str, Any]) -> None:
        sha = contexts["github"]["sha"]
        place = f"{sha}:.github/workflows/{workflow}"
        text = subprocess.run(
            ["git", "-C", str(self.remote), "show", place], capture_output=True, text=True, check=True
        ).stdout
        read = yaml.safe_load(text)
        for name, job in read["jobs"].items():
            needs = job.get("needs", [])
            needed = {
                it: {"result": self.results[it]} for it in ([needs] if isinstance(needs, str) else needs)
            }
            fine = all(it["result"] == "success" for it in needed.values())
            calls = {"success": fine, "failure": not fine, "always": True, "cancelled": False}
            here = {**contexts, "needs": needed}
            if not holds(job.get("if"), here, calls):
                self.results[name] = "skipped"
            elif "uses" in job:
                self._file(job["uses"].rpartition("/")[2], contexts)
            else:
                self.results[name] = self._job(name, job, here, {**read.get("env", {}), **job.get("env", {})})

    def _job(
        self, name: str, job: Mapping[str, Any], contexts: Mapping[str, Any], env: Mapping[str, str]
    ) -> str:
        folder = self.work / name
        (folder / "tree").mkdir(parents=True)
        (folder / "temp").mkdir()
        given, failed = self._environment(folder, contexts, job.get("permissions", {})), False
        for step in job["steps"]:
            calls = {"success": not failed, "failure": failed, "always": True, "cancelled": False}
            label = step.get("name") or step.get("uses", "").partition("@")[0] or step["run"].splitlines()[0]
            if not holds(step.get("if"), contexts, calls):
                self.steps.append(Step(name, label, None))
                continue
            texts = {**env, **step.get("env", {})}
            more = {key: filled(str(value), contexts, calls) for key, value in texts.items()}
            told = (
                self._uses(step, folder, contexts, calls)
                if "uses" in step
                else self._bash(step, folder, {**given, **more})
            )
            self.steps.append(Step(name, label, *told))
            failed = failed or told[0] != 0
            given |= _lines(folder / "env")
        self.summary += (folder / "summary").read_text()
        return "failure" if failed else "success"

    def _environment(
        self, folder: Path, contexts: Mapping[str, Any], permissions: Mapping[str, str]
    ) -> dict[str, str]:
        github = contexts["github"]
        for name in ("env", "output", "summary", "path"):
            (folder / name).touch()
        (folder / "event.json").write_text(json.dumps(github["event"]))
        identity = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.api}/token?v=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "idt",
        } if permissions.get("id-token") == "write" else {}  # fmt: skip
        return {
            "PATH": f"{self.work / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "CI": "true", "LANG": "C.UTF-8",
            "GITHUB_ACTIONS": "true", "GITHUB_API_URL": self.api, "GITHUB_REPOSITORY": github["repository"],
            "GITHUB_SHA": github["sha"], "GITHUB_ACTOR": "ada", "GITHUB_RUN_ID": github["run_id"],
            "GITHUB_SERVER_URL": github["server_url"], "GITHUB_REF_NAME": github["ref_name"],
            "GITHUB_EVENT_NAME": github["event_name"], "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_ENV": str(folder / "env"), "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_PATH": str(folder / "path"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"), "RUNNER_TEMP": str(folder / "temp"),
            "GIT_CONFIG_NOSYSTEM": "1", **identity, **self.env,
        }  # fmt: skip

    def _bash(self, step: Mapping[str, Any], folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
        script = folder / "temp" / f"step-{len(self.steps)}.sh"
        script.write_text(step["run"])
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(
            words, cwd=folder / "tree", env=dict(env), capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def _uses(
        self, step: Mapping[str, Any], folder: Path, contexts: Mapping[str, Any], calls: Mapping[str, bool]
    ) -> tuple[int, str]:
        given = {key: filled(str(value), contexts, calls) for key, value in step.get("with", {}).items()}
        kind, tree = PINNED[step["uses"].partition("@")[0]], folder / "tree"
        if kind == "checkout":
            return self._checkout(
                tree, given.get("ref") or contexts["github"]["sha"], given.get("fetch-depth")
            )
        store = self.work / "artefacts"
        if kind == "upload":
            held = sorted(tree.glob(given["path"]))
            for path in held:
                (store / given["name"]).mkdir(parents=True, exist_ok=True)
                shutil.copy(path, store / given["name"])
            return int(not held and given.get("if-no-files-found") == "error"), f"{len(held)} files"
        if kind == "download":
            (tree / given["path"]).mkdir(parents=True, exist_ok=True)
            for path in store.glob(f"{given.get('name', '*')}/*"):
                shutil.copy(path, tree / given["path"])
        return 0, ""

    def _checkout(self, tree: Path, ref: str, depth: str | None) -> tuple[int, str]:
        whole = [] if depth == "0" else ["--depth", "1"]
        url = f"file://{self.remote}"
        for words in (["init", "-q", "-b", "main"], ["remote", "add", "origin", url],
                      ["fetch", "-q", *whole, "origin", "+refs/heads/*:refs/remotes/origin/*"],
                      ["checkout", "-q", "--detach", ref]):  # fmt: skip
            done = subprocess.run(
                ["git", "-C", str(tree), *words], capture_output=True, text=True, check=False
            )
            if done.returncode:
                return done.returncode, done.stderr
        return 0, ""


def tools(folder: Path) -> Path:
    """A folder for PATH: this checkout's ``promptyard``, and a ``pip`` that installs nothing."""
    folder.mkdir(parents=True)
    top = Path(__file__).parents[2]
    scripts = {
        "promptyard": f'PYTHONPATH="{top}" exec "{sys.executable}" -m registry.cli "$@"',
        "pip": "test \"$*\" = 'install promptyard[registry,eval]'",
    }
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/bash\n{script}\n")
        (folder / name).chmod(0o755)
    for name in ("jq", "curl", "git"):
        found = shutil.which(name)
        if found and not (folder / name).exists():
            (folder / name).symlink_to(found)
    return folder


def _lines(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def bare_environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment of nothing but the tools, for scripts that no runner runs."""
    return {
        "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin", "HOME": os.devnull, "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", **more,
    }  # fmt: skip
