"""A picture made of nothing: hills in the morning, as PNG, for trying out photos."""

from __future__ import annotations

import math
import struct
import zlib

SKY, DAWN = (108, 172, 214), (252, 214, 168)
HILLS = (
    (0.52, 0.10, 9.0, (94, 142, 118)),
    (0.66, 0.08, 14.0, (58, 112, 88)),
    (0.82, 0.06, 21.0, (30, 78, 62)),
)


def hills(width: int = 320, height: int = 200) -> bytes:
    """The PNG's bytes; sizes in pixels."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # PNG: this row is not filtered
        for x in range(width):
            rows += bytes(_colour(x / width, y / height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _colour(x: float, y: float) -> tuple[int, int, int]:
    found = tuple(round(sky + (dawn - sky) * min(1.0, y * 1.5)) for sky, dawn in zip(SKY, DAWN, strict=True))
    if (x - 0.72) ** 2 * 2.56 + (y - 0.3) ** 2 < 0.006:
        found = (255, 244, 214)
    for top, swing, waves, colour in HILLS:
        if y > top + swing * math.sin(x * waves) * math.cos(x * waves / 2.7):
            found = colour
    return found[0], found[1], found[2]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
