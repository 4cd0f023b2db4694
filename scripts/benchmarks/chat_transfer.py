"""A transfer in a chat: from the tap that confirms it to the last of both people being told.

Everybody sends once, to the next one, so that no limit and no look-out is reached; they have had their
accounts for a month. What leads up to the tap is said beforehand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from consumers.wallet.flows.sending import CONFIRM_FROM
from infra.embedded.failure import EmbeddedFailure
from infra.kafka.publisher import Output
from infra.settings import Settings
from schemas import topics
from schemas.events.wallet import Transfer
from schemas.ids import message_id
from scripts.benchmarks import messages, records, replies
from scripts.benchmarks.figures import Findings, percentiles
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import Size
from scripts.benchmarks.system import System, start

RATE, RATE_QUICK = 100.0, 20.0
LEAD_IN_RATE = 100.0
LENGTHS = 3  # times the seconds of a round, as the stages of the end-to-end bench
GIFT = 5 * CONFIRM_FROM
WANTED_MS = 150
TRANSFERS = "transfers"
AGAIN_SECONDS, AGAIN_LIMIT = 2.0, 10

FIND_PEOPLE = "SELECT phone, person FROM wallet.people WHERE phone IS NOT NULL"
MATURE = "UPDATE wallet.accounts SET opened_at = opened_at - interval '30 days'"
FIND_COMMANDS = """
SELECT p.phone, c.data ->> 'command' AS command FROM runtime.conversation AS c
JOIN wallet.people AS p USING (person) WHERE c.consumer = 'wallet' AND c.data ? 'command'"""
COUNT_SENT = "SELECT count(*) FROM wallet.transfers WHERE kind = 'send'"
COUNT_GIFTS = "SELECT count(*) FROM wallet.transfers WHERE kind = 'reward'"

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """One stage: thousands of transfers are rounds enough."""
    findings = Findings("chat-transfer")
    rate = RATE_QUICK if size.quick else RATE
    persons = int(rate * size.seconds * LENGTHS)
    async with ground.trial() as settings, AsyncExitStack() as stack:
        await ground.make_topics(settings)
        system = await start(ground, settings, persons, stack)
        chat = _Chat(system, persons)
        say(f"{persons:,} people write for the first time, and get tokens")
        await chat.all_say("hello")
        await _give(settings, persons)
        say("they say what they want to send, and to whom")
        for said in ("transfer", chat.next_number, str(CONFIRM_FROM)):
            await chat.all_say(said)
        await system.settle()
        say(f"they confirm, {rate:.0f} a second")
        await _measure(system, chat, rate, findings)
    if not size.quick:
        findings.at_most(
            "p95 from the tap to both being told, ms", WANTED_MS, findings.middle(TRANSFERS, "p95")
        )
        findings.at_most("transfers not made or not told", 0, findings.middle(TRANSFERS, "missing"))
    findings.notes.append(f"{rate:.0f}/s, {persons:,} people; the load and all else share the machine")
    return findings


class _Chat:
    """People who say the same at the same step, one after the other."""

    def __init__(self, system: System, persons: int) -> None:
        self._system = system
        self.phones = [messages.phone_of(number) for number in range(persons)]
        self._step = 0

    def next_number(self, number: int) -> str:
        """Whom this person sends to: the next one, in the way it is dialled here."""
        return "0" + self.phones[(number + 1) % len(self.phones)].removeprefix("250")

    def wamids(self) -> list[str]:
        """Of this step's messages."""
        return [
            f"wamid.HBgMMjUwNzg4MDAwMDAwFQIAEhgU{self._step:02}{n:014X}AA==" for n in range(len(self.phones))
        ]

    async def all_say(self, what: str | Callable[[int], str]) -> None:
        """Everybody says it; returns when all that follows is done."""
        words = [what if isinstance(what, str) else what(number) for number in range(len(self.phones))]
        await self.post([messages.text(each) for each in words], LEAD_IN_RATE)
        await self._system.idle()

    async def post(self, contents: Iterable[dict[str, Any]], rate: float) -> None:
        """One message of each person, in their order."""
        self._step += 1
        now = int(time.time())
        each = zip(self.phones, self.wamids(), contents, strict=True)
        bodies = [messages.post(phone, wamid, now, content) for phone, wamid, content in each]
        file: Path = self._system.ground.folder / "bodies"
        file.write_bytes(b"\n".join(bodies))  # noqa: ASYNC240 - nothing else runs in this process meanwhile
        await self._system.post(f"T{self._step}", rate, len(bodies) / rate, file)


async def _give(settings: Settings, persons: int) -> None:
    """Enough for everybody to send, on accounts that are no longer young."""
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    try:
        people = await connection.fetch(FIND_PEOPLE)
        if len(people) != persons:
            raise EmbeddedFailure(f"the wallet knows {len(people)} of {persons} people")
        await records.publish(settings, [_gift(row["person"]) for row in people])
        await _until(connection, COUNT_GIFTS, persons)
        await connection.execute(MATURE)
    finally:
        await connection.close()


def _gift(person: str) -> Output:
    command = Transfer(id=uuid4(), debit="system:issue", credit=person, amount=GIFT, kind="reward")
    return records.event(topics.WALLET_COMMANDS, person, command, source="/consumers/bench")


async def _measure(system: System, chat: _Chat, rate: float, findings: Findings) -> None:
    connection = await asyncpg.connect(system.settings.need("postgres_dsn"))
    try:
        command_of = {row["phone"]: row["command"] for row in await connection.fetch(FIND_COMMANDS)}
        asked = [phone for phone in chat.phones if phone in command_of]
        if len(asked) != len(chat.phones):
            raise EmbeddedFailure(f"{len(asked)} of {len(chat.phones)} people were asked to confirm")
        await system.simulator.ask("POST", "arrivals", {"on": True})
        taps = (messages.tap(f"wallet:send:{command_of[phone]}", "Send") for phone in chat.phones)
        await chat.post(taps, rate)
        await system.idle()
        made = await connection.fetchval(COUNT_SENT)
    finally:
        await connection.close()
    due = replies.departures(system.ground.folder / "departures")
    told = [message_id(wamid, "interactive") for wamid in chat.wamids()]
    for _ in range(AGAIN_LIMIT):
        trails = await replies.trails(system.settings, system.simulator_url, told, due)
        if all(trail.all_arrived is not None for trail in trails):
            break
        await asyncio.sleep(AGAIN_SECONDS)
    took = [trail.all_arrived - trail.due for trail in trails if trail.all_arrived is not None]
    for measure, value in percentiles(took).items():
        findings.add(TRANSFERS, measure, "ms", [value])
    findings.add(TRANSFERS, "made", "", [made])
    findings.add(TRANSFERS, "missing", "", [len(chat.phones) - min(made, len(took))])


async def _until(connection: asyncpg.Connection[Any], query: str, count: int) -> None:
    async with asyncio.timeout(60):
        while await connection.fetchval(query) < count:  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(0.1)
