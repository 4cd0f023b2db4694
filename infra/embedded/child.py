"""One child process of the stack: it ends with its parent, and is found again after a crash."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from infra.embedded.failure import EmbeddedFailure

LAUNCHER = Path(__file__).with_name("launch.py")
SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has one way to end a process
TAIL_BYTES = 64 * 1024
ORPHAN_LIMIT_SECONDS = 5.0


class Child:
    """Runs one command with its output in `<folder>/logs/<name>.log`, its pid in `<folder>/pids/<name>`.

    The command line must contain the mark of the folder (see `mark`), which is how an orphan is told
    from a foreign process that was given the same pid.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        user: str = "",
        signal_on_parent_death: signal.Signals = SIGKILL,
    ) -> None:
        self.name = name
        self.log = folder / "logs" / f"{name}.log"
        self._pid_file = folder / "pids" / name
        self._mark = mark(folder)
        self.user = user
        self._signal_on_parent_death = signal_on_parent_death
        self._log_start = 0
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
        assert any(self._mark in part for part in command), f"{self.name} lacks the mark {self._mark}"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        argv = list(command)
        if sys.platform != "win32":
            number = str(int(self._signal_on_parent_death))
            parent = str(os.getpid())
            argv = [sys.executable, "-I", "-S", str(LAUNCHER), parent, number, self.user, *argv]
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if environment is None else dict(environment),
                start_new_session=True,  # Ctrl-C in the terminal reaches the parent, which stops in order
            )
        self._pid_file.write_text(str(self._process.pid))

    async def run(
        self, command: Sequence[str], *, limit_seconds: float, environment: Mapping[str, str] | None = None
    ) -> int:
        """Run the command to its end; its exit code. Killed after the limit: raises EmbeddedFailure."""
        try:
            await self.start(command, environment)
            return await asyncio.wait_for(self.wait(), limit_seconds)
        except TimeoutError:
            raise EmbeddedFailure(
                f"{self.name} has not ended after {limit_seconds:.0f} s: {self.last_words()}"
            ) from None
        finally:
            await self.kill()

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

    async def end(self, number: signal.Signals, *, grace_seconds: float) -> bool:
        """Ask it to end with `number`, and kill it with all its children after the grace.

        Whether it ended by itself. Idempotent.
        """
        if self.pid is None:
            return True
        family = _family(self.pid)
        self.send(number)
        in_time = True
        try:
            await asyncio.wait_for(self.wait(), grace_seconds)
        except TimeoutError:
            in_time = False
            await self.kill()
        _kill(family[1:])  # what the process itself did not take along
        return in_time

    async def kill(self) -> None:
        """End it and its children at once, as kill -9 does. Idempotent."""
        if self.pid is None:
            return
        _kill(_family(self.pid))
        await self.wait()

    def last_words(self) -> str:
        """How it ended, where its log is and what it wrote last: the end of an error message."""
        how = "it is still running" if self.pid is not None else f"it ended with code {self.exit_code}"
        return f"{how}. Its last words ({self.log}):\n{self.log_tail()}"

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that it wrote since it was started, for error messages."""
        try:
            with self.log.open("rb") as file:
                size = self.log.stat().st_size
                file.seek(max(min(self._log_start, size), size - TAIL_BYTES))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


def mark(folder: Path) -> str:
    """Text that the command line of each child contains, and no foreign one: a path below the folder."""
    return f"{folder}{os.sep}"


def end_orphans(folder: Path) -> list[str]:
    """End what a crashed parent left behind in `folder`; the names of what was found.

    Call while holding the folder's claim, before starting children of one's own. Blocks until they are
    gone, at most 5 s each.
    """
    found = []
    for pid_file in sorted((folder / "pids").glob("*")):
        try:
            pid = int(pid_file.read_text())
        except ValueError:  # the crash came between opening and writing
            pid = 0
        if pid and _bears(mark(folder), pid):
            family = _family(pid)
            _kill(family)
            psutil.wait_procs(family, timeout=ORPHAN_LIMIT_SECONDS)
            found.append(pid_file.name)
        pid_file.unlink(missing_ok=True)
    return found


def _bears(text: str, pid: int) -> bool:
    try:
        return any(text in part for part in psutil.Process(pid).cmdline())
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
