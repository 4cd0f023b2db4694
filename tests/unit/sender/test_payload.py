"""Content as the Graph API takes it."""

from __future__ import annotations

import pytest

from infra.whatsapp.payload import Recipient, message, recipient
from schemas.content import (
    ButtonContent,
    ButtonsContent,
    ListContent,
    MediaContent,
    ReactionContent,
    RowContent,
    SectionContent,
    TemplateContent,
    TextContent,
)

PHONE = Recipient(phone="250788000001")


@pytest.mark.parametrize(
    ("contact", "phone", "found"),
    [
        ("250788000001", None, Recipient("250788000001")),
        ("RW.1234", None, Recipient(user_id="RW.1234")),
        ("RW.ENT.12ab", None, Recipient(user_id="RW.ENT.12ab")),
        ("RW.1234", "250788000001", Recipient("250788000001", "RW.1234")),
        (None, "250788000001", Recipient("250788000001")),
        ("nobody", "12", None),
        (None, None, None),
    ],
)
def test_recipients(contact: str | None, phone: str | None, found: Recipient | None) -> None:
    assert recipient(contact, phone) == found


def test_a_text() -> None:
    assert message(PHONE, TextContent(body="Muraho"), "id-1", quotes="wamid.1") == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "250788000001",
        "type": "text",
        "text": {"body": "Muraho"},
        "biz_opaque_callback_data": "id-1",
        "context": {"message_id": "wamid.1"},
    }


def test_somebody_without_a_number_is_named_by_their_id() -> None:
    body = message(Recipient(user_id="RW.1234"), TextContent(body="Muraho"), "id-1")
    assert body["recipient"] == "RW.1234"
    assert "to" not in body


def test_buttons() -> None:
    content = ButtonsContent(body="Sure?", buttons=(ButtonContent(id="a:b", title="Yes"),), footer="f")
    assert message(PHONE, content, "id-1")["interactive"] == {
        "type": "button",
        "body": {"text": "Sure?"},
        "footer": {"text": "f"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "a:b", "title": "Yes"}}]},
    }


def test_a_list() -> None:
    row = RowContent(id="a:b", title="Moto", description="One person")
    content = ListContent(body="Which?", button="See", sections=(SectionContent(rows=(row,)),), header="h")
    assert message(PHONE, content, "id-1")["interactive"] == {
        "type": "list",
        "header": {"type": "text", "text": "h"},
        "body": {"text": "Which?"},
        "action": {
            "button": "See",
            "sections": [{"rows": [{"id": "a:b", "title": "Moto", "description": "One person"}]}],
        },
    }


def test_a_template() -> None:
    content = TemplateContent(name="reminder", language="rw_RW", variables=("Aline", "08:00"))
    assert message(PHONE, content, "id-1")["template"] == {
        "name": "reminder",
        "language": {"code": "rw_RW"},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": "Aline"}, {"type": "text", "text": "08:00"}],
            }
        ],
    }


def test_a_reaction_quotes_nothing() -> None:
    body = message(PHONE, ReactionContent(message_id="wamid.1", emoji="👍"), "id-1", quotes="wamid.1")
    assert "context" not in body


def test_a_file_must_have_been_uploaded() -> None:
    with pytest.raises(ValueError, match="uploaded"):
        message(PHONE, MediaContent(media="image", data="aGk="), "id-1")
