"""Programs that stand in front of the service, or of its database, as Debian has them: nginx and PgBouncer."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from app.db.connection import credentials
from tests.serving import ROOT, free_port

SBIN = "/usr/sbin:/sbin"


def found(program: str) -> str | None:
    """Where a program is, which may be where root's are."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{SBIN}")


@contextmanager
def pgbouncer(url: str, **settings: object) -> Iterator[str]:
    """The URL of the same database behind PgBouncer, which pools transactions."""
    to, port = credentials(url), free_port()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as folder:
        ini = Path(folder) / "pgbouncer.ini"
        options = {
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": "transaction",
            "default_pool_size": 8,
            "max_client_conn": 500,
            "logfile": f"{folder}/log",
            "pidfile": f"{folder}/pid",
            **({"user": Path(to["host"]).owner()} if os.geteuid() == 0 else {}),
            **settings,
        }
        server = f"* = host={to['host']} port={to['port']} user={to['user']}"
        lines = [f"{name} = {value}" for name, value in options.items()]
        ini.write_text("\n".join(["[databases]", server, "[pgbouncer]", *lines]) + "\n")
        for path in (Path(folder), ini):
            path.chmod(0o777 if path.is_dir() else 0o644)
        with _running([str(found("pgbouncer")), str(ini)], port, Path(folder) / "log"):
            yield f"postgresql://{quote(to['user'])}@127.0.0.1:{port}/{to['database']}"


@contextmanager
def _running(command: Sequence[str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not _answers(port):
            assert process.poll() is None, log.read_text() if log.exists() else command
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def nginx(*ports: int) -> Iterator[str]:
    """The address of nginx before servers on these ports, with the repository's own configuration, but for TLS."""
    port = free_port()
    given = (ROOT / "examples" / "nginx.conf").read_text()
    upstream = "".join(f"server 127.0.0.1:{one} max_fails=0;" for one in ports)
    changes = (
        (r"(?m)^    server 127[^;]*;\n", ""),
        (r"upstream billing \{", f"upstream billing {{ {upstream}"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        (r"(?m)^    ssl_\w+ .*\n", ""),
        (r"proxy_set_header Host \$host;", "proxy_set_header Host elsewhere.example.com;"),
    )
    for old, new in changes:
        given, many = re.subn(old, new, given)
        assert many, old
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        Path(folder).chmod(0o777)
        places = "".join(
            f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf = Path(folder) / "nginx.conf"
        conf.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/log warn; worker_processes 1;\n"
            f"events {{ worker_connections 512; }}\nhttp {{ access_log off; {places}\n{given}\n}}\n"
        )
        command = [str(found("nginx")), "-p", folder, "-e", f"{folder}/log", "-c", str(conf)]
        with _running(command, port, Path(folder) / "log"):
            yield f"http://127.0.0.1:{port}"
