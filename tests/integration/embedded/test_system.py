"""`easymo up` as a process: started twice, killed, stopped; nothing of it stays."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from infra.embedded.running import find_running
from infra.embedded.stack import EmbeddedStack

SCRIPT = Path(__file__).with_name("small_system.py")
ROOT = Path(__file__).parents[3]
STOP_LIMIT_SECONDS = 10.0  # promised to whoever presses Ctrl-C
Up = asyncio.subprocess.Process
Start = Callable[[], Awaitable[Up]]


@pytest.fixture
def environment(stack: EmbeddedStack) -> dict[str, str]:
    """The running broker and database, so that only the services have to start."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EASYMO_KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "EASYMO_POSTGRES_DSN": stack.postgres_dsn,
        "EASYMO_INGRESS_PORT": "0",
    }


@pytest.fixture
async def start(tmp_path: Path, environment: dict[str, str]) -> AsyncIterator[Start]:
    """Starts the small system in `tmp_path`; returns once it says that it runs, or has ended."""
    begun: list[Up] = []

    async def begin() -> Up:
        up = await asyncio.create_subprocess_exec(
            *(sys.executable, str(SCRIPT), str(tmp_path)),
            env=environment,
            stderr=asyncio.subprocess.PIPE,
        )
        begun.append(up)
        assert up.stderr is not None
        seen = []
        async with asyncio.timeout(60):
            while line := (await up.stderr.readline()).decode():
                seen.append(line)
                if line.startswith("EasyMO runs"):
                    return up
            await up.wait()
        raise AssertionError("".join(seen))

    yield begin
    for up in begun:
        if up.returncode is None:
            up.kill()
            await up.wait()
    for process in family(tmp_path):
        process.kill()
    await until_family(tmp_path, 0)


def family(folder: Path) -> list[psutil.Process]:
    """Every process that bears the mark of the folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(f"{folder}/" in part for part in process.info["cmdline"] or ()):
            found.append(process)
    return found


async def until_family(folder: Path, size: int) -> None:
    async with asyncio.timeout(STOP_LIMIT_SECONDS):
        while len(family(folder)) != size:  # noqa: ASYNC110 - other processes raise no event
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_everything_in_time(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    up = await start()
    await until_family(tmp_path, 3)  # the server, the stubborn one and its child
    up.send_signal(number)
    async with asyncio.timeout(STOP_LIMIT_SECONDS):
        assert await up.wait() == 0
    assert family(tmp_path) == []
    assert not list((tmp_path / "pids").iterdir())


async def test_a_second_up_is_refused_and_harms_nothing(start: Start, tmp_path: Path) -> None:
    up = await start()
    before = find_running(tmp_path)
    with pytest.raises(AssertionError, match=rf"runs already in {tmp_path} \(process {up.pid}\)"):
        await start()
    assert find_running(tmp_path) == before
    await until_family(tmp_path, 3)


async def test_kill_9_leaves_nothing_in_the_way_of_the_next_start(start: Start, tmp_path: Path) -> None:
    up = await start()
    secrets = json.loads((tmp_path / "settings.json").read_text())
    await until_family(tmp_path, 3)
    up.kill()
    await up.wait()
    again = await start()  # ends the stubborn one, which ignored the signal at its parent's death
    assert find_running(tmp_path).environment["EASYMO_META_APP_SECRETS"] == secrets["meta_app_secrets"]
    again.send_signal(signal.SIGTERM)
    await again.wait()
    assert family(tmp_path) == []


async def test_the_settings_of_the_running_stack_are_printed(
    start: Start, tmp_path: Path, environment: dict[str, str]
) -> None:
    await start()
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "EASYMO_STATE_DIR": str(tmp_path)}
    printed = await _easymo(own, "env")
    shell = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'{printed}\nprintf %s "$EASYMO_POSTGRES_DSN"'), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await shell.communicate()
    assert output.decode() == environment["EASYMO_POSTGRES_DSN"]
    as_json = json.loads(await _easymo(own, "env", "--json"))
    assert as_json["environment"]["EASYMO_GRAPH_BASE_URL"].endswith("/v23.0")
    assert as_json["environment"]["EASYMO_META_APP_SECRETS"]
    assert as_json["webhook"].endswith("/webhooks/whatsapp")


async def _easymo(environment: dict[str, str], *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts.cli", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


async def test_everything_embedded_ends_with_kill_9_and_starts_again(
    start: Start, tmp_path: Path, environment: dict[str, str]
) -> None:
    del environment["EASYMO_KAFKA_BOOTSTRAP_SERVERS"], environment["EASYMO_POSTGRES_DSN"]
    up = await start()
    first = find_running(tmp_path).environment
    pids = {name: int((tmp_path / "pids" / name).read_text()) for name in ("kafka", "postgres")}
    assert all(psutil.pid_exists(pid) for pid in pids.values())
    os.kill(pids["postgres"], signal.SIGKILL)  # it comes back by itself
    assert up.stderr is not None
    async with asyncio.timeout(60):
        while (await up.stderr.readline()).decode() != "postgres is back\n":
            assert not up.stderr.at_eof()
    pids["postgres"] = int((tmp_path / "pids" / "postgres").read_text())
    up.kill()
    await up.wait()
    again = await start()
    second = find_running(tmp_path).environment
    assert second["EASYMO_POSTGRES_DSN"] == first["EASYMO_POSTGRES_DSN"]
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    again.send_signal(signal.SIGTERM)
    async with asyncio.timeout(STOP_LIMIT_SECONDS):
        assert await again.wait() == 0
    assert family(tmp_path) == []
