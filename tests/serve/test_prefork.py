"""Real prefork servers: a client that was made before the fork serves fresh releases in every worker."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager

import pytest
from support.bundles import bundle, prompt, text

WEB = """
    import os
    import serve

    client = serve.connect(os.environ["YARD"], trust=os.environ["TRUST"], cache=os.environ["CACHE"],
                           interval_s=0.1, min_interval_s=0.05)

    def says():
        said = client.render("support/hello", {"name": "Ann"}).messages[0].text
        return f"{os.getpid()} {said} {client.status().polls}".encode()

    def wsgi(environ, start):
        start("200 OK", [("Content-Type", "text/plain")])
        return [says()]

    async def asgi(scope, receive, send):
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": says()})
"""
TASKS = """
    import os
    from celery import Celery
    from app import says

    queue = os.environ["QUEUE"]
    app = Celery("tasks", broker="filesystem://", backend=f"file://{queue}/results")
    app.conf.broker_transport_options = {
        "data_folder_in": f"{queue}/data", "data_folder_out": f"{queue}/data", "control_folder": f"{queue}/control",
        "polling_interval": 0.02,
    }

    @app.task
    def hello():
        return says().decode()
"""
ASKER = """
    import json, sys
    from tasks import hello

    for line in sys.stdin:
        print(json.dumps(hello.delay().get(timeout=20, interval=0.01)), flush=True)
"""


def needs(*packages):
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(
        bool(missing), reason=f"needs {', '.join(missing)}: pip install it to run this test"
    )


def release(number):
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


@contextmanager
def running(yard, tmp_path, *command, **more):
    """A server of WEB in a process group of its own, so that a test ends all of it."""
    (tmp_path / "app.py").write_text(textwrap.dedent(WEB))
    where = {"YARD": yard.url, "TRUST": str(yard.folder / "trusted.json"), "CACHE": str(tmp_path / "cache")}
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=tmp_path,
        env=os.environ | where | {"PYTHONPATH": path, "QUEUE": str(tmp_path / "queue")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **more,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def over(path):
    """One request over a socket: the worker's pid, what it said, and whether it polls."""

    def ask():
        connection = http.client.HTTPConnection("worker", timeout=5)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.settimeout(5)
            connection.sock.connect(str(path))
            connection.request("GET", "/")
            pid, said, _, polls = connection.getresponse().read().decode().split()
        finally:
            connection.close()
        return int(pid), int(said), polls == "True"

    return ask


def all_say(ask, number, workers, within_s=30):
    """Ask until that many workers said it and none says another; their pids, and those that poll."""
    until = time.monotonic() + within_s
    said, polling = {}, {}
    while time.monotonic() < until:
        try:
            pid, said_now, polls = ask()
        except OSError:  # not up yet, or the worker was killed
            time.sleep(0.02)
            continue
        said[pid], polling[pid] = said_now, polls
        if len(said) >= workers and set(said.values()) == {number}:
            return said.keys(), {pid for pid, polls in polling.items() if polls}
    raise AssertionError(f"wanted {workers} workers that say {number}, had {said}")


GUNICORN = ["gunicorn", "--bind", "unix:web.sock", "--preload", "--workers", "3"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param([*GUNICORN, "app:wsgi"], marks=needs("gunicorn"), id="gunicorn"),
        pytest.param(
            [*GUNICORN, "-k", "uvicorn_worker.UvicornWorker", "app:asgi"],
            marks=needs("gunicorn", "uvicorn_worker"),
            id="gunicorn with uvicorn workers",
        ),
    ],
)
def test_workers_forked_from_a_loaded_application_follow_the_store(yard, tmp_path, command):
    yard.publish(release(1))
    ask = over(tmp_path / "web.sock")
    with running(yard, tmp_path, *command):
        pids, polling = all_say(ask, 1, 3)
        assert not polling  # the master has the lock since before the fork
        yard.publish(release(2))
        all_say(ask, 2, 3)
        victim = min(pids)
        os.kill(victim, signal.SIGKILL)
        yard.publish(release(3))
        assert all_say(ask, 3, 3)[0] - pids


@needs("uvicorn")
def test_of_two_uvicorn_workers_one_polls_and_the_other_takes_over_when_it_is_killed(yard, tmp_path):
    yard.publish(release(1))
    ask = over(tmp_path / "web.sock")
    with running(yard, tmp_path, "uvicorn", "--uds", "web.sock", "--workers", "2", "app:asgi"):
        _, polling = all_say(ask, 1, 2)
        assert len(polling) == 1
        os.kill(*polling, signal.SIGKILL)
        yard.publish(release(2))
        assert a_poller(ask, other_than=polling)
        all_say(ask, 2, 2)


def a_poller(ask, other_than, within_s=20):
    """Ask until another worker than these says that it polls."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            pid, _, polls = ask()
            if polls and pid not in other_than:
                return pid
    return None


@needs("celery")
def test_celery_workers_forked_from_a_loaded_application_follow_the_store(yard, tmp_path):
    yard.publish(release(1))
    (tmp_path / "tasks.py").write_text(textwrap.dedent(TASKS))
    for name in ("data", "control", "results"):
        (tmp_path / "queue" / name).mkdir(parents=True)
    worker = ["celery", "-A", "tasks", "worker", "--pool", "prefork", "--concurrency", "2", "-O", "fair"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with running(yard, tmp_path, *worker, *quiet), asking(tmp_path) as ask:
        _, polling = all_say(ask, 1, 2)
        assert not polling  # the worker's main process has the lock
        yard.publish(release(2))
        all_say(ask, 2, 2)


@contextmanager
def asking(tmp_path):
    """A process that sends tasks: Celery's import would leave its warnings and signal handlers in this one."""
    script = "import sys; sys.path.insert(0, '.')\n" + textwrap.dedent(ASKER)
    where = {"YARD": "file:none", "TRUST": str(tmp_path / "none"), "CACHE": str(tmp_path / "asker")}
    stub = "import sys, types; sys.modules['app'] = types.SimpleNamespace(says=None)\n"
    process = subprocess.Popen(
        [sys.executable, "-c", stub + script],
        cwd=tmp_path,
        env=os.environ | where | {"QUEUE": str(tmp_path / "queue")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def ask():
        process.stdin.write("\n")
        process.stdin.flush()
        pid, said, _, polls = json.loads(process.stdout.readline()).split()
        return int(pid), int(said), polls == "True"

    try:
        yield ask
    finally:
        process.kill()
        process.communicate()
