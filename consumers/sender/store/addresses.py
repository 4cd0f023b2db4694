"""People's addresses: read for a whole chunk at once, and moved on only by what is newer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from consumers.domain import Store
from consumers.sender.rules import Address
from infra.postgres.session import BulkWrite
from infra.whatsapp.limits import PHONE
from schemas.envelope import Envelope
from schemas.events.core import AddressChanged, PersonSeen
from schemas.events.whatsapp import SendMessage

FIND = """
SELECT asked.person AS asked, a.person, a.contact, a.phone, a.contact_at, a.locale, a.heard_at, a.opted_out,
    a.opted_at, a.unreachable_at, a.pair_spoken_for
FROM unnest($1::text[]) AS asked (person)
JOIN address AS f ON f.person = asked.person
JOIN address AS a ON a.person = coalesce(f.joined_into, f.person)"""

# Whoever sends takes from the pair's bucket, and may know more than this table: `contact` is given only then.
USE = BulkWrite(
    """INSERT INTO address AS a (person, contact, contact_at, heard_at, pair_spoken_for)
    SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
    ON CONFLICT (person) DO UPDATE SET
        contact = CASE WHEN a.contact IS NULL OR excluded.contact_at > a.contact_at
            THEN coalesce(excluded.contact, a.contact) ELSE a.contact END,
        phone = CASE WHEN excluded.contact_at > a.contact_at AND excluded.contact <> a.contact
            THEN NULL ELSE a.phone END,
        contact_at = CASE WHEN excluded.contact IS NULL THEN a.contact_at
            ELSE greatest(a.contact_at, excluded.contact_at) END,
        heard_at = greatest(a.heard_at, excluded.heard_at),
        pair_spoken_for = greatest(a.pair_spoken_for, excluded.pair_spoken_for)""",
    key=1,
    table="address",
)

# Meta tells whole seconds: of what was said in one second, the last one that came counts.
SEEN = BulkWrite(
    """INSERT INTO address AS a (person, contact, phone, locale, heard_at, contact_at)
    SELECT DISTINCT ON (person) person, contact, phone, locale, heard_at, heard_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
        WITH ORDINALITY AS u (person, contact, phone, locale, heard_at, place)
    ORDER BY person, heard_at DESC, place DESC
    ON CONFLICT (person) DO UPDATE SET
        contact = CASE WHEN excluded.contact_at >= a.contact_at OR a.contact_at IS NULL
            THEN excluded.contact ELSE a.contact END,
        phone = CASE WHEN excluded.contact_at >= a.contact_at OR a.contact_at IS NULL
            THEN coalesce(excluded.phone, a.phone) ELSE a.phone END,
        locale = CASE WHEN excluded.heard_at >= a.heard_at OR a.heard_at IS NULL
            THEN excluded.locale ELSE a.locale END,
        contact_at = greatest(a.contact_at, excluded.contact_at),
        heard_at = greatest(a.heard_at, excluded.heard_at)""",
    table="address",
)

# The number known so far may be the one that was given up, so it goes unless the new contact is one.
CHANGED = BulkWrite(
    """INSERT INTO address AS a (person, contact, phone, contact_at)
    SELECT DISTINCT ON (person) person, contact, phone, at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
        WITH ORDINALITY AS u (person, contact, phone, at, place)
    ORDER BY person, at DESC, place DESC
    ON CONFLICT (person) DO UPDATE
    SET contact = excluded.contact, phone = excluded.phone, contact_at = excluded.contact_at
    WHERE a.contact_at IS NULL OR excluded.contact_at >= a.contact_at""",
    table="address",
)

OPTED = BulkWrite(
    """INSERT INTO address AS a (person, opted_out, opted_at)
    SELECT DISTINCT ON (1) coalesce(f.joined_into, u.person), u.out, u.at
    FROM unnest($1::text[], $2::boolean[], $3::timestamptz[]) WITH ORDINALITY AS u (person, out, at, place)
    LEFT JOIN address AS f ON f.person = u.person
    ORDER BY 1, u.at DESC, u.place DESC
    ON CONFLICT (person) DO UPDATE SET opted_out = excluded.opted_out, opted_at = excluded.opted_at
    WHERE a.opted_at IS NULL OR excluded.opted_at >= a.opted_at""",
    table="address",
)

UNREACHABLE = BulkWrite(
    """UPDATE address AS a SET unreachable_at = u.at
    FROM unnest($1::text[], $2::timestamptz[]) AS u (person, at) WHERE a.person = u.person""",
    key=1,
)

# The number known so far may have been given up: it stays only beside the contact that it was known with.
FOLD = BulkWrite(
    """INSERT INTO address AS a (person, contact, phone, contact_at, locale, heard_at, opted_out, opted_at,
        unreachable_at, pair_spoken_for)
    SELECT u.kept, f.contact, f.phone, f.contact_at, f.locale, f.heard_at, f.opted_out, f.opted_at,
        f.unreachable_at, f.pair_spoken_for
    FROM unnest($1::text[], $2::text[]) AS u (kept, folded) JOIN address AS f ON f.person = u.folded
    ON CONFLICT (person) DO UPDATE SET
        contact = CASE WHEN a.contact IS NULL OR excluded.contact_at > a.contact_at
            THEN excluded.contact ELSE a.contact END,
        phone = CASE WHEN a.contact IS NULL OR excluded.contact_at > a.contact_at
            THEN excluded.phone ELSE coalesce(a.phone, excluded.phone) END,
        contact_at = greatest(a.contact_at, excluded.contact_at),
        locale = CASE WHEN a.heard_at IS NULL OR excluded.heard_at > a.heard_at
            THEN excluded.locale ELSE a.locale END,
        heard_at = greatest(a.heard_at, excluded.heard_at),
        opted_out = CASE WHEN a.opted_at IS NULL OR excluded.opted_at > a.opted_at
            THEN excluded.opted_out ELSE a.opted_out END,
        opted_at = greatest(a.opted_at, excluded.opted_at),
        pair_spoken_for = greatest(a.pair_spoken_for, excluded.pair_spoken_for)"""
)
FIND_JOINED = "SELECT joined_into FROM address WHERE person = $1 AND joined_into IS NOT NULL"
FORWARD = BulkWrite(
    """INSERT INTO address AS a (person, joined_into) SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (person) DO UPDATE SET joined_into = excluded.joined_into""",
    key=1,
)
FORWARD_CHAIN = BulkWrite(
    """UPDATE address AS a SET joined_into = u.kept
    FROM unnest($1::text[], $2::text[]) AS u (folded, kept) WHERE a.joined_into = u.folded""",
    key=1,
)
HAND_OVER_MESSAGES = BulkWrite(
    """UPDATE message AS m SET person = u.kept
    FROM unnest($1::text[], $2::text[]) AS u (folded, kept) WHERE m.person = u.folded""",
    key=1,
)


NEXT = timedelta(microseconds=1)


class AddressStore(Store):
    """The table `address`."""

    _wanted: frozenset[str] = frozenset()
    _found: dict[str, Address] | None = None

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """Note whose addresses may be asked for; they are read when the first one is."""
        self._wanted = frozenset(data.person for _, data, _ in events if isinstance(data, SendMessage))

    async def find(self, person: str) -> Address:
        """The address of a person, or of whom they were joined into; an empty one for a stranger."""
        if self._found is None or person not in self._wanted:
            await self._read(self._wanted | {person})
        found = self._found or {}
        return found.get(person) or found.setdefault(person, Address(person))

    async def _read(self, persons: frozenset[str]) -> None:
        rows = await self.session.fetch(FIND, sorted(persons))
        addresses = {
            row["person"]: Address(**{name: row[name] for name in Address.__slots__}) for row in rows
        }
        self._wanted = persons
        self._found = {row["asked"]: addresses[row["person"]] for row in rows}

    def use(self, before: Address, after: Address) -> None:
        """A message goes to this address: keep what it told, and what it took of the pair's rate."""
        for name in Address.__slots__:
            setattr(before, name, getattr(after, name))  # the chunk's next message finds it so
        self.session.write(
            USE, after.person, after.contact, after.contact_at, after.heard_at, after.pair_spoken_for
        )

    def seen(self, seen: PersonSeen) -> None:
        """The person wrote."""
        self.session.write(SEEN, seen.person, seen.contact, seen.phone, seen.locale, seen.at)

    def changed(self, change: AddressChanged) -> None:
        """The person is reached elsewhere. Of the same second, what came from the former address is older."""
        phone = change.phone if change.phone and PHONE.fullmatch(change.phone) else None
        self.session.write(CHANGED, change.person, change.contact, phone, change.at + NEXT)

    def opted(self, person: str, at: datetime, *, out: bool) -> None:
        """The person opted out, or in again."""
        self.session.write(OPTED, person, out, at)

    def unreachable(self, person: str, at: datetime) -> None:
        """Meta could not deliver to them."""
        self.session.write(UNREACHABLE, person, at)

    async def joined(self, kept: str, folded: str) -> None:
        """Fold one person's rows into another's. Folding twice does no harm."""
        # Joins of different persons are in no order: the kept one may have been joined into another already.
        row = await self.session.fetch_row(FIND_JOINED, kept)  # after the links of a chain that came before
        kept = row["joined_into"] if row else kept
        self.session.write(FOLD, kept, folded)
        self.session.write(FORWARD, folded, kept)
        self.session.write(FORWARD_CHAIN, folded, kept)
        self.session.write(HAND_OVER_MESSAGES, folded, kept)
