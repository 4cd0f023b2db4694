"""What a person sent, fetched from Meta: a media id leads to an address, and that to the bytes.

The address is good for five minutes and wants the access token, which therefore goes to no host but Meta's.
Source: developers.facebook.com, WhatsApp Cloud API, "Media".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from infra.whatsapp import limits
from infra.whatsapp.errors import Remedy, read_refusal
from infra.whatsapp.outcomes import Unanswered, Unreached

if TYPE_CHECKING:
    from infra.whatsapp.transport import Transport

META_HOSTS = frozenset(("lookaside.fbsbx.com",))
# What a person may send has up to 100 MB; this much of it is held in memory unless somebody asks for more.
HELD_BYTES = 16 * 1024 * 1024
MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class DownloadFailed(Exception):
    """The file could not be fetched. `passes`: it may work later; else it never will."""

    def __init__(self, reason: str, *, passes: bool) -> None:
        super().__init__(reason)
        self.passes = passes


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that a person sent."""

    data: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies, and what Meta says of it."""

    url: str
    mime_type: str
    size: int
    sha256: str


def is_metas(url: str, base_url: str) -> bool:
    """Whether the token may go there: Meta's host for files, or the origin of the Graph API itself."""
    try:
        asked, own = urlsplit(url), urlsplit(base_url)
        same = (asked.scheme, asked.hostname, asked.port) == (own.scheme, own.hostname, own.port)
        metas = asked.scheme == "https" and asked.hostname in META_HOSTS and asked.port in (None, 443)
    except ValueError:  # a port that is no number, an address that is none
        return False
    return same or metas


async def find_place(transport: Transport, base_url: str, media_id: str, most: int) -> Place:
    """Ask where a file of at most `most` bytes lies. Raises DownloadFailed."""
    if MEDIA_ID.fullmatch(media_id) is None:
        raise DownloadFailed("no id of a file", passes=False)
    answer = await transport.get_json(f"{base_url}/{media_id}")
    if isinstance(answer, Unreached | Unanswered):
        raise DownloadFailed(answer.reason, passes=True)
    if answer.status != 200:
        refusal = read_refusal(answer.body, answer.status)
        passes = answer.status >= 500 if refusal is None else refusal.remedy is not Remedy.REJECT
        raise DownloadFailed(f"http_{answer.status}" if refusal is None else str(refusal), passes=passes)
    place = _read_place(answer.body)
    if place is None:
        raise DownloadFailed("an answer without an address", passes=True)
    if not is_metas(place.url, base_url):
        raise DownloadFailed("the address is not Meta's", passes=False)
    if place.size > most:
        raise DownloadFailed(f"the file has {place.size} bytes, more than {most}", passes=False)
    return place


async def fetch(transport: Transport, place: Place, most: int) -> Downloaded:
    """The file itself, whole and unchanged. Raises DownloadFailed."""
    answer = await transport.get_bytes(place.url, most)
    if isinstance(answer, Unreached | Unanswered):
        raise DownloadFailed(answer.reason, passes=True)
    if answer.status != 200:  # 404: the address has run out, and the next look-up gives another one
        raise DownloadFailed(
            f"http_{answer.status}", passes=answer.status in (404, 408, 429) or answer.status >= 500
        )
    if answer.body is None:
        raise DownloadFailed(f"the file has more than {most} bytes", passes=False)
    if place.sha256 and hashlib.sha256(answer.body).hexdigest() != place.sha256:
        raise DownloadFailed("the file arrived damaged", passes=True)
    return Downloaded(answer.body, place.mime_type)


def most_bytes(media: str) -> int:
    """What is fetched at most of a kind of file."""
    return min(limits.MEDIA_BYTES.get(media, HELD_BYTES), HELD_BYTES)


def _read_place(body: Any) -> Place | None:
    if not isinstance(body, dict):
        return None
    url, mime_type, size, digest = (body.get(n) for n in ("url", "mime_type", "file_size", "sha256"))
    if not isinstance(url, str):
        return None
    # Meta writes the size as a string in places.
    bytes_said = int(size) if isinstance(size, int) or (isinstance(size, str) and size.isdecimal()) else 0
    return Place(
        url,
        mime_type if isinstance(mime_type, str) else "application/octet-stream",
        bytes_said,
        digest.lower() if isinstance(digest, str) and re.fullmatch(r"[0-9a-fA-F]{64}", digest) else "",
    )
