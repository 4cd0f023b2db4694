"""Whose messages these are: the contacts of a whole chunk, looked up and, where they are new, made known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from consumers.core.address import Address, Change, address_of, change_of, is_anothers, names_in
from consumers.core.countries import country_of, likely_language
from infra.postgres.session import BulkError, Conflict, Session
from schemas.envelope import Envelope
from schemas.events.conversation import Ended, Leave, TurnRouted, Unclaimed
from schemas.events.whatsapp import MessageReceived
from schemas.ids import uuid5_from
from schemas.model import EventData

# The user id by a subquery: for a join the planner may read all persons to find a few.
FIND_CONTACTS = """
SELECT contact, person::text, person_since, retired_at,
    (SELECT user_id FROM person WHERE id = contact.person)
FROM contact WHERE contact = ANY($1::text[])"""

FIND_JOINED = """
SELECT id::text, joined_into::text FROM person WHERE id = ANY($1::uuid[]) AND joined_into IS NOT NULL"""

# Sorted, so that two members who meet the same new contacts wait for each other in one order. Whoever comes
# second gets the first one's row back. A contact retired before this message was sent is free again.
ADD_CONTACTS = """
INSERT INTO contact AS c (contact, person, person_since)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS u (contact, person, since) ORDER BY 1
ON CONFLICT (contact) DO UPDATE SET
    person = CASE WHEN c.retired_at < excluded.person_since THEN excluded.person ELSE c.person END,
    person_since =
        CASE WHEN c.retired_at < excluded.person_since THEN excluded.person_since ELSE c.person_since END,
    retired_at = CASE WHEN c.retired_at < excluded.person_since THEN NULL ELSE c.retired_at END
RETURNING contact, person::text"""

ADD_PERSONS = """
INSERT INTO person (id, created_at, contact, phone, user_id, country, locale)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[])
ON CONFLICT DO NOTHING"""


@dataclass(slots=True, frozen=True)
class _Owner:
    person: str
    since: datetime
    retired_at: datetime | None = None
    user_id: str | None = None

    def had_it(self, at: datetime) -> bool:
        """Whether the contact was still this person's at that time."""
        return self.retired_at is None or self.retired_at >= at


@dataclass(slots=True, frozen=True)
class _Newcomer:
    person: str
    since: datetime
    names: tuple[str, ...]
    address: Address


async def identify(session: Session, events: Sequence[tuple[Envelope, EventData]]) -> list[str]:
    """The person of each event, in order; at most four statements, whatever the number of events.

    A message that names two persons belongs to the older one (its handler joins them), unless its phone
    number is another one's (its handler takes that over). Somebody new gets a person whose id derives from
    the event's, so a rerun makes the same one. Raises Conflict when another member is making the same contact
    known: run again, the chunk finds that one's person. Raises BulkError where a name that changes hands by
    one message is named again: whose it is then, the tables say only once that message was handled, so the
    two must not be in one transaction.
    """
    names = [names_in(data) if isinstance(data, MessageReceived) else () for _, data in events]
    owners = await _find_owners(session, {name for each in names for name in each})
    joined = await _find_joined(session, {p for _, data in events if (p := _person_named(data))})
    chunk = _Chunk(owners)
    found: list[str] = []
    for (envelope, data), each in zip(events, names, strict=True):
        if isinstance(data, MessageReceived):
            found.append(chunk.owner_of(envelope, data, each))
        else:
            person = _person_named(data) or str(envelope.id)
            found.append(joined.get(person, person))
    if chunk.newcomers:
        await _add(session, chunk.newcomers)
    return found


def _person_named(data: EventData) -> str | None:
    """The person that an event between core and the domains names; None for anything that is no person."""
    if isinstance(data, TurnRouted | Leave | Ended):
        person = data.person
    elif isinstance(data, Unclaimed):
        person = data.routed.person
    else:
        return None
    try:
        return str(UUID(person))
    except ValueError:
        return None


class _Chunk:
    """Who owns which name, as the chunk is gone through: what one message shows counts for the next one."""

    def __init__(self, owners: dict[str, _Owner]) -> None:
        self.owners = owners
        self.newcomers: list[_Newcomer] = []
        self._moving: set[str] = set()

    def owner_of(self, envelope: Envelope, data: MessageReceived, names: tuple[str, ...]) -> str:
        """The person of one message."""
        if not self._moving.isdisjoint(names):
            raise BulkError("a number changes hands within the chunk")
        at, address, change = envelope.time, address_of(data), change_of(data.message)
        taken = self._taken(address, change, names, at)
        if taken is not None:
            self._moving.add(taken)
            names = tuple(name for name in names if name != taken)
        live = [owner for name in names if (owner := self.owners.get(name)) and owner.had_it(at)]
        if not names or (not live and data.message.get("type") == "system"):
            return str(envelope.id)  # nobody's: no such person exists
        shown = change.user_id if change is not None else address.user_id
        if live:
            kept = self._join(live)
        else:
            kept = _Owner(str(uuid5_from(envelope.id.bytes, b"person")), at, user_id=shown)
            self.newcomers.append(_Newcomer(kept.person, at, names, address))
        user_id = shown or kept.user_id
        for name in names:
            if name not in self.owners or self.owners[name] not in live:
                self.owners[name] = _Owner(kept.person, kept.since, user_id=user_id)
        if user_id != kept.user_id:
            self._is_now(kept.person, user_id)
        if change is not None:
            self._moving.update(names)
            self._moving.update((kept.user_id,) if kept.user_id else ())  # gone with the number, perhaps
        return kept.person

    def _taken(
        self, address: Address, change: Change | None, names: tuple[str, ...], at: datetime
    ) -> str | None:
        """The phone number in a message, where it was somebody else's than the sender's."""
        phone, shown = (address.phone, address.user_id) if change is None else (change.phone, change.user_id)
        owner = self.owners.get(phone) if phone is not None else None
        if owner is None or owner.user_id in (None, shown) or not owner.had_it(at):
            return None
        own = [o for name in names if name != phone and (o := self.owners.get(name)) and o.had_it(at)]
        if any(other.person == owner.person for other in own):
            return None
        told = change is not None and bool(own)
        return phone if is_anothers(owner.user_id, owner.since, shown, at, told=told) else None

    def _join(self, live: list[_Owner]) -> _Owner:
        """The oldest of these, who has all names of the others from now on."""
        kept = min(live, key=lambda owner: (owner.since, owner.person))
        user_id = kept.user_id or next((owner.user_id for owner in live if owner.user_id), None)
        folded = {owner.person for owner in live} - {kept.person}
        if folded:
            for name, owner in self.owners.items():
                if owner.person in folded:
                    self.owners[name] = _Owner(kept.person, kept.since, owner.retired_at, user_id)
        return kept

    def _is_now(self, person: str, user_id: str | None) -> None:
        """The person goes by this user id."""
        for name, owner in self.owners.items():
            if owner.person == person:
                self.owners[name] = replace(owner, user_id=user_id)


async def _find_owners(session: Session, names: set[str]) -> dict[str, _Owner]:
    if not names:
        return {}
    rows = await session.fetch(FIND_CONTACTS, list(names))
    return {
        row["contact"]: _Owner(row["person"], row["person_since"], row["retired_at"], row["user_id"])
        for row in rows
    }


async def _find_joined(session: Session, persons: set[str]) -> dict[str, str]:
    if not persons:
        return {}
    rows = await session.fetch(FIND_JOINED, list(persons))
    return {row["id"]: row["joined_into"] for row in rows}


async def _add(session: Session, newcomers: list[_Newcomer]) -> None:
    wanted = {name: newcomer for newcomer in newcomers for name in newcomer.names}
    rows = await session.fetch(
        ADD_CONTACTS,
        list(wanted),
        [newcomer.person for newcomer in wanted.values()],
        [newcomer.since for newcomer in wanted.values()],
    )
    if any(row["person"] != wanted[row["contact"]].person for row in rows):
        raise Conflict("another member makes the same contact known")
    countries = [country_of(n.address.phone, n.address.user_id) for n in newcomers]
    await session.fetch(
        ADD_PERSONS,
        [n.person for n in newcomers],
        [n.since for n in newcomers],
        [n.address.contact for n in newcomers],
        [n.address.phone if n.address.phone in n.names else None for n in newcomers],
        [n.address.user_id for n in newcomers],
        countries,
        [likely_language(country) for country in countries],
    )
