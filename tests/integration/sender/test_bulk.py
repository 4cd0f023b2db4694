"""The sender's statements: as many for one message as for hundreds, and each finds its rows by an index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from consumers.domain import Context, Conversation, Doubt, nothing
from consumers.sender import addresses as knowing
from consumers.sender import sending, statuses
from consumers.sender.attempts import Attempt, Outgoing
from consumers.sender.listening import Listening
from consumers.sender.pruning import ROWS_AT_ONCE, Pruning
from consumers.sender.store import addresses as address_sql
from consumers.sender.store import messages as message_sql
from consumers.sender.store.addresses import AddressStore
from consumers.sender.store.messages import MessageStore
from infra.postgres.session import Session
from infra.whatsapp.errors import Refusal
from infra.whatsapp.outcomes import Accepted, Refused
from schemas.content import TextContent
from schemas.envelope import Envelope
from schemas.events.core import PersonSeen
from schemas.events.whatsapp import SendMessage, StatusReceived
from schemas.model import EventData
from tests.integration.sender.office import Office, a_number, person

NOW = datetime.now(UTC)


def _context(data: EventData, attempt: int = 0) -> Context:
    envelope = Envelope(uuid4(), data.event_type, "/tests", "", NOW, "", "", "", "", attempt=attempt)
    return Context(envelope, NOW, "", Conversation(""), b"key")


async def _count(session: Session, numbers: list[str]) -> list[int]:
    """The statements that each step takes for messages to all these people: seen, claimed, recorded, told."""
    counts = []

    async def stores(events: list[tuple[EventData, Context]]) -> tuple[AddressStore, MessageStore]:
        loaded = [(context.event, data, "") for data, context in events]
        both = AddressStore(session), MessageStore(session)
        for store in both:
            await store.load(loaded)
        return both

    start = session.statements
    seen = [PersonSeen(person=person(n), contact=n, phone=n, at=NOW) for n in numbers]
    address_store, _ = await stores([(data, _context(data)) for data in seen])
    for data in seen:
        await knowing.person_seen(data, address_store)
    await session.flush()
    counts.append(session.statements - start)

    start = session.statements
    wishes = [SendMessage(person=person(n), content=TextContent(body="hi")) for n in numbers]
    contexts = [_context(wish) for wish in wishes]
    address_store, message_store = await stores(list(zip(wishes, contexts, strict=True)))
    outgoing = [
        await sending.prepare(wish, context, address_store, message_store)
        for wish, context in zip(wishes, contexts, strict=True)
    ]
    await session.flush()
    counts.append(session.statements - start)

    start = session.statements
    address_store, message_store = await stores(list(zip(wishes, contexts, strict=True)))
    for position, (context, out) in enumerate(zip(contexts, outgoing, strict=True)):
        assert isinstance(out, Outgoing)
        taken = Accepted(f"wamid.{context.event.id}")
        outcome = taken if position % 2 else Refused(Refusal(131026, "Undeliverable"))
        await sending.record(context, out, Attempt(outcome, out.content), address_store, message_store)
    await session.flush()
    counts.append(session.statements - start)
    return counts


async def _count_statuses(session: Session, events: list[str]) -> int:
    told = [
        StatusReceived(
            contact="250788000001",
            status={
                "id": "wamid.1",
                "status": status,
                "timestamp": str(int(NOW.timestamp())),
                "biz_opaque_callback_data": event,
                "errors": [{"code": 131026}],
            },
        )
        for event in events
        for status in ("sent", "failed", "read")
    ]
    contexts = [_context(data) for data in told]
    address_store, message_store = AddressStore(session), MessageStore(session)
    for store in (address_store, message_store):
        await store.load([(c.event, data, "") for data, c in zip(told, contexts, strict=True)])
    start = session.statements
    for data, context in zip(told, contexts, strict=True):
        await statuses.status_received(data, context, message_store, address_store, Pruning())
    await session.flush()
    return session.statements - start


async def test_the_number_of_statements_does_not_grow(session: Session) -> None:
    few = await _count(session, [a_number() for _ in range(2)])
    many = await _count(session, [a_number() for _ in range(250)])
    assert few == many
    assert sum(many) <= 7


async def _count_redelivered(session: Session, numbers: list[str]) -> int:
    """The statements that it takes to find that messages to all these people, which came back, went out."""
    wishes = [SendMessage(person=person(n), content=TextContent(body="hi")) for n in numbers]
    contexts = [_context(wish, attempt=1) for wish in wishes]
    ids = [context.event.id for context in contexts]
    await session.fetch(ADD_DELIVERED, ids)
    address_store, message_store = AddressStore(session), MessageStore(session)
    for store in (address_store, message_store):
        await store.load([(c.event, wish, "") for wish, c in zip(wishes, contexts, strict=True)])
    start = session.statements
    for wish, context in zip(wishes, contexts, strict=True):
        both = address_store, message_store
        assert await sending.find_out(wish, Doubt(NOW), context, *both, Listening()) == nothing()
        assert await sending.prepare(wish, context, *both) == nothing()
    await session.flush()
    return session.statements - start


async def test_all_that_has_come_back_is_looked_up_in_one_statement(session: Session) -> None:
    assert await _count_redelivered(session, [a_number()]) == 1
    assert await _count_redelivered(session, [a_number() for _ in range(50)]) == 1


async def test_nor_does_that_of_statuses(session: Session) -> None:
    await _count_statuses(session, [str(uuid4())])  # moves the lane, which the others find moved
    few = await _count_statuses(session, [str(uuid4())])
    many = await _count_statuses(session, [str(uuid4()) for _ in range(200)])
    assert few == many <= 5


async def test_old_messages_are_forgotten_in_portions(session: Session) -> None:
    old, young = NOW - timedelta(days=40), NOW
    await session.fetch(FILL_MESSAGES, ROWS_AT_ONCE + 10, old)
    await session.fetch(FILL_MESSAGES, 10, young)
    store = MessageStore(session)
    forgotten = [await store.prune(NOW - timedelta(days=30), ROWS_AT_ONCE) for _ in range(3)]
    assert forgotten == [ROWS_AT_ONCE, 10, 0]
    rows = await session.fetch("SELECT count(*) AS n FROM message WHERE person LIKE 'filler-%'")
    assert rows[0]["n"] == 10


FILL_MESSAGES = """
INSERT INTO message (event_id, person, wamid, state, state_at, claimed_at)
SELECT gen_random_uuid(), 'filler-' || n, 'wamid.' || n, 'read', $2, $2
FROM generate_series(1, $1::int) AS n"""

ADD_DELIVERED = """
INSERT INTO message (event_id, person, wamid, state, state_at, claimed_at)
SELECT id, 'somebody', 'wamid.' || id, 'delivered', now(), now() FROM unnest($1::uuid[]) AS u (id)"""

FILL_ADDRESSES = """
INSERT INTO address (person, contact, heard_at, joined_into)
SELECT 'filler-' || n, n::text, now(), CASE WHEN n % 1000 = 0 THEN 'filler-' || n - 1 END
FROM generate_series(1, $1::int) AS n"""

NAMES = [f"filler-{n}" for n in range(100)]
IDS = [uuid4() for _ in range(100)]
TIMES = [NOW] * 100
TEXTS = ["x"] * 100

STATEMENTS = {
    "find addresses": (address_sql.FIND, (NAMES,)),
    "mark unreachable": (address_sql.UNREACHABLE.sql, (NAMES, TIMES)),
    "forward": (address_sql.FORWARD_CHAIN.sql, (NAMES, NAMES)),
    "hand over": (address_sql.HAND_OVER_MESSAGES.sql, (NAMES[:2], NAMES[:2])),
    "accept": (message_sql.ACCEPTED.sql, (IDS, TEXTS, TEXTS, TIMES)),
    "refuse": (message_sql.REFUSED.sql, (IDS, TIMES, [1] * 100, TEXTS)),
    "repeat": (message_sql.REPEATED.sql, (IDS,)),
    "move": (message_sql.MOVE.sql, (IDS, TEXTS, ["read"] * 100, TIMES, [1] * 100, TEXTS)),
    "find calls": (message_sql.FIND_CALLS, (IDS,)),
    "find the failed": (message_sql.FIND_FAILED, (IDS,)),
    "prune": (message_sql.PRUNE, (NOW - timedelta(days=300), 10)),
    "a person's messages": (
        "SELECT * FROM message WHERE person = $1 ORDER BY claimed_at DESC LIMIT 20",
        ("filler-1",),
    ),
    "a message of Meta's": ("SELECT * FROM message WHERE wamid = $1", ("wamid.1",)),
}


async def test_every_statement_finds_its_rows_by_an_index(session: Session, office: Office) -> None:
    await session.fetch(FILL_MESSAGES, 100_000, NOW)
    await session.fetch(FILL_ADDRESSES, 100_000)
    # Statistics as autovacuum would have them; the domain's role may not gather them itself.
    await session.connection.execute("RESET ROLE; ANALYZE sender.message, sender.address")
    for name, (sql, arguments) in STATEMENTS.items():
        plan = await _plan(session, sql, arguments)
        for table in ("message", "address"):
            assert f"Seq Scan on {table}" not in plan, f"{name}:\n{plan}"


async def _plan(session: Session, sql: str, arguments: tuple[object, ...]) -> str:
    rows = await session.connection.fetch(f"EXPLAIN {sql}", *arguments)
    return "\n".join(row[0] for row in rows)
