"""What docs/operations tells people to copy is run as it stands there: GitLab's file, the scripts, the policies."""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support import yards
from workflows.conftest import ROLE, Sandbox

from registry.publish import condemned
from registry.publish.confirm import see
from registry.publish.resign import resign
from registry.publish.target import object_key

PAGES = Path(__file__).parents[2] / "docs/operations"
Request = tuple[str, str, bool]  # action, key or bucket, whether it carries a condition


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", (PAGES / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def script(opening: str) -> str:
    (found,) = [it for it in blocks("shell.md", "sh") if opening in it]
    return found


@pytest.fixture(scope="module")
def gitlab() -> dict[str, Any]:
    (text,) = blocks("gitlab.md", "yaml")
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def branch(sandbox: Sandbox) -> str:
    sandbox.edit("two sentences", "three sentences")
    return sandbox.push("longer", "a longer answer")


def job(sandbox: Sandbox, pipeline: dict[str, Any], name: str, *, code: int = 0, **variables: str) -> str:
    """Run a job's lines in one bash, as GitLab's runner does, in the sandbox's clone."""
    whole = {**pipeline.get(pipeline[name].get("extends"), {}), **pipeline[name]}
    lines = [*whole.get("before_script", pipeline["default"]["before_script"]), *whole["script"]]
    api = {
        "CI_API_V4_URL": sandbox.host.url,
        "CI_PROJECT_ID": "7",
        "CI_DEFAULT_BRANCH": "main",
        "CI_JOB_ID": "9",
    }
    place = {
        "AWS_ENDPOINT_URL_STS": sandbox.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "PROMPTYARD_ROLE": ROLE, "IDENTITY": "a-token", "CI": "true", "GITLAB_USER_LOGIN": "ada",
        "CI_JOB_URL": "https://gitlab.invalid/jobs/9", "PROMPTYARD_GITLAB_TOKEN": "tkn",
    }  # fmt: skip
    return sandbox.sh(
        "bash", "-eo", "pipefail", "-c", "\n".join(lines), code=code, **api, **place, **variables
    )


def test_gitlabs_file_fits_its_schema(gitlab: dict[str, Any]) -> None:
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        pytest.skip("needs check-jsonschema, which brings the schema: pip install check-jsonschema")
    place = Path(found.origin).parent / "builtin_schemas/vendor/gitlab-ci.json"
    schema = json.loads(place.read_text(encoding="utf-8"))
    assert [it.message for it in jsonschema.Draft7Validator(schema).iter_errors(gitlab)] == []


def test_gitlab_checks_a_merge_request_and_keeps_one_note(
    sandbox: Sandbox, gitlab: dict[str, Any], branch: str
) -> None:
    request = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_IID": "3"}
    job(sandbox, gitlab, "check", **request)
    assert (sandbox.clone / "regress.xml").is_file()
    sandbox.host.comments[:] = [{"id": 1, "body": "a person"}]
    for _ in range(2):
        job(sandbox, gitlab, "comment", **request)
    assert len(sandbox.host.comments) == 2
    assert "three sentences" in sandbox.host.comments[1]["body"]
    sandbox.sh("git", "clean", "-qfd")


def test_gitlab_proves_publishes_promotes_and_signs_again(
    sandbox: Sandbox, gitlab: dict[str, Any], branch: str
) -> None:
    sandbox.sh("git", "push", "-q", "origin", f"{branch}:main")
    sandbox.host.pulls[branch] = [{"iid": 3, "web_url": "https://gitlab.invalid/3"}]
    sandbox.host.approvals[3] = ["bob"]
    job(sandbox, gitlab, "prove")
    told = job(sandbox, gitlab, "publish", CI_COMMIT_SHA=branch)
    assert "verified as a service would" in told
    (proof,) = sandbox.evidence()
    assert proof["origin"]["approvals"] == [{"by": "bob", "request": "https://gitlab.invalid/3"}]  # type: ignore[index]
    job(sandbox, gitlab, "promote", REASON="it is time")
    (move,) = sandbox.live("production")
    assert (move["actor"], move["reason"]) == ("ada", "it is time")
    assert "young enough" in job(sandbox, gitlab, "resign")


def test_the_scripts_check_publish_promote_and_sign_again(sandbox: Sandbox, branch: str) -> None:
    sandbox.edit("three sentences", "four sentences")
    commit = sandbox.push("four", "four")
    sandbox.sh("sh", "-c", script("check.sh"), "check.sh", "origin/main")
    sandbox.sh("git", "clean", "-qfd")
    sandbox.sh("git", "push", "-q", "origin", f"{commit}:main")
    for said in ("published", "already live"):
        assert said in sandbox.sh("sh", "-c", script("release.sh"), **sandbox.writer)
    assert sandbox.live("staging")[0]["commit"] == commit
    sandbox.sh("sh", "-c", script("promote.sh"), "promote.sh", "by hand", **sandbox.writer)
    assert sandbox.live("production")[0]["reason"] == "by hand"
    sandbox.sh("sh", "-c", script("daily.sh"), **sandbox.writer)


class Policy:
    """The part of IAM that our policies use, so that requests can be held against them."""

    def __init__(self, text: str) -> None:
        self.statements = json.loads(text)["Statement"]

    def says(self, effect: str, request: Request, *, secure: bool = True) -> bool:
        return any(it["Effect"] == effect and self._fits(it, request, secure) for it in self.statements)

    def _fits(self, it: dict[str, Any], request: Request, secure: bool) -> bool:
        action, key, conditional = request
        named = {
            "s3:if-match": not conditional, "s3:if-none-match": not conditional,
            "s3:ObjectCreationOperation": True, "aws:SecureTransport": secure,
        }  # fmt: skip
        wanted = [pair for block in it.get("Condition", {}).values() for pair in block.items()]
        arn = f"arn:aws:s3:::acme-prompts{'/releases/' + key if key else ''}"
        places, inside = (it["Resource"], True) if "Resource" in it else (it["NotResource"], False)
        hit = any(
            fnmatch.fnmatchcase(arn, place) for place in ([places] if isinstance(places, str) else places)
        )
        known = fnmatch.fnmatchcase(action, it["Action"])
        return known and hit == inside and all(named[name] == (value == "true") for name, value in wanted)


@pytest.fixture(scope="module")
def policies() -> dict[str, Policy]:
    names = ("bucket", "publisher", "resigner", "reader", "role")
    return dict(zip(names, map(Policy, blocks("iam.md", "json")), strict=True))


@pytest.fixture
def requests(moto_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """The requests that each S3 client sends from here on."""
    import boto3

    sent: list[Request] = []
    actions = {"ListObjectsV2": "s3:ListBucket", "HeadObject": "s3:GetObject"}

    def note(params: Any, model: Any, **_: Any) -> None:
        headers = {name.lower() for name in params["headers"]}
        key = params["url_path"].partition("/yard/")[2]
        sent.append(
            (actions.get(model.name, f"s3:{model.name}"), key, bool(headers & {"if-match", "if-none-match"}))
        )

    make = boto3.session.Session.client

    def client(self: Any, *words: Any, **more: Any) -> Any:
        made = make(self, *words, **more)
        made.meta.events.register("before-call.s3.*", note)
        return made

    monkeypatch.setattr(boto3.session.Session, "client", client)
    return sent


def test_the_policies_allow_what_each_role_does_and_the_bucket_refuses_none_of_it(
    requests: list[Request], moto_store: str, tmp_path: Path, policies: dict[str, Policy]
) -> None:
    yard = yards.make(moto_store, tmp_path)
    old = object_key(yard.publish().sha256)
    condemned.write(yard.target, condemned.Condemned({old: "2026-11-21T10:00:00Z"}))
    requests.clear()
    yard.publish()
    yard.publish(commit="b")
    yard.rollback(1)  # which takes its bundle off the list of what gc removes
    assert any(key == "gc.json" and action == "s3:PutObject" for action, key, _ in requests)
    assert {it[0] for it in requests} >= {"s3:PutObject", "s3:GetObject"}
    _held(requests, policies, "publisher")
    assert resign(yard.target, yard.staging, root=yard.root)
    _held(requests, policies, "resigner")
    yard.promote()
    requests.clear()
    see(moto_store, yard.production, yard.root)
    _held(requests, policies, "reader")


def _held(requests: list[Request], policies: dict[str, Policy], role: str) -> None:
    assert requests
    assert [it for it in requests if not policies[role].says("Allow", it)] == []
    assert [it for it in requests if policies["bucket"].says("Deny", it)] == []
    requests.clear()


@pytest.mark.parametrize(
    ("role", "request_"),
    [
        ("publisher", ("s3:PutObject", "channels/production/metadata/timestamp.json", True)),
        ("publisher", ("s3:DeleteObject", "objects/sha256/aa", False)),
        ("resigner", ("s3:PutObject", "channels/staging/metadata/7.targets.json", True)),
        ("resigner", ("s3:PutObject", "objects/sha256/aa", True)),
        ("reader", ("s3:PutObject", "channels/production/metadata/timestamp.json", True)),
        ("reader", ("s3:GetObject", "channels/staging/metadata/timestamp.json", False)),
    ],
)
def test_the_policies_allow_no_more(policies: dict[str, Policy], role: str, request_: Request) -> None:
    assert not policies[role].says("Allow", request_)


def test_the_bucket_refuses_a_write_without_a_condition_and_a_line_that_is_not_encrypted(
    policies: dict[str, Policy],
) -> None:
    bare = ("s3:PutObject", "channels/staging/metadata/timestamp.json", False)
    assert policies["bucket"].says("Deny", bare)
    assert not policies["bucket"].says("Deny", ("s3:PutObject", "status/host-1.json", False))
    assert policies["bucket"].says("Deny", ("s3:GetObject", "store.json", False), secure=False)
