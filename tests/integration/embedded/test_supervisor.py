"""The supervisor: services become ready, come back when they die, and end when told to."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from infra.embedded import service as service_module
from infra.embedded.child import end_orphans, mark
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.ports import free_ports
from infra.embedded.service import ServicePlan
from infra.embedded.supervisor import Supervisor
from tests.integration.embedded.small_system import SERVER

LIMIT_SECONDS = 20.0


class Lines(list[str]):
    """What the supervisor said, to wait for."""

    async def until(self, part: str) -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            while not any(part in line for line in self):  # noqa: ASYNC110 - `say` is a plain callback
                await asyncio.sleep(0.01)


@pytest.fixture
def said() -> Lines:
    return Lines()


@pytest.fixture
async def supervisor(
    tmp_path: Path, said: Lines, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Supervisor]:
    monkeypatch.setattr(service_module, "FIRST_DELAY_SECONDS", 0.01)
    monkeypatch.setattr(service_module, "STOP_GRACE_SECONDS", 0.5)
    running = Supervisor(tmp_path, say=said.append)
    yield running
    await running.stop()


def small(name: str, code: str, *arguments: str, ready_url: str | None = None) -> ServicePlan:
    return ServicePlan(name, arguments, dict(os.environ), ready_url, ("-c", code))


async def test_start_returns_when_the_service_answers(supervisor: Supervisor) -> None:
    port = free_ports(1)[0]
    await supervisor.start([small("server", SERVER, str(port), ready_url=f"http://127.0.0.1:{port}/")])
    assert await supervisor.services[0].is_ready()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def test_a_service_that_dies_comes_back_and_that_is_said(supervisor: Supervisor, said: Lines) -> None:
    port = free_ports(1)[0]
    await supervisor.start([small("server", SERVER, str(port), ready_url=f"http://127.0.0.1:{port}/")])
    service = supervisor.services[0]
    died = service.child.pid
    service.child.send(signal.SIGKILL)
    await said.until("server is back")
    assert [line.partition(" (log: ")[0] for line in said] == [
        "server ended with code -9; starting it again in 0.01 s",
        "server is back",
    ]
    assert service.child.pid not in (died, None)
    assert await service.is_ready()


async def test_a_service_that_stopped_itself_for_a_reason_stays_stopped_and_the_others_go_on(
    supervisor: Supervisor, said: Lines
) -> None:
    port = free_ports(1)[0]
    server = small("server", SERVER, str(port), ready_url=f"http://127.0.0.1:{port}/")
    code = "import sys; print('Stopped: too many died'); sys.exit(3)"
    surging = replace(
        small("surging", code), stays_stopped={3: "Look first."}, ready_url="http://127.0.0.1:9/"
    )
    await supervisor.start([server, surging])  # it does not wait for the one that stopped
    await said.until("Look first.")
    assert said == [
        "surging stopped itself and stays stopped; all else goes on.",
        "  Stopped: too many died",
        "  Look first.",
    ]
    assert await supervisor.services[0].is_ready()
    assert supervisor.services[1].restarts == 0
    await supervisor.stop()
    assert [service.child.pid for service in supervisor.services] == [None, None]


async def test_a_service_that_is_not_ready_any_more_says_why(
    supervisor: Supervisor, said: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "WATCH_SECONDS", 0.05)
    port = free_ports(1)[0]
    answer = tmp_path / "answer"
    code = SERVER.replace(
        "self.send_response(200); self.end_headers()",
        f"""import os; bad = os.path.exists({str(answer)!r})
        self.send_response(503 if bad else 200)
        self.send_header("content-type", "application/json"); self.end_headers()
        self.wfile.write(b'{{"ready": false, "why": {{"jobs": "waits for the database"}}}}')""",
    )
    await supervisor.start([small("server", code, str(port), ready_url=f"http://127.0.0.1:{port}/")])
    answer.touch()
    await said.until("server is not ready: jobs waits for the database")
    answer.unlink()
    await said.until("server is ready again")
    assert len(said) == 2


async def test_a_service_that_cannot_start_fails_with_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(EmbeddedFailure, match=r"(?s)`easymo now` ended 3 times .* with code 3.*no such luck"):
        await supervisor.start(
            [
                small("lasting", "import signal; signal.pause()"),
                small(
                    "broken",
                    "import sys; print('no such luck'); sys.exit(3)",
                    "now",
                    ready_url="http://127.0.0.1:9/",
                ),
            ]
        )
    assert [service.child.pid for service in supervisor.services] == [None, None]


async def test_who_does_not_end_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = f"import signal, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN); \
pathlib.Path({str(ready)!r}).touch(); signal.pause()"
    await supervisor.start([small("stubborn", code)])
    async with asyncio.timeout(LIMIT_SECONDS):
        while not ready.exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.01)
    await supervisor.stop()
    assert supervisor.services[0].child.exit_code == -signal.SIGKILL


async def test_a_command_that_fails_is_reported_with_what_it_wrote(supervisor: Supervisor) -> None:
    with pytest.raises(
        EmbeddedFailure, match=r"(?s)`easymo no-such-command` failed: it ended with code 2.*No such command"
    ):
        await supervisor.run_once("preparation", ["no-such-command"], dict(os.environ))


def test_an_orphan_is_ended_and_a_stranger_is_not(tmp_path: Path) -> None:
    forever = ["-c", "import signal; signal.pause()"]
    ours = subprocess.Popen([sys.executable, "-X", f"easymo={mark(tmp_path)}", *forever])  # noqa: S603 - Python
    stranger = subprocess.Popen([sys.executable, *forever])  # noqa: S603 - Python
    pids = tmp_path / "pids"
    pids.mkdir()
    (pids / "ours").write_text(str(ours.pid))
    (pids / "stranger").write_text(str(stranger.pid))
    (pids / "half-written").write_text("")
    try:
        assert end_orphans(tmp_path) == ["ours"]
        assert not psutil.pid_exists(ours.pid)
        assert stranger.poll() is None
        assert not list(pids.iterdir())
    finally:
        stranger.kill()
        stranger.wait()
