"""Forwarded addresses count from listed proxies only."""

from __future__ import annotations

import pytest

from infra.settings import MissingSetting
from ingress.addresses import UNKNOWN, client_address, is_among, read_networks

SETTING = "ingress_trusted_proxies"
PROXIES = read_networks("10.0.0.0/8, 2001:db8::1", SETTING)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # not from a listed proxy: invented
        ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "1.1.1.1, 198.51.100.7", "198.51.100.7"),  # the client's own invention comes first
        ("10.1.2.3", "1.1.1.1, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.1.2.3", "10.4.4.4, 10.9.9.9", "10.4.4.4"),
        ("10.1.2.3", "nonsense", UNKNOWN),  # not the proxy's own: that may be on a list
        ("10.1.2.3", "198.51.100.7, nonsense, 10.9.9.9", UNKNOWN),
        ("10.1.2.3", "nonsense, 198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "\xff\xfe", UNKNOWN),
        ("10.1.2.3", "198.51.100.7:5000", "198.51.100.7"),
        ("10.1.2.3", "[2001:db9::1]:443, 10.9.9.9:80", "2001:db9::1"),
        ("10.1.2.3", "[2001:db9::1]", "2001:db9::1"),
        ("10.1.2.3", "198.51.100.7:port", UNKNOWN),
        ("10.1.2.3", "1.1.1.1," * 5000 + "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "1.1.1.1" + ",10.0.0.9" * 5000, "10.0.0.9"),
        ("10.1.2.3", "1.1.1.1,", UNKNOWN),
        ("", "198.51.100.7", ""),
    ],
)
def test_whose_request_it_is(peer: str, forwarded: str | None, client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


def test_without_listed_proxies_nothing_is_forwarded() -> None:
    assert client_address("127.0.0.1", "198.51.100.7", read_networks("", SETTING)) == "127.0.0.1"


def test_a_wrong_list_names_its_setting() -> None:
    with pytest.raises(MissingSetting, match="EASYMO_INGRESS_TRUSTED_PROXIES"):
        read_networks("10.0.0.0/8, proxy.example", SETTING)


def test_a_mapped_address_counts_as_the_one_it_maps() -> None:
    networks = read_networks("192.0.2.0/24", SETTING)
    assert is_among("::ffff:192.0.2.7", networks)
    assert not is_among("::ffff:198.51.100.7", networks)
    assert not is_among("nobody", networks)
