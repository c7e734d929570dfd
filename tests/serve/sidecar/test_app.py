"""The sidecar as another program sees it: over a socket."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time

import httpx
import pytest
from support.bundles import bundle, prompt, text

from serve.core.errors import Unavailable
from serve.sidecar.app import build_app, run

JSON = {"content-type": "application/json"}


@pytest.fixture
def app(yard, desk):
    yard.publish(bundle(prompt(text("user", "Hello {{ name }}")), release=1))
    made = desk()
    made.client.step()
    return build_app(made.client, max_body_bytes=1000)


def call(app, *arguments, **options):
    async def one():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sidecar") as client:
            return await client.request(*arguments, **options)

    return asyncio.run(one())


def test_a_prompt_with_a_folder_in_its_name_is_rendered(app):
    answer = call(app, "POST", "/v1/render/support/hello", json={"inputs": {"name": "Ann"}})
    assert answer.status_code == 200
    assert answer.json()["messages"][0]["content"] == "Hello Ann"


def test_only_json_of_bounded_size_is_taken(app):
    assert call(app, "POST", "/v1/render/a", content=b"{}").status_code == 415
    form = {"content-type": "text/plain"}
    assert call(app, "POST", "/v1/render/a", content=b"{}", headers=form).json()["code"] == "HTP003"
    large = call(app, "POST", "/v1/render/a", content=b" " * 1001, headers=JSON)
    assert (large.status_code, large.json()["code"]) == (413, "HTP004")
    typed = {"content-type": "application/json; charset=utf-8"}
    refused = call(app, "POST", "/v1/render/support/hello", content=b'{"inputs":{}}', headers=typed)
    assert refused.status_code == 422


def test_every_address_answers(app):
    for path in ("/v1/prompts", "/v1/prompts/support/hello", "/healthz", "/readyz", "/metrics"):
        assert call(app, "GET", path).status_code == 200
    assert call(app, "GET", "/metrics").headers["content-type"].startswith("text/plain; version=0.0.4")
    tag = call(app, "GET", "/v1/prompts").headers["etag"]
    assert call(app, "GET", "/v1/prompts", headers={"if-none-match": tag}).status_code == 304
    assert call(app, "GET", "/v1/render/support/hello").status_code == 405


def test_a_port_in_use_is_told(desk):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unavailable, match="HTP005"):
            run(desk().client, port=taken.getsockname()[1])


def test_a_real_server_hot_loads_and_outlives_its_store(yard, tmp_path):
    yard.publish(bundle(prompt(text("user", "one {{ name }}")), release=1))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "serve.sidecar", "--store", yard.url),
        *("--trust", str(yard.folder / "trusted.json"), "--cache", str(tmp_path / "cache")),
        *("--port", str(port), "--interval", "0.1"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    if client.get("/readyz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)
            answer = client.post("/v1/render/support/hello", json={"inputs": {"name": "Ann"}})
            assert answer.json()["messages"][0]["content"] == "one Ann"
            yard.leave()
            assert (
                client.post("/v1/render/support/hello", json={"inputs": {"name": "Ann"}}).status_code == 200
            )
            assert json.loads(client.get("/readyz").text)["release"] == 1
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert (errors, process.returncode) == (b"", 0)


def test_the_module_ends_with_the_houses_code_and_one_line(tmp_path):
    command = [
        sys.executable,
        "-m",
        "serve.sidecar",
        "--store",
        "ftp://x",
        "--trust",
        "no",
        "--cache",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("SRC005 ")
