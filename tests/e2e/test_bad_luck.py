"""Bad luck through the whole system: Meta repeats and shuffles, its API fails, Kafka and PostgreSQL restart.

Whatever happens, each message has one effect, and each reply arrives, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta

import asyncpg
import pytest

from consumers.sender import rules
from infra.embedded.stack import EmbeddedStack
from infra.settings import Settings
from infra.simulator.chat import Chat
from infra.simulator.messages import Message
from infra.simulator.simulator import Simulator
from infra.whatsapp.client import GraphClient
from tests.waiting import eventually

Chats = Callable[..., Chat]

PLACE = (-1.9441, 30.0619)
READ_SECONDS = 0.5  # how long the sender waits for Meta's answer here; otherwise it is 10
WORDS = ("hello", "help", "language", "profile", "support")  # core answers all of them, each with one message
ANSWERS = ("Welcome to EasyMO", "*STOP* ends", "Which language", "Saved places: 0", "Our team")
RESTART_SECONDS = 45.0
# Retries are minutes away: brought to now.
# What somebody has a lock on is under way anyway: to wait for it could be a deadlock.
BRING_RETRIES_NEAR = """
UPDATE runtime.later SET due = now() WHERE id IN (
    SELECT id FROM runtime.later WHERE consumer = 'sender' AND sent_at IS NULL FOR UPDATE SKIP LOCKED)"""


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    """A look at the tables, from outside."""
    async with asyncpg.create_pool(settings.need("postgres_dsn"), min_size=0, max_size=1) as pool:
        yield pool


@pytest.fixture(autouse=True)
def impatient_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives up on an answer after half a second, so that lateness can be tried."""
    defaults = GraphClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "read_seconds", READ_SECONDS)


@pytest.fixture
def short_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a status a call is in doubt for minutes; here until it is looked into a second time."""
    monkeypatch.setattr(rules, "DOUBT_LIMIT", timedelta(0))


async def test_what_meta_posts_twice_has_one_effect(chat: Chat, system: Simulator) -> None:
    """A second copy of the pickup would be taken for the destination."""
    system.faults.add("duplicate", copies=2)
    await chat.says("book ride")
    await chat.hears("We look for this vehicle")
    await chat.shares_location(*PLACE)
    await chat.hears_buttons("Skip")
    await system.notifier.quiet()
    await chat.taps("Skip")
    await chat.hears("Nobody is online within 10 km")
    await system.notifier.quiet()
    await chat.says("menu")
    await chat.hears_list()
    assert _begin_with(
        _replies(chat), "Where should we", "We look for", "Where are you", "With a dest", "Nobody", "👋"
    )


async def test_a_shuffled_and_doubled_crowd_is_answered_once_each(chats: Chats, system: Simulator) -> None:
    system.faults.add("duplicate", share=0.7, copies=2)
    system.faults.add("reorder", copies=8)
    crowd = [chats(f"25078811{number:04}", name=f"P{number}") for number in range(10)]
    for words in ("hello", "help"):
        for chat in crowd:
            await chat.says(words)
    for chat in crowd:
        await eventually(_has_replies(chat, 2))
    await system.notifier.quiet()
    system.faults.clear()
    for chat in crowd:
        await chat.says("language")  # behind whatever a copy would have caused
        await chat.hears(ANSWERS[2])
        texts = [message.text for message in _replies(chat)]
        assert sorted(_which(text) for text in texts) == [0, 1, 2], texts


async def test_replies_keep_their_order_while_meta_fails_is_slow_and_answers_too_late(
    chat: Chat, system: Simulator, database: asyncpg.Pool
) -> None:
    system.faults.add("error", code=131016, times=1)
    system.faults.add("slow", seconds=READ_SECONDS / 2, times=1)
    system.faults.add("late", seconds=READ_SECONDS * 3, times=1)
    system.faults.add("cut", times=1)
    await _all_answered(chat, database, BRING_RETRIES_NEAR)
    assert [_which(message.text) for message in _replies(chat)] == list(range(len(WORDS)))
    assert await _sent_again(database) == 0  # the statuses told that they had gone out


@pytest.mark.usefixtures("short_doubts")
async def test_what_never_reached_meta_is_sent_again(
    chat: Chat, system: Simulator, database: asyncpg.Pool
) -> None:
    await _is_known(chat)
    system.faults.add("drop", times=1)
    system.faults.add("http", status=503, times=1)
    await _all_answered(chat, database, BRING_RETRIES_NEAR)
    assert [_which(message.text) for message in _replies(chat)[1:]] == list(range(len(WORDS)))
    assert await _sent_again(database) == 2


@pytest.mark.usefixtures("short_doubts")
async def test_what_nobody_can_know_is_sent_twice_and_counted(
    chat: Chat, system: Simulator, database: asyncpg.Pool
) -> None:
    await _is_known(chat)
    system.faults.add("lose_statuses")
    system.faults.add("cut", times=1)
    await _all_answered(chat, database, BRING_RETRIES_NEAR, more=1)
    heard = [_which(message.text) for message in _replies(chat)[1:]]
    assert heard == [0, *range(len(WORDS))]
    assert await _sent_again(database) == 1


async def test_a_person_without_a_number_is_served(system: Simulator) -> None:
    kezia = system.chat(user_id="RW.7305501289", name="Kezia", username="kezia")
    await kezia.says("muraho")
    await kezia.hears_list()
    await kezia.says("ndashaka akazi")
    await kezia.hears("Urashaka akazi k’ubuhe bwoko?")
    assert kezia.person.phone is None


@pytest.mark.parametrize("part", ["kafka", "postgres"])
async def test_conversations_go_on_after_a_restart(
    chats: Chats, system: Simulator, breakable_stack: EmbeddedStack, part: str
) -> None:
    people = [chats(f"25078822{number:04}", name=f"P{number}") for number in range(5)]
    for chat in people:
        await chat.says("book ride")
    await asyncio.gather(*(chat.hears("We look for this vehicle") for chat in people))
    server = breakable_stack.kafka if part == "kafka" else breakable_stack.postgres
    await server.kill()
    for chat in people:
        await chat.shares_location(*PLACE)
    await server.restart()
    await asyncio.gather(
        *(chat.hears_buttons("Skip", within_seconds=RESTART_SECONDS) for chat in people),
    )
    for chat in people:
        await chat.taps("Skip")
    await asyncio.gather(
        *(chat.hears("Nobody is online", within_seconds=RESTART_SECONDS) for chat in people),
    )
    for chat in people:
        assert _begin_with(_replies(chat), "Where should", "We look", "Where are", "With a dest", "Nobody")


async def _is_known(chat: Chat) -> None:
    """Say something and wait until its statuses are read: from then on their lane has a time."""
    await chat.says("hello")
    await chat.hears_list()
    await chat.sees_status(_replies(chat)[0], "read")


async def _all_answered(chat: Chat, database: asyncpg.Pool, *hurry: str, more: int = 0) -> None:
    """Say all the words; bring what waits nearer until each is answered (`more`: so often twice)."""
    wanted = len(_replies(chat)) + len(WORDS) + more
    for words in WORDS:
        await chat.says(words)

    async def answered() -> bool:
        for statement in hurry:
            await database.execute(statement)
        return len(_replies(chat)) >= wanted

    await eventually(answered)


async def _sent_again(database: asyncpg.Pool) -> int:
    return int(await database.fetchval("SELECT coalesce(sum(repeats), 0) FROM sender.message"))


def _has_replies(chat: Chat, count: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(_replies(chat)) >= count

    return has


def _replies(chat: Chat) -> list[Message]:
    return [message for message in chat.transcript if message.by == "business"]


def _which(text: str) -> int:
    """The place among ANSWERS of the one that this text is. Raises StopIteration for any other."""
    return next(place for place, part in enumerate(ANSWERS) if part in text)


def _begin_with(messages: Sequence[Message], *beginnings: str) -> bool:
    texts = [message.text for message in messages]
    return len(texts) == len(beginnings) and all(map(str.startswith, texts, beginnings))
