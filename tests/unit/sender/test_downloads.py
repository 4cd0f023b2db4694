"""Files from Meta: what an answer must say, and where the token may go."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from infra.whatsapp.downloads import (
    Downloaded,
    DownloadFailed,
    Place,
    fetch,
    find_place,
    is_metas,
    most_bytes,
)
from infra.whatsapp.transport import Answer

GRAPH = "https://graph.facebook.com/v23.0"
FILE = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=3"
BYTES = b"a picture"
DIGEST = hashlib.sha256(BYTES).hexdigest()


class Answering:
    """A transport that has one answer, and remembers what was asked."""

    def __init__(self, status: int, body: Any) -> None:
        self.answer = Answer(status, body)
        self.asked: list[str] = []

    async def get_json(self, url: str) -> Answer:
        self.asked.append(url)
        return self.answer

    async def get_bytes(self, url: str, most: int) -> Answer:
        self.asked.append(url)
        return self.answer


@pytest.mark.parametrize("url", [FILE, f"{GRAPH}/123", "https://graph.facebook.com/x"])
def test_the_token_goes_to_meta(url: str) -> None:
    assert is_metas(url, GRAPH)


@pytest.mark.parametrize(
    "url",
    [
        FILE.replace("https", "http"),
        FILE.replace("fbsbx.com", "fbsbx.com.evil.example"),
        FILE.replace("lookaside.", "lookaside-"),
        FILE.replace("lookaside", "user@evil.example:443/lookaside"),
        FILE.replace("fbsbx.com/", "fbsbx.com:8443/"),
        "https://graph.facebook.com:444/x",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "https://[",
        "https://graph.facebook.com:port/x",
        "",
    ],
)
def test_and_to_nobody_else(url: str) -> None:
    assert not is_metas(url, GRAPH)


async def test_a_foreign_address_is_not_asked() -> None:
    meta = Answering(200, {"url": "https://evil.example/1", "mime_type": "image/png"})
    with pytest.raises(DownloadFailed, match="not Meta's") as failed:
        await find_place(meta, GRAPH, "1", 10)  # type: ignore[arg-type]
    assert not failed.value.passes
    assert meta.asked == [f"{GRAPH}/1"]


async def test_what_meta_says_of_a_file_is_read() -> None:
    said = {"url": FILE, "mime_type": "image/png", "sha256": DIGEST.upper(), "file_size": "9"}
    place = await find_place(Answering(200, said), GRAPH, "1", 9)  # type: ignore[arg-type]
    assert place == Place(FILE, "image/png", 9, DIGEST)


@pytest.mark.parametrize("body", [None, [], {}, {"url": 1}])
async def test_an_answer_that_says_nothing(body: Any) -> None:
    with pytest.raises(DownloadFailed, match="without an address"):
        await find_place(Answering(200, body), GRAPH, "1", 9)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body", "passes"),
    [
        (404, b"gone", True),  # the address has run out
        (403, b"no", False),
        (503, b"later", True),
        (302, b"elsewhere", False),
        (200, None, False),  # too long
        (200, b"another picture", True),  # damaged on the way
    ],
)
async def test_a_file_that_does_not_come_whole(status: int, body: bytes | None, passes: bool) -> None:
    with pytest.raises(DownloadFailed) as failed:
        await fetch(Answering(status, body), Place(FILE, "image/png", 9, DIGEST), 9)  # type: ignore[arg-type]
    assert failed.value.passes is passes


async def test_a_file_that_comes() -> None:
    for digest in (DIGEST, ""):
        found = await fetch(Answering(200, BYTES), Place(FILE, "image/png", 9, digest), 9)  # type: ignore[arg-type]
        assert found == Downloaded(BYTES, "image/png")


def test_what_is_held_is_bounded() -> None:
    assert most_bytes("image") == 5 * 1024 * 1024
    assert most_bytes("document") == most_bytes("something new") == 16 * 1024 * 1024
