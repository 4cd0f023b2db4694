"""Who is let in: refusals of requests that prove nothing, counted for each client address."""

from __future__ import annotations

from copy import copy

from infra.settings import Settings
from infra.telemetry.logs import logger
from ingress.addresses import Networks, client_address, is_among, read_networks
from ingress.answers import Refusal
from ingress.exchange import Scope
from ingress.limits import RateLimit, Standing

log = logger(__name__)

FORWARDED = "x-forwarded-for"
UNREADABLE = "?"  # no UTF-8: granian keeps the name of such a header, and drops its value


class Gate:
    """Two limits for each client address and minute: for what is not signed, and (off by default, since Meta
    posts everything from few addresses) for what is."""

    def __init__(self, settings: Settings) -> None:
        """Raises MissingSetting when the list of proxies cannot be read."""
        self._trusted = read_networks(settings.ingress_trusted_proxies, "ingress_trusted_proxies")
        self._unsigned = RateLimit(settings.ingress_unsigned_per_minute)
        self._signed = RateLimit(settings.ingress_signed_per_minute)
        self._allowed: Networks | None = None

    def of_provider(self, per_minute: int, allowed: Networks | None) -> Gate:
        """A gate with a limit of its own for what is signed, and for `allowed` addresses only (None: any).

        What proves nothing is counted together.
        """
        gate = copy(self)
        gate._signed = RateLimit(per_minute)
        gate._allowed = allowed
        return gate

    def check_listed(self, scope: Scope) -> None:
        """Raises Refusal (403, or 429 when there were too many) for an address that is not allowed."""
        if self._allowed is not None and not is_among(self._address(scope), self._allowed):
            refusal = Refusal(403, "address_not_listed", "This address may not post here.")
            raise self.count_unsigned(scope, refusal)

    def admit_signed(self, scope: Scope) -> None:
        """Count a signed request. Raises Refusal (429)."""
        if self._signed.enabled:
            standing = self._signed.count(self._address(scope))
            if standing.exceeded:
                raise _too_many(standing, "signed")

    def count_unsigned(self, scope: Scope, refusal: Refusal) -> Refusal:
        """Count a request that proved nothing, and return its refusal: the given one, or a 429 instead."""
        address = self._address(scope)
        standing = self._unsigned.count(address)
        if not standing.exceeded:
            return refusal
        if standing.just_exceeded:
            log.warning("client.limited", client=address, limit=standing.limit)
        return _too_many(standing, "unsigned")

    def _address(self, scope: Scope) -> str:
        peer = scope.client.rpartition(":")[0].strip("[]")
        forwarded = ",".join(scope.headers.get_all(FORWARDED))
        if not forwarded and FORWARDED in scope.headers:
            forwarded = UNREADABLE
        return client_address(peer, forwarded, self._trusted)


def _too_many(standing: Standing, what: str) -> Refusal:
    message = f"More than {standing.limit} {what} requests in a minute. Try again later."
    return Refusal(429, "rate_limited", message, standing.headers())
