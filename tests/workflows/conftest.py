"""A registry on a remote, with a store on moto that only a borrowed role may write to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
import yaml
from support.hosting import Host, hosting
from support.runner import Runner, bare_environment, tools

PROMPT = "prompts/support/answer.prompt.yaml"
ROLE = "arn:aws:iam::123456789012:role/promptyard-staging"
_WHO = {
    f"GIT_{role}_{key}": "ada@example.invalid"
    for role in ("AUTHOR", "COMMITTER")
    for key in ("NAME", "EMAIL")
}


@dataclass
class Sandbox:
    """A bare remote, a clone to work in, a host and a store."""

    folder: Path
    store: str
    endpoint: str
    host: Host
    env: dict[str, str] = field(default_factory=dict)

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    def sh(self, *words: str, code: int = 0, at: Path | None = None, **more: str) -> str:
        env = {**self.env, **_WHO, **more}
        done = subprocess.run(
            words, cwd=at or self.clone, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def push(self, branch: str, message: str = "a change") -> str:
        """Commit all that changed, push it as a branch; its id."""
        self.sh("git", "add", "-A")
        self.sh("git", "commit", "-q", "--allow-empty", "-m", message)
        self.sh("git", "push", "-q", "origin", f"HEAD:{branch}")
        return self.sh("git", "rev-parse", "HEAD")

    def edit(self, old: str, new: str, path: str = PROMPT) -> None:
        text = (self.clone / path).read_text(encoding="utf-8")
        assert old in text
        (self.clone / path).write_text(text.replace(old, new), encoding="utf-8")

    def runner(self, name: str = "run") -> Runner:
        flags = {
            "PROMPTYARD_RELEASE": "on",
            "PROMPTYARD_ROLE": ROLE,
            "PROMPTYARD_READ_ROLE": ROLE,
            "PROMPTYARD_RESIGN_ROLE": ROLE,
        }
        place = {
            "AWS_ENDPOINT_URL_STS": self.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return Runner(self.remote, self.folder / name, self.host.url, vars=flags, env=place)

    def live(self, channel: str) -> list[dict[str, object]]:
        """The moves of a channel, newest first."""
        return json.loads(self.sh("promptyard", "history", channel, "--json", **self.writer))["moves"]

    def evidence(self) -> list[dict[str, object]]:
        """All evidence that lies in the store."""
        client = boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1")
        bucket = self.store.removeprefix("s3://").partition("/")[0]
        keys = [
            it["Key"] for it in client.list_objects_v2(Bucket=bucket)["Contents"] if "/objects/" in it["Key"]
        ]
        bodies = [client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        return [json.loads(body) for body in bodies if body.startswith(b"{")]

    @property
    def writer(self) -> dict[str, str]:
        """Credentials of an operator, for looking at the store."""
        return {key: value for key, value in os.environ.items() if key.startswith("AWS_")}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, moto_endpoint: str) -> Iterator[Sandbox]:
    for program in ("jq", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}, as every runner of GitHub has it")
    folder = tmp_path_factory.mktemp("sandbox")
    bucket = f"ci-{uuid.uuid4().hex[:12]}"
    boto3.client("s3", endpoint_url=moto_endpoint, region_name="us-east-1").create_bucket(Bucket=bucket)
    with hosting() as host:
        made = Sandbox(
            folder, f"s3://{bucket}/yard?endpoint={moto_endpoint}&region=us-east-1", moto_endpoint, host
        )
        made.env = bare_environment(tools(folder / "bin"))
        _begin(made)
        yield made


def _begin(sandbox: Sandbox) -> None:
    """What docs/operations/github.md asks for: init, a store, keys that the jobs can reach, one commit on main."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(sandbox.remote)], check=True)
    sandbox.clone.mkdir()
    roles = ("root", "targets", "online")
    keys = {
        name: {"keys": {role: f"file:{sandbox.folder}/keys/{name}-{role}.pem" for role in roles}}
        for name in ("staging", "production")
    }
    policy = {"requireEvidence": True, "releaseBranch": "main"}
    settings = {"promptyard": 1, "store": sandbox.store, "policy": policy, "channels": keys}
    (sandbox.clone / "promptyard.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    sandbox.sh("promptyard", "init", "--minimal", **sandbox.writer)
    sandbox.sh("promptyard", "fmt")
    sandbox.sh("git", "remote", "add", "origin", str(sandbox.remote))
    sandbox.push("main", "begin")
