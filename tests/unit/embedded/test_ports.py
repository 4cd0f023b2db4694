"""Ports that are free stay so until the server that they are for has started."""

from __future__ import annotations

import random
import socket

from infra.embedded.ports import LOOPBACK, free_ports, is_free


def test_they_are_different_and_free() -> None:
    found = free_ports(20)
    assert len(set(found)) == 20
    assert all(is_free(port) for port in found)


def test_none_is_given_twice_though_nobody_listens_yet() -> None:
    found = [port for _ in range(50) for port in free_ports(40)]
    assert len(set(found)) == 2_000  # by chance alone some 85 would be twice


def test_no_outgoing_connection_is_given_one() -> None:
    with (
        socket.create_server((LOOPBACK, 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert max(free_ports(20)) < client.getsockname()[1]


def test_a_seed_that_processes_share_does_not_make_them_choose_alike() -> None:
    random.seed(1)
    first = free_ports(5)
    random.seed(1)
    assert free_ports(5) != first


def test_one_that_is_listened_on_is_not_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        assert not is_free(server.getsockname()[1])
