"""`easymo topics` as people call it, against the real broker."""

from __future__ import annotations

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from infra.embedded.ports import free_ports
from infra.settings import Settings
from scripts.mistakes import explain
from scripts.topics import app


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return {
        "EASYMO_KAFKA_BOOTSTRAP_SERVERS": settings.need("kafka_bootstrap_servers"),
        "EASYMO_KAFKA_TOPIC_PREFIX": settings.kafka_topic_prefix,
        "EASYMO_KAFKA_PARTITIONS_AT_MOST": str(settings.kafka_partitions_at_most),
        "COLUMNS": "200",
    }


async def call(environment: dict[str, str], *arguments: str) -> Result:
    """In a thread: the command runs a loop of its own."""
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments, env=environment))


async def test_list_diff_and_apply(environment: dict[str, str], settings: Settings) -> None:
    listed = json.loads((await call(environment, "list", "--json")).stdout)
    names = {row["topic"] for row in listed}
    assert f"{settings.kafka_topic_prefix}whatsapp.inbound" in names

    before = await call(environment, "diff", "--json")
    assert before.exit_code == 1
    assert {row["topic"] for row in json.loads(before.stdout)} == names

    assert (await call(environment, "apply")).exit_code == 0
    after = await call(environment, "diff")
    assert (after.exit_code, after.stdout.strip()) == (0, "The cluster matches the catalogue.")
    assert "Nothing to do" in (await call(environment, "apply")).stdout
    assert json.loads((await call(environment, "diff", "--json")).stdout) == []


async def test_what_is_wrong_is_told_in_one_line(environment: dict[str, str]) -> None:
    away = {"EASYMO_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_ports(1)[0]}"}
    for changed, said in ((away, "Kafka does not answer"), ({}, "EASYMO_KAFKA_BOOTSTRAP_SERVERS is not set")):
        error = (await call(changed, "diff")).exception
        assert error is not None
        line = explain(error)
        assert line is not None
        assert said in line
