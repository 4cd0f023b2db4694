"""Media: what may be kept, and for how long its address opens it."""

from __future__ import annotations

import pytest

from infra.simulator.errors import GraphError
from infra.simulator.media import KB, MB, MediaStore, check_medium


@pytest.mark.parametrize(
    ("mime_type", "size", "kind"),
    [
        ("image/jpeg", 5 * MB, "image"),
        ("image/png", 1, "image"),
        ("image/webp", 100 * KB, "sticker"),
        ("video/mp4", 16 * MB, "video"),
        ("audio/ogg; codecs=opus", 16 * MB, "audio"),
        ("application/pdf", 16 * MB + 1, "document"),
    ],
)
def test_taken(mime_type: str, size: int, kind: str) -> None:
    assert check_medium(mime_type, bytes(size)) == kind


@pytest.mark.parametrize(
    ("mime_type", "size", "code"),
    [
        ("image/jpeg", 5 * MB + 1, 131053),
        ("image/webp", 100 * KB + 1, 131053),
        ("video/mp4", 16 * MB + 1, 131053),
        ("audio/mpeg", 16 * MB + 1, 131053),
        ("image/jpeg", 0, 131053),
        ("image/svg+xml", 10, 100),
        ("", 10, 100),
    ],
)
def test_refused(mime_type: str, size: int, code: int) -> None:
    with pytest.raises(GraphError) as refusal:
        check_medium(mime_type, bytes(size))
    assert refusal.value.code == code


def test_an_animated_sticker_may_be_larger() -> None:
    head = b"RIFF....WEBPVP8X" + bytes(14) + b"ANIM"
    assert check_medium("image/webp", head.ljust(500 * KB, b"\0")) == "sticker"
    with pytest.raises(GraphError):
        check_medium("image/webp", head.ljust(500 * KB + 1, b"\0"))


def test_an_address_opens_for_five_minutes() -> None:
    now = [0.0]
    store = MediaStore(clock=lambda: now[0])
    medium = store.add("image/png", b"picture")
    key = store.url_key(medium.id)
    now[0] = 299.9
    assert store.by_url_key(key) is medium
    now[0] = 300.0
    assert store.by_url_key(key) is None
    assert store.by_url_key("guessed") is None


def test_the_oldest_make_room() -> None:
    store = MediaStore(kept_bytes=10)
    first, second, third = (store.add("image/png", bytes(4)) for _ in range(3))
    assert store.get(first.id) is None
    assert store.get(second.id) is not None
    assert store.delete(third.id)
    assert not store.delete(third.id)
