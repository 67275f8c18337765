"""A real PostgreSQL for the tests that need one: made, started and thrown away by them."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "sesame"  # noqa: S105 - of a server that lives as long as the test


def find_programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: on the path, or where Debian keeps them; None if there are none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


@contextmanager
def run_server(programs: Path) -> Iterator[str]:
    """Runs a server of its own on a free port, as an ordinary user, and gives its URL."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    password = folder / "password"
    password.write_text(PASSWORD, encoding="ascii")
    user = _choose_user(folder, password)
    port = _find_free_port()
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    database = ["-D", str(folder / "database")]
    log = ["-l", str(folder / "log")]

    def run(program: str, *words: str) -> None:
        # a server that goes on running must not hold the pipes of the one that started it
        subprocess.run([programs / program, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)

    try:
        run("initdb", *database, "-U", "test", "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "-N")
        run("pg_ctl", *database, *log, "-w", "-o", settings, "start")
        try:
            yield f"postgresql://test:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", *database, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _choose_user(folder: Path, *files: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root, so root hands the folder to another user."""
    if os.name == "nt" or os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *files):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
