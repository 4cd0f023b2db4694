"""Message ids such as Meta makes them (`wamid.HBg…`), recognisable without remembering each."""

from __future__ import annotations

import base64
import binascii
import time
import zlib

_PREFIX = b"\x1c\x18\x0c"  # gives the leading "HBgM" of real ids
_SALT = 0x45617379


class Wamids:
    """Mints ids that are unique over restarts, and tells its own from made-up ones."""

    def __init__(self) -> None:
        self._next = time.time_ns()

    def mint(self) -> str:
        """A new id."""
        self._next += 1
        body = _PREFIX + self._next.to_bytes(9, "big")
        return "wamid." + base64.b64encode(body + _check(body)).decode()

    @staticmethod
    def is_minted(message_id: str) -> bool:
        """Whether some simulator made this id."""
        if not message_id.startswith("wamid."):
            return False
        try:
            raw = base64.b64decode(message_id[6:], validate=True)
        except (binascii.Error, ValueError):
            return False
        return raw.startswith(_PREFIX) and raw[-4:] == _check(raw[:-4])


def _check(body: bytes) -> bytes:
    return zlib.crc32(body, _SALT).to_bytes(4, "big")
