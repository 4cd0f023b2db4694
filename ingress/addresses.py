"""The client's address: the connection's, or the forwarded one where a listed proxy says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from infra.settings import MissingSetting, environment_name

_HOPS_LIMIT = 10  # entries of X-Forwarded-For that are looked at, from the nearest
UNKNOWN = ""  # no address: on no list, and all of them share one count
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+", re.ASCII)  # as some proxies write it

Networks = Sequence[IPv4Network | IPv6Network]


def read_networks(text: str, setting: str) -> Networks:
    """Comma-separated addresses or networks of a setting. Raises MissingSetting on one that is neither."""
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise MissingSetting(f"{environment_name(setting)}: {error}") from None


def is_among(address: str, networks: Networks) -> bool:
    """Whether an address is in one of the networks; what is no address is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return any((mapped or parsed) in network for network in networks)


def client_address(peer: str, forwarded: str | None, trusted: Networks) -> str:
    """Whose request this is.

    `X-Forwarded-For` counts only when the peer is a listed proxy, and is read from its end: the nearest
    address that is no listed proxy. What stands before it is the client's own invention. Where a proxy says
    for whom it asks, and that is no address, nobody knows whose it is: it is not the proxy's.
    """
    if not forwarded or not trusted or not is_among(peer, trusted):
        return peer
    client = peer
    for hop in reversed(forwarded.rsplit(",", _HOPS_LIMIT)[-_HOPS_LIMIT:]):
        address = _without_port(hop.strip())
        try:
            ip_address(address)
        except ValueError:
            return UNKNOWN
        client = address
        if not is_among(address, trusted):
            break
    return client


def _without_port(hop: str) -> str:
    match = _WITH_PORT.fullmatch(hop)
    return hop if match is None else match[1] or match[2]
