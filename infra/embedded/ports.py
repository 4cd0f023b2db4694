"""Free TCP ports on this machine's loopback address."""

from __future__ import annotations

import socket
from collections import deque
from itertools import islice
from random import SystemRandom

LOOPBACK = "127.0.0.1"
# Below those that systems give to outgoing connections (Linux from 32,768, others from 49,152): one of these
# could be taken by any client between our choice and the server's start, or while a server is restarted.
RANGE = range(10_000, 32_768)

_chance = SystemRandom()  # tests that run side by side seed the usual one alike
_given: deque[int] = deque(maxlen=len(RANGE) // 2)  # whom we gave one may not listen on it yet


def free_ports(count: int) -> list[int]:
    """Distinct ports that nobody listens on at this moment, nor was given lately by this process; another
    process may still be faster."""
    lately = set(_given)
    free = (port for port in _chance.sample(RANGE, len(RANGE)) if port not in lately and is_free(port))
    found = list(islice(free, count))
    _given.extend(found)
    return found


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as each:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is free
        try:
            each.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
