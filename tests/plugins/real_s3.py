"""A real, throw-away S3 server for tests: Ceph's radosgw, one monitor, one store in memory, on loopback.

moto shares its code with nobody's server; what a store does in a race must be seen on a real one.
It must never listen beyond loopback, end a process that it did not start, or leave one behind.

Ceph 16.2 needs each of these: keys for every daemon (without them radosgw hangs), a placement rule without
hosts, messenger v2 alone, short Paxos intervals (start-up falls from 17 s to a few).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool")
INSTALL = "apt-get install -y --no-install-recommends ceph-mon ceph-osd radosgw ceph-common"
ACCESS_KEY, SECRET_KEY = "testaccess", "testsecret"
_READY_S = 90.0
_CONF = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_port}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind ipv4 = true
ms bind ipv6 = false
ms bind msgr1 = false
auth allow insecure global id reclaim = false
keyring = {home}/keyring
run dir = {home}/run
admin socket = {home}/run/$name.asok
log file = {home}/log/$name.log
crash dir = {home}/crash
log to stderr = false
err to stderr = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
mon tick interval = 1
osd heartbeat interval = 1
mon data avail warn = 1
mon data avail crit = 1
mon data = {home}/mon
osd data = {home}/osd
rgw data = {home}/rgw
osd journal =
osd objectstore = memstore
memstore device bytes = 268435456
osd op num shards = 2
osd class load list = *
osd class default list = *
mon mgr mkfs grace = 600
rgw frontends = beast endpoint=127.0.0.1:{s3_port} tcp_nodelay=1
rgw thread pool size = 32
rgw enable usage log = false
rgw dns name = localhost
rgw enable apis = s3, admin
rgw override bucket index max shards = 1
"""
_CAPS = {
    "mon.": ("mon", "allow *"),
    "client.admin": ("mon", "allow *", "osd", "allow *", "mgr", "allow *"),
    "client.rgw": ("mon", "allow rw", "osd", "allow rwx", "mgr", "allow rw"),
    "osd.0": ("mon", "allow profile osd", "osd", "allow *", "mgr", "allow profile osd"),
}


def missing_programs() -> list[str]:
    """The Ceph programs that are not installed here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@contextlib.contextmanager
def ceph() -> Iterator[str]:
    """The endpoint of a running server; gone, with its data, at the end."""
    home = Path(tempfile.mkdtemp(prefix="promptyard-s3-"))
    running: list[subprocess.Popen[bytes]] = []
    try:
        port = _start(home, running)
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in reversed(running):
            process.kill()  # the data is throw-away, so there is nothing to wait for
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _start(home: Path, running: list[subprocess.Popen[bytes]]) -> int:
    mon_port, s3_port = _free_ports(2)
    for folder in ("mon", "osd", "rgw", "run", "log", "crash"):
        (home / folder).mkdir()
    conf, keyring, monmap = (str(home / name) for name in ("ceph.conf", "keyring", "monmap"))
    fsid = str(uuid.uuid4())
    Path(conf).write_text(_CONF.format(fsid=fsid, home=home, mon_port=mon_port, s3_port=s3_port))

    _make_keyring(keyring)
    where = f"[v2:127.0.0.1:{mon_port}]"
    _run("monmaptool", "--create", "--clobber", "--fsid", fsid, "--addv", "a", where, monmap)
    _run("ceph-mon", "-c", conf, "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
    running.append(_daemon(home, "ceph-mon", "-i", "a"))
    _await(home, running, lambda: _admin(conf, "mon", "stat") is not None)

    osd = str(uuid.uuid4())
    _admin(conf, "osd", "new", osd, "0")
    _run("ceph-osd", "-c", conf, "-i", "0", "--mkfs", "--osd-uuid", osd)
    running.append(_daemon(home, "ceph-osd", "-i", "0"))
    _await(home, running, lambda: "1 up" in (_admin(conf, "osd", "stat") or ""))

    running.append(_daemon(home, "radosgw", "-n", "client.rgw"))
    _await(home, running, lambda: _listens(s3_port))
    user = ("--uid=test", "--display-name=test", f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}")
    _run("radosgw-admin", "-c", conf, "user", "create", *user)
    return s3_port


def _make_keyring(path: str) -> None:
    for number, (name, caps) in enumerate(_CAPS.items()):
        pairs = zip(caps[::2], caps[1::2], strict=True)
        flags = [word for kind, may in pairs for word in ("--cap", kind, may)]
        _run("ceph-authtool", *(["-C"] if number == 0 else []), path, "--gen-key", "-n", name, *flags)


def _daemon(home: Path, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    with (home / "log" / f"{program}.out").open("wb") as log:
        command = [program, "-c", str(home / "ceph.conf"), "-f", *arguments]
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_READY_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")


def _admin(conf: str, *command: str) -> str | None:
    asked = ["ceph", "-c", conf, "--connect-timeout", "20", *command]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=_READY_S, check=False)
    return done.stdout + done.stderr if done.returncode == 0 else None


def _await(home: Path, running: list[subprocess.Popen[bytes]], ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_S
    while not ready():
        if running[-1].poll() is not None or time.monotonic() > deadline:
            found = sorted((home / "log").glob("*.out"))
            logs = "\n".join(log.read_text(errors="replace")[-1500:] for log in found)
            raise RuntimeError(f"the S3 server did not start:\n{logs}")
        time.sleep(0.1)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wanted() -> bool:
    """False when a person asked to go without: PROMPTYARD_SKIP_REAL_S3=1."""
    return os.environ.get("PROMPTYARD_SKIP_REAL_S3") != "1"
