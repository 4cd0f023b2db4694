"""In which language people are spoken to."""

from __future__ import annotations

from consumers.domain import Store
from infra.postgres.session import BulkWrite
from schemas.events.core import PersonSeen

DEFAULT_LOCALE = "en"

FIND = "SELECT locale FROM people WHERE person = $1"
SEEN = BulkWrite(
    """INSERT INTO people AS p (person, locale, seen_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
    ON CONFLICT (person) DO UPDATE SET locale = excluded.locale, seen_at = excluded.seen_at
    WHERE p.seen_at <= excluded.seen_at AND p.locale <> excluded.locale""",
    key=1,
)


class PeopleStore(Store):
    """Reads and writes people."""

    async def locale(self, person: str) -> str:
        """A person's language, or English."""
        row = await self.session.fetch_row(FIND, person)
        return DEFAULT_LOCALE if row is None else row["locale"]

    def seen(self, seen: PersonSeen) -> None:
        """Keep the language."""
        self.session.write(SEEN, seen.person, seen.locale, seen.at)
