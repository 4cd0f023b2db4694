"""One child process of the stack: it ends with its parent, and is found again after a crash."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

LAUNCHER = Path(__file__).with_name("launch.py")
SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has one way to end a process
TAIL_BYTES = 64 * 1024


class Child:
    """Runs one command with its output in `<folder>/logs/<name>.log`, its pid in `<folder>/pids/<name>`.

    `mark` is text that the command line contains and no foreign one would, such as a path below
    `folder`: a pid from the file is only touched when its process bears the mark.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        mark: str,
        user: str = "",
        signal_on_parent_death: signal.Signals = SIGKILL,
    ) -> None:
        self.name = name
        self.log = folder / "logs" / f"{name}.log"
        self._pid_file = folder / "pids" / name
        self._mark = mark
        self.user = user
        self._signal_on_parent_death = signal_on_parent_death
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the running process; None when there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def exit_code(self) -> int | None:
        """Of the process that ran last; negative: the signal that ended it."""
        return None if self._process is None else self._process.returncode

    async def start(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start the command; returns once it exists. Call from the main thread: Linux sends the signal on
        the death of the parent *thread*."""
        assert self.pid is None, f"{self.name} runs already"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        argv = list(command)
        if sys.platform != "win32":
            number = str(int(self._signal_on_parent_death))
            parent = str(os.getpid())
            argv = [sys.executable, "-I", "-S", str(LAUNCHER), parent, number, self.user, *argv]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if environment is None else dict(environment),
                start_new_session=True,  # Ctrl-C in the terminal reaches the parent, which stops in order
            )
        self._pid_file.write_text(str(self._process.pid))

    async def wait(self) -> int:
        """The exit code, once it has ended."""
        assert self._process is not None, f"{self.name} was never started"
        code = await self._process.wait()
        self._pid_file.unlink(missing_ok=True)
        return code

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.pid is not None and self._process is not None:
            self._process.send_signal(number)

    async def end(self, number: signal.Signals, *, grace_seconds: float) -> None:
        """Ask it to end with `number`, and kill it with all its children after the grace. Idempotent."""
        if self.pid is None:
            return
        family = _family(self.pid)
        self.send(number)
        try:
            await asyncio.wait_for(self.wait(), grace_seconds)
        except TimeoutError:
            await self.kill()
        _kill(family[1:])  # what the process itself did not take along

    async def kill(self) -> None:
        """End it and its children at once, as kill -9 does. Idempotent."""
        if self.pid is None:
            return
        _kill(_family(self.pid))
        await self.wait()

    def end_orphan(self, *, limit_seconds: float = 5.0) -> bool:
        """End the process that a crashed parent left behind; whether there was one.

        Blocks until it is gone. A pid that belongs to something else by now is left alone.
        """
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return False
        found = False
        if pid != self.pid and self._is_ours(pid):
            family = _family(pid)
            _kill(family)
            psutil.wait_procs(family, timeout=limit_seconds)
            found = True
        self._pid_file.unlink(missing_ok=True)
        return found

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that it wrote, for error messages."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _is_ours(self, pid: int) -> bool:
        try:
            return any(self._mark in part for part in psutil.Process(pid).cmdline())
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()  # psutil checks that the pid was not given to another process meanwhile
        except psutil.NoSuchProcess:
            continue
