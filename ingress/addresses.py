"""The client's address: the connection's, or the forwarded one where a listed proxy says so."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from infra.settings import MissingSetting

_HOPS_LIMIT = 10  # entries of X-Forwarded-For that are looked at, from the nearest

Networks = Sequence[IPv4Network | IPv6Network]


def trusted_networks(text: str) -> Networks:
    """Comma-separated addresses or networks. Raises MissingSetting on one that is neither."""
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise MissingSetting(f"EASYMO_INGRESS_TRUSTED_PROXIES: {error}") from None


def _is_trusted(address: str, trusted: Networks) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)


def client_address(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """Whose request this is.

    `X-Forwarded-For` counts only when the peer is a listed proxy, and is read from its end: the nearest
    address that is no listed proxy. What stands before it is the client's own invention.
    """
    if not forwarded or not trusted or not _is_trusted(peer, trusted):
        return peer
    client = peer
    for hop in reversed(forwarded.rsplit(",", _HOPS_LIMIT)[-_HOPS_LIMIT:]):
        address = hop.strip()
        try:
            ip_address(address)
        except ValueError:
            break  # not an address: whoever wrote it is the last that can be believed
        client = address
        if not _is_trusted(address, trusted):
            break
    return client
