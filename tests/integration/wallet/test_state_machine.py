"""The ledger in the database against the model: any order of commands, and sound at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import uvloop
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from infra.settings import Settings
from schemas.events.wallet import Command, ExpireHold, Posted, Refused
from tests.integration.wallet.desk import Desk
from tests.unit.wallet.ledger_machine import START, Answer, LedgerMachine
from tests.unit.wallet.ledger_model import PEOPLE

# Triggers are for everybody but a replica; what a test emptied was never anybody's.
EMPTY = """SET session_replication_role = replica;
TRUNCATE accounts, commands, transfers, entries, holds RESTART IDENTITY;
SET session_replication_role = origin"""
STANDINGS = """
SELECT owner, sum(balance)::bigint AS balance, sum(held)::bigint AS held FROM accounts
WHERE currency = 'TOK' GROUP BY owner"""


async def test_the_database_does_what_the_model_does(own_desk: Desk) -> None:
    # Hypothesis is not asynchronous: it has a thread of its own, and the ledger a loop in it.
    answered = await asyncio.to_thread(_run, own_desk.settings)
    assert {Posted, Refused} <= answered  # each as the model had it: see LedgerMachine.ask


def _run(ledger: Settings) -> set[type[Answer]]:
    """What kinds of answers there were. Raises AssertionError where the two differ."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        desk = loop.run(Desk(ledger).__aenter__())
        try:
            return _compare(loop, desk)
        finally:
            loop.run(desk.__aexit__())


def _compare(loop: asyncio.Runner, desk: Desk) -> set[type[Answer]]:
    answered: set[type[Answer]] = set()

    class DatabaseMachine(LedgerMachine):
        def __init__(self) -> None:
            super().__init__()
            loop.run(desk.operator.execute(EMPTY))
            loop.run(desk.opens(*PEOPLE))
            desk.now = START

        def answers(self, commands: Sequence[Command | ExpireHold]) -> list[Answer]:
            answers: list[Answer] = list(loop.run(desk.asks(*commands))) or [None]
            answered.update(map(type, answers))
            return answers

        def standings(self) -> dict[str, tuple[int, int]]:
            rows = loop.run(desk.operator.fetch(STANDINGS))
            return {row["owner"]: (row["balance"], row["held"]) for row in rows}

        def teardown(self) -> None:
            assert loop.run(desk.verify()).problems == []

    run_state_machine_as_test(
        DatabaseMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return answered
