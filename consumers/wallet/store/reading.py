"""Reading ahead: all that a chunk may touch, locked and read in a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from consumers.wallet.rules.accounts import VENDOR, Account, Name
from consumers.wallet.rules.book import Book, Held, Known, Movement, Resolution
from consumers.wallet.rules.limits import REMEMBERED, RIDES_REMEMBERED, Sent
from consumers.wallet.rules.reach import Reach
from consumers.wallet.store.statements import (
    ADD_SHARDS,
    FIND_COMMANDS,
    FIND_HOLDS,
    FIND_RESOLUTIONS,
    FIND_RIDDEN,
    FIND_RUN_BY,
    FIND_SENT,
    FIND_TRANSFERS,
    LOCK_ACCOUNTS,
    OPEN_ACCOUNTS,
    TAKE_SHARDS,
)
from infra.postgres.session import Conflict, Session


async def read_book(session: Session, reach: Reach, now: datetime) -> Book:
    """What the commands may touch, as it stands now, and nobody else changes before this transaction ends.

    What may be read before the locks is what never changes. Raises Conflict: look again.
    """
    book = Book()
    if reach.commands:
        rows = await session.fetch(FIND_COMMANDS, list(reach.commands))
        book.commands = {row["id"]: Known(*row) for row in rows}
    debits = await _read_what_is_named(session, reach, book)
    await _lock_persons(session, reach, book, debits, now)
    await _take_systems(session, reach, book)
    ended = [*reach.holds, *reach.undone]
    if ended:
        rows = await session.fetch(FIND_RESOLUTIONS, ended)
        book.resolutions = {row["resolves"]: Resolution(row["id"], row["type"]) for row in rows}
    await _read_sent(session, reach, book, now)
    return book


async def _read_what_is_named(session: Session, reach: Reach, book: Book) -> set[int]:
    """The holds and transfers that commands name, and so whose accounts are needed; debits of holds by id."""
    debits: set[int] = set()
    if reach.holds:
        for row in await session.fetch(FIND_HOLDS, list(reach.holds)):
            held = book.holds[row["id"]] = Held(*row)
            debits.add(held.debit)
            reach.names.add((held.credit, held.currency))
    if reach.undone:
        for row in await session.fetch(FIND_TRANSFERS, list(reach.undone)):
            movement = Movement(*row)
            book.movements[movement.command].append(movement)
            reach.names |= {
                (movement.debit_owner, movement.currency),
                (movement.credit_owner, movement.currency),
            }
    return debits


async def _lock_persons(
    session: Session, reach: Reach, book: Book, ids: Iterable[int], now: datetime
) -> None:
    """Lock and read persons' accounts, open those that are to be, and follow those that were taken over."""
    names = reach.persons()
    ids = sorted(ids)
    if not names and not ids:
        return
    await _lock(session, book, names, ids)
    missing = [name for name in reach.opens if name not in book.ids]
    if missing:
        await session.fetch(OPEN_ACCOUNTS, *_columns(missing), now)
        await _lock(session, book, missing, [])
    while True:  # at most as often as persons were joined one after the other
        further = {a.joined_into for a in book.accounts.values() if a.joined_into is not None}
        further -= book.accounts.keys()
        if not further:
            return
        await _lock(session, book, [], sorted(further))


async def _lock(session: Session, book: Book, names: Collection[Name], ids: list[int]) -> None:
    for row in await session.fetch(LOCK_ACCOUNTS, *_columns(names), ids):
        book.take_in(Account(*row))


async def _take_systems(session: Session, reach: Reach, book: Book) -> None:
    """One row of each of our own accounts that nobody else writes to."""
    names = reach.systems()
    if not names:
        return
    for row in await session.fetch(TAKE_SHARDS, *_columns(names)):
        book.take_in(Account(*row))
    missing = [name for name in names if name not in book.ids]
    if not missing:
        return
    for row in await session.fetch(ADD_SHARDS, *_columns(missing)):
        book.take_in(Account(*row))
    if any(name not in book.ids for name in missing):
        raise Conflict("all rows of a system account are taken")


async def _read_sent(session: Session, reach: Reach, book: Book, now: datetime) -> None:
    """What persons sent lately, and rides took, for those who send and ride now."""
    senders, riders = _accounts(book, reach.senders), _accounts(book, reach.riders)
    if senders:
        for row in await session.fetch(FIND_SENT, senders, now - REMEMBERED):
            book.sent[row["debit"]].append(Sent(row["recipient"], row["amount"], row["at"]))
    if riders:
        rows = await session.fetch(FIND_RIDDEN, riders, now - RIDES_REMEMBERED)
        book.ridden.update({row["debit"]: row["amount"] for row in rows})
    businesses = [owner for owner, _ in reach.names if owner.startswith(VENDOR)] if senders else []
    if businesses:
        rows = await session.fetch(FIND_RUN_BY, businesses)
        book.run_by = {row["owner"]: row["person"] for row in rows}


def _accounts(book: Book, names: Iterable[Name]) -> list[int]:
    """The accounts of these names, or those that took them over."""
    return sorted({_last(book, book.ids[name]) for name in names if name in book.ids})


def _last(book: Book, number: int) -> int:
    """The account that took this one over, in the end."""
    into = book.accounts[number].joined_into
    return number if into is None else _last(book, into)


def _columns(names: Collection[Name]) -> tuple[list[str], list[str]]:
    return [owner for owner, _ in names], [currency for _, currency in names]
