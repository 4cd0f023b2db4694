"""Every type of message of Meta's reference, and what is none, into what was said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.core.address import Address, Change, address_of, change_of, names_in
from consumers.core.parse import said_of
from schemas.content import LocationShared, MediaSent, OtherSent, Tapped, TextSaid
from tests.builders import (
    PHONE,
    a_button_reply,
    a_flow_reply,
    a_list_reply,
    a_location,
    a_media,
    a_message,
    a_message_received,
    a_text,
)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (a_text("book ride"), TextSaid(body="book ride")),
        (a_text("book ride", context={"id": "wamid.1", "forwarded": True}), TextSaid(body="book ride")),
        (a_text("ride", referral={"source_type": "ad"}), TextSaid(body="ride")),
        (a_text("zero\0"), TextSaid(body="zero")),
        (a_list_reply("jobs:apply:7", "Cook"), Tapped(id="jobs:apply:7", title="Cook")),
        (a_button_reply("core:home", "Home"), Tapped(id="core:home", title="Home")),
        (
            a_message("button", {"payload": "mobility:accept:9", "text": "Accept"}),
            Tapped(id="mobility:accept:9", title="Accept"),
        ),
        (a_message("button", {"payload": "Yes", "text": "Yes, please"}), TextSaid(body="Yes, please")),
        (a_message("button", {"payload": "Yes"}), TextSaid(body="Yes")),
        (a_location(), LocationShared(latitude=-1.9441, longitude=30.0619)),
        (
            a_message("location", {"latitude": -1.9, "longitude": 30.1, "name": "Market", "address": "KN 3"}),
            LocationShared(latitude=-1.9, longitude=30.1, name="Market", address="KN 3"),
        ),
        (
            a_message("image", {"id": "9", "mime_type": "image/png", "caption": "my car", "sha256": "x"}),
            MediaSent(media="image", media_id="9", mime_type="image/png", caption="my car"),
        ),
        (
            a_message("document", {"id": "9", "filename": "cv.pdf", "mime_type": "application/pdf"}),
            MediaSent(media="document", media_id="9", mime_type="application/pdf", filename="cv.pdf"),
        ),
        (
            a_message("audio", {"id": "9", "voice": True, "mime_type": "audio/ogg"}),
            MediaSent(media="audio", media_id="9", mime_type="audio/ogg"),
        ),
        (a_media("video", "9"), MediaSent(media="video", media_id="9", mime_type="video/mp4")),
        (a_media("sticker", "9"), MediaSent(media="sticker", media_id="9", mime_type="application/pdf")),
        (a_message("reaction", {"message_id": "wamid.1", "emoji": "👍"}), None),
        (a_message("reaction", {"message_id": "wamid.1"}), None),
        (a_message("edit", {"original_message_id": "wamid.1", "message": {}}), None),
        (a_message("revoke", {"original_message_id": "wamid.1"}), None),
        (a_message("system", {"body": "changed", "type": "user_changed_number", "wa_id": "250"}), None),
        (a_message("order", {"catalog_id": "1"}), OtherSent(type="order", raw={"catalog_id": "1"})),
        (a_message("contacts", [{"name": {}}]), OtherSent(type="contacts", raw={"contacts": [{"name": {}}]})),
        (a_message("request_welcome"), OtherSent(type="request_welcome")),
        (
            a_message("unsupported", errors=[{"code": 131051}]),
            OtherSent(type="unsupported", raw={"unsupported": [{"code": 131051}]}),
        ),
        (a_message("of_tomorrow", {"a": 1}), OtherSent(type="of_tomorrow", raw={"a": 1})),
    ],
)
def test_messages(message: dict[str, Any], expected: object) -> None:
    assert said_of(message) == expected


def test_a_submitted_form_is_handed_on_whole() -> None:
    said = said_of(a_flow_reply({"plate": "RAA123C"}))
    assert isinstance(said, OtherSent)
    assert said.type == "nfm_reply"
    assert said.raw["response_json"] == '{"plate":"RAA123C"}'


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": None},
        {"type": 7},
        {"type": "text"},
        {"type": "text", "text": "no object"},
        {"type": "text", "text": {"body": 5}},
        {"type": "interactive"},
        {"type": "interactive", "interactive": {"type": "list_reply"}},
        {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": ""}}},
        {"type": "interactive", "interactive": {"type": ["x"]}},
        {"type": "location"},
        {"type": "location", "location": {"latitude": "x", "longitude": 1}},
        {"type": "location", "location": {"latitude": 91, "longitude": 1}},
        {"type": "location", "location": {"latitude": 1, "longitude": float("nan")}},
        {"type": "image"},
        {"type": "image", "image": {"id": 5}},
        {"type": "button"},
    ],
)
def test_what_has_another_shape_is_still_something_said(message: dict[str, Any]) -> None:
    said = said_of(message)
    assert said is not None
    assert type(said).model_validate_json(said.model_dump_json()).kind == said.kind


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(
    ["text", "image", "location", "interactive", "button", "contacts", "order", "system", "reaction", "x"]
)


@given(TYPES, JSON, JSON)
def test_no_message_raises(kind: str, content: object, system: object) -> None:
    message: dict[str, Any] = {"type": kind, kind: content, "from": system}
    assert (said_of(message) is None) == (kind in ("system", "reaction"))
    assert change_of(message) is None or kind == "system"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Address(PHONE, PHONE, None)),
        ({"contact": "RW.1", "user_id": "RW.1"}, Address("RW.1", PHONE, "RW.1")),
        ({"contact": "RW.1", "user_id": "RW.1", "phone": None}, Address("RW.1", None, "RW.1")),
        ({"phone": None}, Address(PHONE, PHONE, None)),
        ({"contact": f"+{PHONE}"}, Address(PHONE, PHONE, None)),
        ({"contact": "somebody", "phone": None}, Address("somebody", None, None)),
        ({"contact": "2507\0", "phone": "2507\0"}, Address("2507", "2507", None)),
    ],
)
def test_the_senders_names(fields: dict[str, Any], expected: Address) -> None:
    assert address_of(a_message_received(**fields)) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            a_message("system", {"type": "user_changed_number", "wa_id": "250788000002"}),
            Change((PHONE,), "250788000002", None),
        ),
        (
            a_message(
                "system",
                {"type": "customer_identity_changed", "wa_id": "250788000002", "user_id": "RW.2"},
                from_user_id="RW.1",
            ),
            None,
        ),
        (
            a_message(
                "system",
                {"type": "user_changed_number", "wa_id": "250788000002", "user_id": "RW.2"},
                from_user_id="RW.1",
            ),
            Change((PHONE, "RW.1"), "250788000002", "RW.2"),
        ),
        (
            a_message(
                "system",
                {"type": "user_changed_user_id", "user_id": "RW.2", "previous_user_id": "RW.1"},
                sender=None,
            ),
            Change(("RW.1",), None, "RW.2"),
        ),
        (a_message("system", {"wa_id": "250788000002"}), None),
        (a_message("system", {"type": ["user_changed"], "wa_id": "250788000002"}), None),
        (a_message("system", {"type": "customer_identity_changed", "identity": "x"}), None),
        (a_message("system"), None),
        (a_text("hello"), None),
    ],
)
def test_changes_of_address(message: dict[str, Any], expected: Change | None) -> None:
    assert change_of(message) == expected


def test_the_contacts_that_a_message_shows() -> None:
    assert names_in(a_message_received()) == (PHONE,)
    both = a_message_received(contact="RW.1", user_id="RW.1")
    assert names_in(both) == ("RW.1", PHONE)
    told = {"type": "user_changed_number", "wa_id": "250788000002", "user_id": "RW.2"}
    change = a_message("system", {**told, "previous_user_id": "RW.1"})
    assert names_in(a_message_received(change)) == (PHONE, "RW.1", "RW.2", "250788000002")
    assert names_in(a_message_received(contact="", phone=None)) == ()
