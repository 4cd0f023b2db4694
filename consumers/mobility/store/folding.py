"""Two persons turned out to be one: the rows of one become the other's."""

from __future__ import annotations

from consumers.domain import Store
from infra.postgres.session import BulkWrite

_PAIRS = "unnest($1::text[], $2::text[]) AS u (kept, folded)"


def _moves(table: str, column: str = "person") -> BulkWrite:
    return BulkWrite(f"UPDATE {table} AS t SET {column} = u.kept FROM {_PAIRS} WHERE t.{column} = u.folded")  # noqa: S608


def _moves_unless_there(table: str, and_same: str = "true") -> BulkWrite:
    return BulkWrite(
        f"""UPDATE {table} AS t SET person = u.kept FROM {_PAIRS} WHERE t.person = u.folded
        AND NOT EXISTS (SELECT FROM {table} AS k WHERE k.person = u.kept AND {and_same})"""  # noqa: S608
    )


def _drops(table: str) -> BulkWrite:
    return BulkWrite(f"DELETE FROM {table} AS t USING {_PAIRS} WHERE t.person = u.folded")  # noqa: S608


# Somebody who drove under both ids keeps one vehicle, all the stars, and has used all the passes.
_ADDS_UP = BulkWrite(
    f"""UPDATE drivers AS t SET stars = t.stars + f.stars, ratings = t.ratings + f.ratings,
        passes_used = t.passes_used + f.passes_used
    FROM {_PAIRS} JOIN drivers AS f ON f.person = u.folded WHERE t.person = u.kept"""  # noqa: S608
)

# In this order: where both have a row, the kept person's stands.
FOLDS = (
    _moves_unless_there("people"),
    _drops("people"),
    _moves_unless_there("recents"),
    _drops("recents"),
    _ADDS_UP,
    _moves_unless_there("drivers"),
    _drops("drivers"),
    _moves_unless_there("presences", "k.role = t.role"),
    _drops("presences"),
    _moves("trips", "passenger"),
    _moves("trips", "driver"),
    _moves("plans"),
    _moves("charges"),
    _moves("charges", "driver"),
    _moves("subscriptions"),
)


class FoldStore(Store):
    """Every table that names a person."""

    async def fold(self, folded: str, kept: str) -> None:
        """Give all that belongs to `folded` to `kept`. Folding twice does no harm."""
        await self.session.flush()  # a chain of joins must be folded link by link
        for write in FOLDS:
            self.session.write(write, kept, folded)
