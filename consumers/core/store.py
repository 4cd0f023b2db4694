"""Persons and their contacts: read for a whole chunk at once, written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from consumers.core.address import names_in
from consumers.core.person import Person
from consumers.domain import Store
from infra.postgres.session import BulkWrite, Conflict, Session
from schemas.envelope import Envelope
from schemas.events.whatsapp import MessageReceived

COLUMNS = """id::text, created_at, contact, phone, user_id, name, name_chosen, locale, locale_source, country,
    opted_out_at, turn, active, active_turn, active_since, window_at, window_count, window_told, heard_at,
    seen_at, joined_into::text"""

FIND_PERSONS = f"SELECT {COLUMNS} FROM person WHERE id = ANY($1::uuid[])"  # noqa: S608
# Two persons are about to be joined: nobody may change the other one meanwhile.
LOCK_PERSONS = f"{FIND_PERSONS} ORDER BY id FOR UPDATE"
FIND_OWNERS = "SELECT contact, person::text, retired_at FROM contact WHERE contact = ANY($1::text[])"

# A person who was joined into another since we looked, or whose number was taken over, is written no more:
# the chunk is run again, and finds the other one, or tells nobody of a number that is no longer theirs.
SAVE_ROUTING = BulkWrite(
    """UPDATE person AS p
    SET turn = u.turn, active = u.active, active_turn = u.active_turn, active_since = u.active_since,
        window_at = u.window_at, window_count = u.window_count, window_told = u.window_told,
        heard_at = u.heard_at, seen_at = u.seen_at
    FROM json_to_recordset($1::json)
        AS u (id uuid, turn int, active text, active_turn int, active_since int, window_at timestamptz,
              window_count int, window_told boolean, heard_at timestamptz, seen_at timestamptz, phones text[])
    WHERE p.id = u.id AND p.joined_into IS NULL AND coalesce(p.phone, '') = ANY(u.phones)""",
    key=1,
    columns=(
        *("id", "turn", "active", "active_turn", "active_since"),
        *("window_at", "window_count", "window_told", "heard_at", "seen_at", "phones"),
    ),
    all_or_conflict=True,
    table="person",
)

SAVE_IDENTITY = BulkWrite(
    """UPDATE person AS p
    SET contact = u.contact, phone = u.phone, user_id = u.user_id, name = u.name,
        name_chosen = u.name_chosen, locale = u.locale, locale_source = u.locale_source,
        country = u.country, opted_out_at = u.opted_out_at
    FROM json_to_recordset($1::json)
        AS u (id uuid, contact text, phone text, user_id text, name text, name_chosen boolean, locale text,
              locale_source text, country text, opted_out_at timestamptz, phones text[])
    WHERE p.id = u.id AND p.joined_into IS NULL AND coalesce(p.phone, '') = ANY(u.phones)""",
    key=1,
    columns=(
        *("id", "contact", "phone", "user_id", "name", "name_chosen"),
        *("locale", "locale_source", "country", "opted_out_at", "phones"),
    ),
    all_or_conflict=True,
    table="person",
)

# Somebody may have been quicker to give the contact to another person: run again, and see.
ADD_CONTACT = BulkWrite(
    """INSERT INTO contact (contact, person, person_since)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) ON CONFLICT DO NOTHING""",
    key=1,
    all_or_conflict=True,
    table="contact",
)
# For a contact that had been retired.
TAKE_CONTACT = BulkWrite(
    """UPDATE contact AS c SET person = u.person, person_since = u.since, retired_at = NULL
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[])
        AS u (contact, person, since, at)
    WHERE c.contact = u.contact AND c.retired_at < u.at""",
    key=1,
    all_or_conflict=True,
    table="contact",
)
# For one that somebody else shows whose it was.
TAKE_OVER_CONTACT = BulkWrite(
    """UPDATE contact AS c SET person = u.person, person_since = u.since, retired_at = NULL
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::uuid[]) AS u (contact, person, since, former)
    WHERE c.contact = u.contact AND c.person = u.former""",
    key=1,
    all_or_conflict=True,
    table="contact",
)
RETIRE_CONTACT = BulkWrite(
    """UPDATE contact AS c SET retired_at = u.at
    FROM unnest($1::text[], $2::timestamptz[]) AS u (contact, at) WHERE c.contact = u.contact""",
    key=1,
    table="contact",
)
FOLD_PERSON = BulkWrite(
    """UPDATE person AS p SET joined_into = u.kept
    FROM unnest($1::uuid[], $2::uuid[]) AS u (folded, kept)
    WHERE p.id = u.folded AND p.joined_into IS NULL""",
    key=1,
    all_or_conflict=True,
)
FOLD_EARLIER = BulkWrite(
    """UPDATE person AS p SET joined_into = u.kept
    FROM unnest($1::uuid[], $2::uuid[]) AS u (folded, kept) WHERE p.joined_into = u.folded""",
    key=1,
)
FOLD_CONTACTS = BulkWrite(
    """UPDATE contact AS c SET person = u.kept, person_since = u.since
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS u (folded, kept, since)
    WHERE c.person = u.folded""",
    key=1,
)
FOLD_PLACES = BulkWrite(
    """INSERT INTO saved_place (person, kind, label, latitude, longitude, address, saved_at)
    SELECT u.kept, s.kind, s.label, s.latitude, s.longitude, s.address, s.saved_at
    FROM unnest($1::uuid[], $2::uuid[]) AS u (folded, kept) JOIN saved_place AS s ON s.person = u.folded
    ON CONFLICT (person, kind) DO NOTHING""",
    key=1,
)
DROP_PLACES = BulkWrite("DELETE FROM saved_place WHERE person = ANY($1::uuid[])", key=1)


class PersonStore(Store):
    """The persons of a chunk. One read brings them all in; `save` buffers a row.

    A turn that raises after it has changed a `Person` loses its row, not the change in memory: so handlers
    change a person last, and whatever slips through is at most a turn number that is skipped.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._persons: dict[str, Person] = {}
        self._owners: dict[str, tuple[str, datetime | None] | None] = {}

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """One statement for the persons; two more when somebody shows a contact they had not before."""
        await self._read(FIND_PERSONS, {person for _, _, person in events})
        names: set[str] = set()
        for _, data, person in events:
            if isinstance(data, MessageReceived):
                names.update(self._new_names(data, self._persons.get(person)))
        if names:
            others = await self._find_owners(names)
            await self._read(LOCK_PERSONS, others - self._persons.keys())

    def find(self, person: str) -> Person | None:
        """One of the chunk's persons, or whom an earlier event of the chunk joined them into; None for
        somebody nobody knows."""
        found = self._persons.get(person)
        while found is not None and found.joined_into is not None:
            found = self._persons.get(found.joined_into)
        return found

    async def owner(self, name: str, at: datetime) -> Person | None:
        """Whose contact this was at that time, locked if it is not one of the chunk's persons."""
        if name not in self._owners:
            await self._find_owners({name})
        found = self._owners[name]
        if found is None or (found[1] is not None and found[1] < at):
            return None
        if found[0] not in self._persons:
            await self._read(LOCK_PERSONS, {found[0]})
        return self.find(found[0])

    def save(self, person: Person) -> None:
        """Buffer what routing changed."""
        self.session.write(
            SAVE_ROUTING,
            person.id,
            person.turn,
            person.active,
            person.active_turn,
            person.active_since,
            person.window_at,
            person.window_count,
            person.window_told,
            person.heard_at,
            person.seen_at,
            person.phones,  # itself: a later event of the chunk may change the row before this is written
        )

    def save_identity(self, person: Person) -> None:
        """Buffer who the person is, and how they are reached."""
        if (person.phone or "") not in person.phones:
            person.phones.append(person.phone or "")
        self.session.write(
            SAVE_IDENTITY,
            person.id,
            person.contact,
            person.phone,
            person.user_id,
            person.name,
            person.name_chosen,
            person.locale,
            person.locale_source,
            person.country,
            person.opted_out_at,
            person.phones,
        )

    def give(self, name: str, person: Person, at: datetime) -> None:
        """Buffer that a contact nobody held at that time is this person's from now on."""
        if self._owners.get(name) is None:
            self.session.write(ADD_CONTACT, name, person.id, person.created_at)
        else:
            self.session.write(TAKE_CONTACT, name, person.id, person.created_at, at)
        self._owners[name] = (person.id, None)

    def take_over(self, name: str, former: Person, person: Person) -> None:
        """Buffer that a contact somebody holds is another one's from now on."""
        self.session.write(TAKE_OVER_CONTACT, name, person.id, person.created_at, former.id)
        self._owners[name] = (person.id, None)

    def retire(self, name: str, person: Person, at: datetime) -> None:
        """Buffer that a contact is this person's no more."""
        self.session.write(RETIRE_CONTACT, name, at)
        self._owners[name] = (person.id, at)

    async def fold(self, folded: Person, kept: Person) -> None:
        """Write that all of one person's rows are another's from now on.

        At once: of two joins in one chunk the second builds on the first; and should the turn fail after
        this, the chunk is run again without it, since `find` follows a join that only a rerun can forget.
        """
        self.session.write(FOLD_PERSON, folded.id, kept.id)
        self.session.write(FOLD_EARLIER, folded.id, kept.id)
        self.session.write(FOLD_CONTACTS, folded.id, kept.id, kept.created_at)
        self.session.write(FOLD_PLACES, folded.id, kept.id)
        self.session.write(DROP_PLACES, folded.id)
        folded.joined_into = kept.id
        for name, owner in self._owners.items():
            if owner is not None and owner[0] == folded.id:
                self._owners[name] = (kept.id, owner[1])
        await self.session.flush()

    async def estimated_count(self) -> int:
        """About how many persons there are, as the planner's statistics have it."""
        row = await self.session.fetch_row(
            "SELECT greatest(reltuples, 0)::bigint AS count FROM pg_class WHERE oid = 'person'::regclass"
        )
        return int(row["count"]) if row else 0

    async def _read(self, sql: str, persons: Iterable[str]) -> None:
        wanted = list(persons)
        if wanted:
            for row in await self.session.fetch(sql, wanted):
                person = Person(*row)
                if person.joined_into is not None:
                    raise Conflict("a person was joined into another since the chunk was identified")
                person.phones = [person.phone or ""]
                self._persons[person.id] = person

    async def _find_owners(self, names: set[str]) -> set[str]:
        self._owners.update(dict.fromkeys(names))
        rows = await self.session.fetch(FIND_OWNERS, list(names))
        for row in rows:
            self._owners[row["contact"]] = (row["person"], row["retired_at"])
        return {row["person"] for row in rows}

    @staticmethod
    def _new_names(data: MessageReceived, person: Person | None) -> set[str]:
        """The contacts in a message that its person is not known by yet."""
        if person is None or (
            data.phone in (None, person.phone) and data.user_id == person.user_id == data.contact
        ):
            return set()
        return set(names_in(data)) - {person.phone, person.user_id, person.contact}
