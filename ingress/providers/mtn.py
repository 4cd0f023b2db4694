"""MTN's callback: once, unsigned, by PUT or POST. Whoever sends it, it only makes payments look sooner.

Nothing in it is believed: payments asks MTN itself. So there is nothing to verify, and a limit instead.
"""

from __future__ import annotations

from datetime import datetime

from ingress.exchange import Headers
from ingress.providers.notification import kind_of, named, read_object, update
from ingress.update import Update


class MtnCallback:
    """Where MTN says that something changed."""

    name = "mtn"
    paths = ("/webhooks/mtn",)
    methods = ("POST", "PUT")  # it is free to choose
    kind = kind_of(name)

    def claim(self, headers: Headers) -> str:
        """There is none to be had."""
        return ""

    async def verify(self, claim: str, body: bytes) -> bool:
        """Anybody may hint; see above."""
        return True

    def updates(self, claim: str, body: bytes, received_at: datetime) -> list[Update]:
        """The one hint, under the id that we gave the order."""
        read = read_object(body)
        status = named(read.content.get("status"))
        return update(
            self.kind, read, received_at, payment=named(read.content.get("externalId")), status=status
        )
