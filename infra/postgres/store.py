"""A store: one domain's own tables, read and written through the session of the transaction at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from infra.postgres.session import Session

if TYPE_CHECKING:
    from schemas.envelope import Envelope


class Store:
    """Subclassed by a domain, asked for by a handler's parameter.

    One instance a transaction. A domain that must not read for each turn overrides `load`, which is called
    once a chunk, before the handlers, with everything the chunk holds.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """Read ahead for a chunk: (envelope, data, person) of each of its events. By default nothing."""
