"""What is read in a message, what can be tapped, and how statuses move."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from infra.simulator import incoming
from infra.simulator.control_guard import is_own
from infra.simulator.messages import Message
from infra.simulator.transcript import as_plain_text, show
from infra.simulator.wamids import Wamids
from tests.unit.simulator.payloads import Json, a_link, a_list, a_location_request, a_send, buttons


def a_message(payload: Json, by: Any = "business") -> Message:
    """The message that a request makes."""
    return Message(1, "wamid.x", by, 0.0, payload["type"], payload[payload["type"]])


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (a_send("text", {"body": "Hello"}), "Hello"),
        (a_list(header={"type": "text", "text": "Rides"}), "Rides\nWhich vehicle?"),
        (a_send("image", {"id": "1", "caption": "Look"}), "Look"),
        (a_send("location", {"latitude": 1, "longitude": 2, "name": "Town"}), "Town"),
        (a_send("contacts", [{"name": {"formatted_name": "Aline"}}]), "Aline"),
        (a_send("reaction", {"message_id": "x", "emoji": "👍"}), "👍"),
        (a_send("template", {"body": "Your trip", "footer": "EasyMO"}), "Your trip\nEasyMO"),
        ({"type": "unsupported", "unsupported": None}, ""),
    ],
)
def test_what_is_read(payload: Json, text: str) -> None:
    assert a_message(payload).text == text


def test_what_can_be_tapped() -> None:
    assert [row.title for row in a_message(a_list(rows=2)).rows] == ["Row 0", "Row 1"]
    assert [button.id for button in a_message(buttons("Yes", "No")).buttons] == ["b0", "b1"]
    template = a_send("template", {"body": "x", "buttons": [{"text": "Keep", "payload": "k:1"}]})
    assert a_message(template).buttons[0].id == "k:1"


@pytest.mark.parametrize("payload", [a_list(rows=1), buttons("Yes")])
def test_a_tap_names_what_was_tapped(payload: Json) -> None:
    choice = a_message(payload).choices[0]
    tapped = incoming.a_tap(choice, "wamid.x", "250796000000")
    assert tapped["context"] == {"from": "250796000000", "id": "wamid.x"}
    content = tapped["interactive"]
    assert content[content["type"]]["id"] == choice.id


def test_a_status_only_moves_forward() -> None:
    message = a_message(a_send("text", {"body": "x"}))
    assert [message.moves_to(name) for name in ("delivered", "sent", "read", "read", "failed", "read")] == [
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    assert message.status == "failed"


def test_a_transcript_reads_like_a_conversation() -> None:
    messages = [
        a_message(a_send("text", {"body": "ride"}), by="person"),
        a_message(a_list(rows=2)),
        a_message(buttons("Yes", "No")),
        a_message(a_location_request()),
        a_message(a_link()),
        a_message(a_send("location", {"latitude": 1.5, "longitude": 2}), by="person"),
    ]
    assert as_plain_text(messages, name="Aline").splitlines() == [
        "Aline: ride",
        "EasyMO: Which vehicle?",
        "          • Row 0",
        "          • Row 1",
        "EasyMO: Sure?",
        "        [Yes] [No]",
        "EasyMO: Where are you?",
        "        [◉ Send location]",
        "EasyMO: See",
        "        [Open ↗ https://easymo.rw]",
        "Aline: [◉ location 1.5, 2]",
    ]


def test_bubbles_are_drawn_and_markup_is_not_obeyed() -> None:
    console = Console(width=60, force_terminal=True, record=True, file=io.StringIO())
    show([a_message(a_send("text", {"body": "[red]x[/red] [bold"}))], name="Aline", console=console)
    assert "[red]x[/red] [bold" in console.export_text()


def test_ids_are_unique_and_recognised() -> None:
    wamids = Wamids()
    minted = {wamids.mint() for _ in range(1_000)}
    assert len(minted) == 1_000
    assert all(found.startswith("wamid.HBgM") and Wamids.is_minted(found) for found in minted)
    for wrong in ("wamid.", "wamid.x", "abc", minted.pop()[:-4] + "AAAA", "wamid.Ω"):
        assert not Wamids.is_minted(wrong)


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("127.0.0.1:8090", None, True),
        ("localhost:8090", "http://localhost:8090", True),
        ("[::1]:8090", None, True),
        ("simulator:8090", None, True),
        ("127.0.0.1:8090", "http://evil.example", False),
        ("127.0.0.1:8090", "null", False),
        ("rebound.example:8090", "http://rebound.example:8090", False),
    ],
)
def test_only_the_own_page_steers(host: str, origin: str | None, own: bool) -> None:
    assert is_own(host, origin) is own
