"""Persons and partners as a sender sees them, and the codes by which people bring others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consumers.domain import Store
from consumers.wallet.rules.limits import SEND
from consumers.wallet.rules.reading import referral_code
from infra.postgres.session import BulkWrite
from schemas.envelope import Envelope
from schemas.events.wallet import Transfer

OWN_SOURCE = "/wallet"  # how the source of our own commands ends
PARTNERS_LIMIT = 45
VENDORS_LIMIT = 9  # of one person, who has several only where persons were joined
ATTEMPTS = 8  # 2^40 codes: a second one is needed by hardly anybody

# A business is shown with the number of who runs it: names can be taken by anybody.
FIND_PARTIES = """
SELECT person AS owner, person, name, phone, locale, since FROM people WHERE person = ANY($1::text[])
UNION ALL
SELECT v.owner, v.person, v.name, p.phone, coalesce(p.locale, 'en'), v.opened_at
FROM vendors AS v LEFT JOIN people AS p ON p.person = v.person WHERE v.owner = ANY($1::text[])"""

FIND_PHONE = """
SELECT person AS owner, person, name, phone, locale, since FROM people WHERE phone = $1
ORDER BY seen_at DESC LIMIT 1"""

FIND_PARTNERS = """
SELECT v.owner, v.person, v.name, p.phone, coalesce(p.locale, 'en') AS locale, v.opened_at AS since
FROM vendors AS v LEFT JOIN people AS p ON p.person = v.person
WHERE v.person <> $1 AND strpos(lower(v.name), lower($2)) > 0 ORDER BY v.name, v.owner LIMIT $3"""

FIND_VENDORS = """
SELECT owner, person, name, NULL AS phone, 'en' AS locale, opened_at AS since
FROM vendors WHERE person = $1 ORDER BY opened_at, owner LIMIT $2"""

# Events come again after newer ones, days later perhaps or in the same chunk: the latest known stands, or
# somebody's money would go to whoever has their old number now. Hence no `key`, by which the last row would.
SAVE_PERSON = BulkWrite(
    """INSERT INTO people (person, phone, name, locale, since, seen_at)
    SELECT person, (array_agg(phone ORDER BY at DESC, place DESC) FILTER (WHERE phone IS NOT NULL))[1],
        (array_agg(name ORDER BY at DESC, place DESC) FILTER (WHERE name IS NOT NULL))[1],
        (array_agg(locale ORDER BY at DESC, place DESC))[1], min(at), max(at)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
        WITH ORDINALITY AS u (person, phone, name, locale, at, place)
    GROUP BY person ORDER BY person
    ON CONFLICT (person) DO UPDATE
    SET phone = CASE WHEN excluded.seen_at >= people.seen_at
            THEN coalesce(excluded.phone, people.phone) ELSE people.phone END,
        name = CASE WHEN excluded.seen_at >= people.seen_at
            THEN coalesce(excluded.name, people.name) ELSE people.name END,
        locale = CASE WHEN excluded.seen_at >= people.seen_at THEN excluded.locale ELSE people.locale END,
        since = least(people.since, excluded.since),
        seen_at = greatest(people.seen_at, excluded.seen_at)""",
    table="people",
)
SAVE_PHONE = BulkWrite(
    """UPDATE people AS p SET phone = u.phone, seen_at = u.at
    FROM (
        SELECT DISTINCT ON (person) person, phone, at
        FROM unnest($1::text[], $2::text[], $3::timestamptz[])
            WITH ORDINALITY AS n (person, phone, at, place)
        ORDER BY person, at DESC, place DESC
    ) AS u
    WHERE p.person = u.person AND u.at >= p.seen_at""",
    table="people",
)
# At any time: better no number until they write again than one that is another's.
LOSE_PHONE = BulkWrite(
    """UPDATE people AS p SET phone = NULL FROM unnest($1::text[], $2::text[]) AS u (person, phone)
    WHERE p.person = u.person AND p.phone = u.phone""",
    key=2,
)
ADD_VENDOR = BulkWrite(
    """INSERT INTO vendors (owner, person, name, opened_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])""",
    key=1,
    table="vendors",
    duplicate_is_conflict=True,
)

FIND_CODE = "SELECT code FROM referral_codes WHERE person = $1 ORDER BY code LIMIT 1"
FIND_PROMOTER = "SELECT person FROM referral_codes WHERE code = $1"
FIND_REFERRAL = "SELECT FROM referrals WHERE joiner = $1"
# Two accounts of one person may have brought each other, or been brought both, before it showed that they
# are one.
FIND_OWN_REFERRALS = """
SELECT paid_for, promoter FROM referrals
WHERE (joiner, promoter) IN (($1::text, $2::text), ($2::text, $1::text))
    OR joiner = $1 AND EXISTS (SELECT FROM referrals WHERE joiner = $2 AND promoter <> $1)"""
COUNT_REFERRALS = "SELECT count(*) FROM referrals WHERE promoter = $1"
FIND_LEADERS = """
SELECT r.promoter, p.name, p.phone, count(*) AS joined FROM referrals AS r
LEFT JOIN people AS p ON p.person = r.promoter
GROUP BY r.promoter, p.name, p.phone ORDER BY joined DESC, min(r.at), r.promoter LIMIT $1"""

ADD_CODE = BulkWrite(
    "INSERT INTO referral_codes (code, person) SELECT * FROM unnest($1::text[], $2::text[])",
    key=1,
    table="referral_codes",
    duplicate_is_conflict=True,
)
ADD_REFERRAL = BulkWrite(
    """INSERT INTO referrals (joiner, promoter, at, paid_for)
    SELECT *, joiner FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS u (joiner, promoter, at)""",
    key=1,
    table="referrals",
    duplicate_is_conflict=True,
)

# Two persons are one. What both have stays the kept one's.
FOLD = tuple(
    BulkWrite(sql, key=2)
    for sql in (
        """UPDATE people AS p SET since = least(p.since, f.since), phone = coalesce(p.phone, f.phone)
        FROM unnest($1::text[], $2::text[]) AS u (folded, kept) JOIN people AS f ON f.person = u.folded
        WHERE p.person = u.kept""",
        """UPDATE vendors AS v SET person = u.kept FROM unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE v.person = u.folded""",
        """UPDATE referral_codes AS c SET person = u.kept
        FROM unnest($1::text[], $2::text[]) AS u (folded, kept) WHERE c.person = u.folded""",
        """DELETE FROM referrals AS r USING unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE (r.joiner, r.promoter) IN ((u.folded, u.kept), (u.kept, u.folded))""",
        """UPDATE referrals AS r SET joiner = u.kept FROM unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE r.joiner = u.folded AND NOT EXISTS (SELECT FROM referrals AS o WHERE o.joiner = u.kept)""",
        """DELETE FROM referrals AS r USING unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE r.joiner = u.folded""",
        """UPDATE referrals AS r SET promoter = u.kept FROM unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE r.promoter = u.folded""",
        """UPDATE pay_outs AS o SET person = u.kept FROM unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE o.person = u.folded""",
        """DELETE FROM people AS p USING unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE p.person = u.folded""",
    )
)


@dataclass(slots=True, frozen=True)
class Party:
    """Whose account it is: a person, or a partner run by one."""

    owner: str
    person: str
    name: str | None
    phone: str | None
    locale: str
    since: datetime


@dataclass(slots=True, frozen=True)
class Leader:
    """Somebody who brought others."""

    person: str
    name: str | None
    phone: str | None
    joined: int


class PeopleStore(Store):
    """Who is who."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._known: dict[str, Party] = {}
        self._looked: set[str] = set()  # up, whether found or not

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """Both sides of what people send each other, for the chunk."""
        owners = {
            owner
            for envelope, data, _ in events
            if isinstance(data, Transfer) and data.kind == SEND and envelope.source.endswith(OWN_SOURCE)
            for owner in (data.debit, data.credit)
        }
        if owners:
            await self.find(owners)

    async def find(self, owners: Iterable[str]) -> dict[str, Party]:
        """Those of these owners who are known."""
        wanted = set(owners)
        missing = wanted - self._looked
        if missing:
            self._looked |= missing
            rows = await self.session.fetch(FIND_PARTIES, sorted(missing))
            self._known |= {row["owner"]: Party(*row) for row in rows}
        return {owner: self._known[owner] for owner in wanted if owner in self._known}

    async def of_phone(self, phone: str) -> Party | None:
        """Whose number it is: the last one who was seen with it."""
        row = await self.session.fetch_row(FIND_PHONE, phone)
        return None if row is None else Party(*row)

    async def partners(self, person: str, name: str = "") -> list[Party]:
        """Businesses that can be paid, and have this in their name."""
        rows = await self.session.fetch(FIND_PARTNERS, person, name, PARTNERS_LIMIT)
        return [Party(*row) for row in rows]

    async def vendors(self, person: str) -> list[Party]:
        """The businesses of a person, the oldest first."""
        return [Party(*row) for row in await self.session.fetch(FIND_VENDORS, person, VENDORS_LIMIT)]

    def add_vendor(self, owner: str, person: str, name: str, at: datetime) -> None:
        """A person opens a business."""
        self.session.write(ADD_VENDOR, owner, person, name, at)

    def save(self, person: str, phone: str | None, name: str | None, locale: str, at: datetime) -> None:
        """Somebody was seen. Who was seen later already stays as they are."""
        self.session.write(SAVE_PERSON, person, phone, name, locale, at)

    def save_phone(self, person: str, phone: str, at: datetime) -> None:
        """Somebody has another number, unless they were seen later already."""
        self.session.write(SAVE_PHONE, person, phone, at)

    def lose_phone(self, person: str, phone: str) -> None:
        """A number is this person's no more; a contact that is no number changes nothing."""
        self.session.write(LOSE_PHONE, person, phone)

    def fold(self, folded: str, kept: str) -> None:
        """Two persons are one."""
        for kind in FOLD:
            self.session.write(kind, folded, kept)

    # Referrals ----------------------------------------------------------------------------------------

    async def code(self, person: str) -> str:
        """A person's own code, made when it is first asked for."""
        row = await self.session.fetch_row(FIND_CODE, person)
        if row is not None:
            return str(row["code"])
        for attempt in range(ATTEMPTS):
            code = referral_code(person, attempt)
            if await self.promoter(code) is None:
                self.session.write(ADD_CODE, code, person)
                return code
        raise RuntimeError("no referral code is free")

    async def promoter(self, code: str) -> str | None:
        """Whose code it is."""
        row = await self.session.fetch_row(FIND_PROMOTER, code)
        return None if row is None else str(row["person"])

    async def was_referred(self, joiner: str) -> bool:
        """Whether somebody was paid for this person already."""
        return await self.session.fetch_row(FIND_REFERRAL, joiner) is not None

    def add_referral(self, joiner: str, promoter: str, at: datetime) -> None:
        """A joiner was brought by a promoter."""
        self.session.write(ADD_REFERRAL, joiner, promoter, at)

    async def own_referrals(self, folded: str, kept: str) -> list[tuple[str, str]]:
        """For whom somebody was paid, and who: of two persons who turn out to be one."""
        rows = await self.session.fetch(FIND_OWN_REFERRALS, folded, kept)
        return [(row["paid_for"], row["promoter"]) for row in rows]

    async def brought(self, promoter: str) -> int:
        """How many a person brought."""
        row = await self.session.fetch_row(COUNT_REFERRALS, promoter)
        return int(row[0]) if row else 0

    async def leaders(self, limit: int) -> list[Leader]:
        """Who brought the most."""
        return [Leader(*row) for row in await self.session.fetch(FIND_LEADERS, limit)]
