"""Media that Meta keeps: uploads of the business and what people send, bounded in bytes."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from infra.simulator.errors import GraphError, bad_parameter

KB, MB = 1024, 1024 * 1024
URL_LIFETIME_SECONDS = 300.0
KEPT_BYTES = 256 * MB  # the oldest go first: a simulator is no archive
KEPT_URLS = 10_000
BIGGEST = 100 * MB

# MIME type: (kind, most bytes). Source: Meta's Cloud API page "Supported media types".
MEDIA_TYPES: dict[str, tuple[str, int]] = {
    "image/jpeg": ("image", 5 * MB),
    "image/png": ("image", 5 * MB),
    "image/webp": ("sticker", 500 * KB),
    "video/mp4": ("video", 16 * MB),
    "video/3gpp": ("video", 16 * MB),
    "audio/aac": ("audio", 16 * MB),
    "audio/amr": ("audio", 16 * MB),
    "audio/mpeg": ("audio", 16 * MB),
    "audio/mp4": ("audio", 16 * MB),
    "audio/ogg": ("audio", 16 * MB),
    "text/plain": ("document", 100 * MB),
    "application/pdf": ("document", 100 * MB),
    "application/msword": ("document", 100 * MB),
    "application/vnd.ms-excel": ("document", 100 * MB),
    "application/vnd.ms-powerpoint": ("document", 100 * MB),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("document", 100 * MB),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("document", 100 * MB),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("document", 100 * MB),
}
STATIC_STICKER = 100 * KB
ANIMATED_WEBP = b"ANIM"


@dataclass(frozen=True, slots=True)
class Medium:
    """One stored file."""

    id: str
    mime_type: str
    kind: str
    data: bytes
    sha256: str
    filename: str = ""


def check_medium(mime_type: str, data: bytes) -> str:
    """The kind of message that such a file goes with. Raises GraphError (100, 131053)."""
    plain = mime_type.partition(";")[0].strip().lower()
    if plain not in MEDIA_TYPES:
        raise bad_parameter(f"Param file must be a file of a supported type; got {mime_type!r}.")
    kind, most = MEDIA_TYPES[plain]
    if kind == "sticker" and ANIMATED_WEBP not in data[:64]:
        most = STATIC_STICKER
    if not data:
        raise GraphError(131053, "The file is empty.")
    if len(data) > most:
        raise GraphError(131053, f"The file has {len(data)} bytes; a {kind} of {plain} has at most {most}.")
    return kind


class MediaStore:
    """Files by id, and the short-lived addresses at which they are fetched."""

    def __init__(
        self,
        *,
        kept_bytes: int = KEPT_BYTES,
        url_lifetime_seconds: float = URL_LIFETIME_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files: OrderedDict[str, Medium] = OrderedDict()
        self._urls: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._bytes = 0
        self._kept_bytes = kept_bytes
        self._lifetime = url_lifetime_seconds
        self._clock = clock
        self._next_id = int(time.time() * 1_000_000)

    def add(self, mime_type: str, data: bytes, filename: str = "") -> Medium:
        """Keep a file that fits Meta's limits. Raises GraphError."""
        kind = check_medium(mime_type, data)
        self._next_id += 1
        medium = Medium(
            str(self._next_id), mime_type, kind, data, hashlib.sha256(data).hexdigest(), filename[:240]
        )
        self._files[medium.id] = medium
        self._bytes += len(data)
        while self._bytes > self._kept_bytes and len(self._files) > 1:
            self._bytes -= len(self._files.popitem(last=False)[1].data)
        return medium

    def get(self, media_id: str) -> Medium | None:
        """The file, or None when it is unknown or gone."""
        return self._files.get(media_id)

    def delete(self, media_id: str) -> bool:
        """Forget a file. Tells whether there was one."""
        medium = self._files.pop(media_id, None)
        if medium is not None:
            self._bytes -= len(medium.data)
        return medium is not None

    def url_key(self, media_id: str) -> str:
        """A secret that opens the file for five minutes."""
        key = secrets.token_urlsafe(24)
        self._urls[key] = (media_id, self._clock() + self._lifetime)
        if len(self._urls) > KEPT_URLS:
            self._urls.popitem(last=False)
        return key

    def by_url_key(self, key: str) -> Medium | None:
        """The file behind an address, or None when the address has run out."""
        media_id, until = self._urls.get(key, ("", 0.0))
        return self._files.get(media_id) if self._clock() < until else None
