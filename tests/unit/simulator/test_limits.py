"""What Meta takes and what it refuses, with which code."""

from __future__ import annotations

from typing import Any

import pytest

from infra.simulator.errors import GraphError
from infra.simulator.limits import check_message, check_read_mark
from tests.unit.simulator.payloads import (
    Json,
    a_link,
    a_list,
    a_location_request,
    a_row,
    a_send,
    a_template,
    buttons,
    values,
)

CARD = {"name": {"formatted_name": "Aline U", "first_name": "Aline"}, "phones": [{"phone": "+250788"}]}
HEADER = {"type": "text", "text": "h" * 60}

TAKEN: dict[str, Json] = {
    "text": a_send("text", {"body": "x" * 4096, "preview_url": True}),
    "a number with plus and spaces": a_send("text", {"body": "x"}) | {"to": "+250 788 123 456"},
    "a business-scoped id": {k: v for k, v in a_send("text", {"body": "x"}).items() if k != "to"}
    | {"recipient": "RW.1234"},
    "callback data and context": a_send(
        "text", {"body": "x"}, biz_opaque_callback_data="d" * 512, context={"message_id": "wamid.x"}
    ),
    "image by id": a_send("image", {"id": "1", "caption": "c" * 1024}),
    "document by link": a_send("document", {"link": "https://x.rw/a.pdf", "filename": "a.pdf"}),
    "voice": a_send("audio", {"id": "1", "voice": True}),
    "sticker": a_send("sticker", {"id": "1"}),
    "location": a_send("location", {"latitude": -1.9441, "longitude": "30.0619", "name": "Kigali"}),
    "contacts": a_send("contacts", [CARD]),
    "reaction": a_send("reaction", {"message_id": "wamid.x", "emoji": "👍🏾"}),
    "reaction removed": a_send("reaction", {"message_id": "wamid.x", "emoji": ""}),
    "list of ten rows in one": a_list(rows=10, header=HEADER, footer={"text": "f" * 60}),
    "list of ten rows in ten": a_list(rows=1, sections=10),
    "list body": a_list(body={"text": "x" * 4096}),
    "longest row": a_row(id="i" * 200, title="t" * 24, description="d" * 72),
    "three buttons": buttons("One", "Two", "T" * 20),
    "buttons under a picture": buttons("One", header={"type": "image", "image": {"id": "1"}}),
    "link": a_link(display_text="d" * 20),
    "location request": a_location_request("x" * 1024),
    "template": a_template(components=[values("Aline")]),
    "text to a group": a_send("text", {"body": "x"}, recipient_type="group") | {"to": "Y2FwaV9ncm91cA"},
}

REFUSED: dict[str, tuple[int, Json]] = {
    "no product": (100, a_send("text", {"body": "x"}) | {"messaging_product": "telegram"}),
    "unknown type": (100, a_send("hologram", {"body": "x"})),
    "type is no string": (100, a_send("text", {"body": "x"}) | {"type": ["text"]}),
    "unknown key at the top": (100, a_send("text", {"body": "x"}, colour="red")),
    "unknown key inside": (100, a_send("text", {"body": "x", "colour": "red"})),
    "no recipient": (131008, {k: v for k, v in a_send("text", {"body": "x"}).items() if k != "to"}),
    "no number": (131009, a_send("text", {"body": "x"}) | {"to": "Aline"}),
    "number is no string": (131009, a_send("text", {"body": "x"}) | {"to": 250788123456}),
    "no such id": (
        131009,
        {k: v for k, v in a_send("text", {"body": "x"}).items() if k != "to"} | {"recipient": "1234"},
    ),
    "content absent": (131008, {k: v for k, v in a_send("text", {}).items() if k != "text"}),
    "content is no object": (100, a_send("text", "hello")),
    "text empty": (131008, a_send("text", {"body": ""})),
    "text blank": (131008, a_send("text", {"body": " \n"})),
    "text too long": (100, a_send("text", {"body": "x" * 4097})),
    "text is a number": (100, a_send("text", {"body": 7})),
    "preview is no boolean": (100, a_send("text", {"body": "x", "preview_url": "yes"})),
    "callback data too long": (100, a_send("text", {"body": "x"}, biz_opaque_callback_data="d" * 513)),
    "context without id": (131008, a_send("text", {"body": "x"}, context={})),
    "image without file": (100, a_send("image", {"caption": "c"})),
    "image by id and link": (100, a_send("image", {"id": "1", "link": "https://x.rw"})),
    "image from a disk": (131009, a_send("image", {"link": "file:///etc/passwd"})),
    "caption too long": (100, a_send("image", {"id": "1", "caption": "c" * 1025})),
    "caption on audio": (100, a_send("audio", {"id": "1", "caption": "c"})),
    "filename on an image": (100, a_send("image", {"id": "1", "filename": "a.jpg"})),
    "no latitude": (131008, a_send("location", {"longitude": 30})),
    "latitude beyond the pole": (131009, a_send("location", {"latitude": 90.1, "longitude": 30})),
    "longitude not a number": (131009, a_send("location", {"latitude": 1, "longitude": "east"})),
    "latitude not finite": (131009, a_send("location", {"latitude": "nan", "longitude": 30})),
    "no contacts": (131008, a_send("contacts", [])),
    "too many contacts": (131009, a_send("contacts", [CARD] * 258)),
    "contact without a name part": (131009, a_send("contacts", [{"name": {"formatted_name": "A"}}])),
    "reaction in words": (131009, a_send("reaction", {"message_id": "wamid.x", "emoji": "ok"})),
    "reaction to nothing": (131008, a_send("reaction", {"emoji": "👍"})),
    "unknown interactive": (131009, a_send("interactive", {"type": "dial", "body": {"text": "x"}})),
    "interactive without body": (131008, a_list(body=None)),
    "eleven rows in one": (131009, a_list(rows=11)),
    "eleven rows in two": (131009, a_list(rows=6, sections=2)),
    "eleven sections": (131009, a_list(rows=1, sections=11)),
    "no rows": (131008, a_list(rows=0)),
    "list body too long": (131009, a_list(body={"text": "x" * 4097})),
    "header too long": (131009, a_list(header={"type": "text", "text": "h" * 61})),
    "picture above a list": (131009, a_list(header={"type": "image", "image": {"id": "1"}})),
    "footer too long": (131009, a_list(footer={"text": "f" * 61})),
    "list button too long": (131009, a_list(action={"button": "b" * 21, "sections": [{"rows": []}]})),
    "row title too long": (131009, a_row(title="t" * 25)),
    "row title empty": (131008, a_row(title="")),
    "row description too long": (131009, a_row(description="d" * 73)),
    "row description empty": (131008, a_row(description="")),
    "row id too long": (131009, a_row(id="i" * 201)),
    "section title too long": (
        131009,
        a_list(
            action={"button": "b", "sections": [{"title": "s" * 25, "rows": [{"id": "1", "title": "x"}]}]}
        ),
    ),
    "two sections, one without title": (
        131008,
        a_list(
            action={
                "button": "b",
                "sections": [
                    {"title": "s", "rows": [{"id": "1", "title": "x"}]},
                    {"rows": [{"id": "2", "title": "y"}]},
                ],
            }
        ),
    ),
    "row id twice": (
        131009,
        a_list(action={"button": "b", "sections": [{"rows": [{"id": "1", "title": t} for t in "ab"]}]}),
    ),
    "no buttons": (131008, buttons()),
    "four buttons": (131009, buttons("1", "2", "3", "4")),
    "button title too long": (131009, buttons("t" * 21)),
    "button title twice": (131009, buttons("Yes", "Yes")),
    "button body too long": (131009, buttons("Yes", body={"text": "x" * 1025})),
    "button id with a space": (
        131009,
        buttons(action={"buttons": [{"type": "reply", "reply": {"id": " b", "title": "Yes"}}]}),
    ),
    "button id too long": (
        131009,
        buttons(action={"buttons": [{"type": "reply", "reply": {"id": "b" * 257, "title": "Yes"}}]}),
    ),
    "button of another kind": (131009, buttons(action={"buttons": [{"type": "url"}]})),
    "link text too long": (131009, a_link(display_text="d" * 21)),
    "link nowhere": (131009, a_link(url="easymo.rw")),
    "location request with header": (131009, a_location_request(header=HEADER)),
    "location request too long": (131009, a_location_request("x" * 1025)),
    "template name in capitals": (131009, a_template("Hello")),
    "template without language": (131008, a_send("template", {"name": "hello"})),
    "template part unknown": (131009, a_template(components=[{"type": "tail"}])),
    "list to a group": (131009, a_list() | {"recipient_type": "group"}),
    "location to a group": (
        131009,
        a_send("location", {"latitude": 1, "longitude": 1}, recipient_type="group"),
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str) -> None:
    assert refusal_of(TAKEN[name]) is None


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, payload = REFUSED[name]
    refusal = refusal_of(payload)
    assert refusal is not None
    assert refusal.code == code, refusal


def refusal_of(payload: Json) -> GraphError | None:
    try:
        check_message(payload)
    except GraphError as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"message_id": "wamid.x"}, None),
        ({"message_id": "wamid.x", "typing_indicator": {"type": "text"}}, None),
        ({"message_id": "wamid.x", "typing_indicator": {"type": "voice"}}, 131009),
        ({"message_id": "wamid.x", "typing_indicator": "text"}, 100),
        ({"message_id": "wamid.x", "to": "250788123456"}, 100),
        ({}, 131008),
    ],
)
def test_read_mark(payload: dict[str, Any], code: int | None) -> None:
    request = {"messaging_product": "whatsapp", "status": "read", **payload}
    if code is None:
        check_read_mark(request)
        return
    with pytest.raises(GraphError) as refusal:
        check_read_mark(request)
    assert refusal.value.code == code


def test_the_error_has_metas_shape() -> None:
    body = GraphError(131047, "Too late.").body()
    assert body["error"].keys() == {"message", "type", "code", "error_data", "fbtrace_id"}
    assert body["error"]["error_data"] == {"messaging_product": "whatsapp", "details": "Too late."}
    assert GraphError(132001, "").http_status == 404
    assert GraphError(131000, "").http_status == 500
    assert GraphError(999, "").http_status == 400
