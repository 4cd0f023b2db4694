"""Splitting: every message, status and account update of Meta's, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from ingress import split as ways
from ingress.split import split
from ingress.update import UnreadableBody, Update
from schemas import topics
from schemas.envelope import read_envelope
from schemas.events.whatsapp import AccountUpdated, MessageReceived, StatusReceived
from schemas.ids import message_id, status_id
from tests import builders
from tests.builders import (
    ACCOUNT_ID,
    OUR_NUMBER_ID,
    PHONE,
    Json,
    a_change,
    a_contact,
    a_media,
    a_message,
    a_notification,
    a_status,
    a_text,
    a_value,
    an_entry,
    notification_of,
)

RECEIVED_AT = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)
SENT_AT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
BSUID = "RW.13491208655302741918"

MESSAGES: list[Json] = [
    a_text("book ride"),
    a_media("image", caption="my car"),
    a_media("video"),
    a_message("audio", {"id": "1", "mime_type": "audio/ogg; codecs=opus", "voice": True}),
    a_media("document", filename="policy.pdf"),
    a_message("sticker", {"id": "1", "mime_type": "image/webp", "animated": False}),
    builders.a_location(),
    a_message("contacts", [{"name": {"formatted_name": "Jo"}, "phones": [{"phone": "+250788000111"}]}]),
    a_message("reaction", {"message_id": "wamid.X", "emoji": "👍"}),
    a_message("reaction", {"message_id": "wamid.X", "emoji": ""}),  # taken away
    builders.a_button_reply("jobs:list"),
    builders.a_list_reply("mobility:driver:5"),
    builders.a_flow_reply({"plate": "RAA123C"}),
    a_message("button", {"payload": "jobs:list", "text": "Jobs"}),
    a_message("order", {"catalog_id": "1", "product_items": [{"quantity": "2"}]}),
    a_message("system", {"body": "changed", "wa_id": "250788999999", "type": "user_changed_number"}),
    a_message("request_welcome", None),
    a_message("unsupported", None, errors=[{"code": 131051, "title": "Unsupported message type"}]),
    a_message("edit", {"original_message_id": "wamid.X", "message": {"type": "text"}}),
    a_message("revoke", {"original_message_id": "wamid.X"}),
    a_message("hologram", {"of": "the future"}),
    a_text("a reply", context={"from": "250780000000", "id": "wamid.Y"}),
    a_text("forwarded", context={"forwarded": True, "frequently_forwarded": True}),
    a_text("this one?", context={"referred_product": {"catalog_id": "1", "product_retailer_id": "2"}}),
    a_text("from an ad", referral={"source_type": "ad", "source_id": "7", "ctwa_clid": "x"}),
    a_text("in a group", group_id="GROUP.1"),
]

STATUSES: list[Json] = [
    a_status("sent", conversation={"id": "c", "expiration_timestamp": "1767355200"}),
    a_status("delivered", pricing={"billable": True, "category": "utility"}),
    a_status("read"),
    a_status("played"),
    a_status("failed", errors=[{"code": 131026, "title": "Message undeliverable"}]),
    a_status("delivered", biz_opaque_callback_data="6f1e2c1a-6c1b-5d0f-9d51-0f2a4f1f3a77"),
]

FIELDS = [
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "account_update",
    "phone_number_quality_update",
    "business_capability_update",
    "security",
    "flows",
    "calls",
    "user_preferences",
    "history",
    "smb_message_echoes",
    "group_lifecycle_update",
    "something_of_next_year",
]


def split_one(notification: Any) -> Update:
    (update,) = split(notification, RECEIVED_AT)
    return update


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message["type"])
def test_every_type_of_message_is_published_unchanged(message: Json) -> None:
    update = split_one(a_notification(message))

    assert update.kind.topic == topics.INBOUND
    assert update.key == PHONE
    assert update.id == message_id(message["id"], message["type"])
    assert update.time == SENT_AT
    assert MessageReceived.read(update.value) == MessageReceived(
        contact=PHONE,
        message=message,
        phone=PHONE,
        profile_name="Ange",
        phone_number_id=OUR_NUMBER_ID,
        account_id=ACCOUNT_ID,
    )


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status["status"])
def test_every_status_is_published_unchanged(status: Json) -> None:
    update = split_one(a_notification(status))

    assert update.kind.topic == topics.STATUSES
    assert update.key == PHONE
    assert update.id == status_id(status["id"], status["status"], status["timestamp"])
    assert update.time == SENT_AT
    assert StatusReceived.read(update.value) == StatusReceived(
        contact=PHONE, status=status, phone_number_id=OUR_NUMBER_ID, account_id=ACCOUNT_ID
    )


@pytest.mark.parametrize("field", FIELDS)
def test_every_other_field_goes_to_the_account(field: str) -> None:
    value = {"event": "APPROVED", "messages": [a_text("not for us to split")], "unknown": [1, None]}
    update = split_one(notification_of(an_entry(a_change(field, value), time=builders.NOON)))

    assert update.kind.topic == topics.ACCOUNT
    assert update.key == ACCOUNT_ID
    assert update.time == SENT_AT
    assert AccountUpdated.read(update.value) == AccountUpdated(
        account_id=ACCOUNT_ID, field=field, value=value
    )


@pytest.mark.parametrize("item", [*MESSAGES, *STATUSES], ids=lambda item: item.get("type") or item["status"])
def test_the_usual_post_goes_the_short_way(item: Json) -> None:
    notification = a_notification(item)
    for _ in range(2):
        assert ways._usual(notification, notification["entry"], RECEIVED_AT) == split_one(notification)
        notification["entry"][0]["time"] = builders.NOON


def test_the_values_are_what_the_models_write() -> None:
    updates = split(a_notification(a_text("hi"), a_change("security", {"event": "x"})), RECEIVED_AT)
    updates += split(a_notification(a_status("read")), RECEIVED_AT)
    assert len(updates) == 3
    for update in updates:
        written = update.kind.event.read(update.value).write()
        assert orjson.loads(written) == orjson.loads(update.value)


def test_several_entries_changes_and_updates_keep_their_order() -> None:
    messages, statuses = [a_text(f"{n}") for n in range(4)], [a_status(), a_status("read")]
    notification = notification_of(
        an_entry(
            a_change(value=a_value(messages[0], messages[1])),
            a_change("flows", {}),
            a_change(value=a_value(statuses[0])),
        ),
        an_entry(a_change(value=a_value(messages[2], statuses[1], messages[3])), account_id="other"),
    )
    updates = split(notification, RECEIVED_AT)

    told = [orjson.loads(update.value) for update in updates]
    ids = [(data.get("message") or data.get("status") or {}).get("id", data.get("field")) for data in told]
    wanted = [messages[0], messages[1], {"id": "flows"}, statuses[0], messages[2], messages[3], statuses[1]]
    assert ids == [item["id"] for item in wanted]
    assert [data["account_id"] for data in told] == [ACCOUNT_ID] * 4 + ["other"] * 3


def test_a_thousand_updates_come_out_one_by_one() -> None:
    messages = [a_text("x" * 100, sender=f"25078{n:07}") for n in range(1000)]
    updates = split(a_notification(*messages), RECEIVED_AT)
    assert [update.key for update in updates] == [message["from"] for message in messages]
    assert len({update.id for update in updates}) == 1000


@pytest.mark.parametrize(
    ("message", "contacts", "told"),
    [
        (a_text("x"), [a_contact()], (PHONE, PHONE, None, "Ange")),
        (a_text("x"), [], (PHONE, PHONE, None, None)),
        (a_text("x", from_user_id=BSUID), [a_contact(user_id=BSUID)], (BSUID, PHONE, BSUID, "Ange")),
        (a_text("x"), [a_contact(user_id=BSUID)], (BSUID, PHONE, BSUID, "Ange")),
        (a_text("x", sender=None, from_user_id=BSUID), [], (BSUID, None, BSUID, None)),
        (
            a_text("x", sender=None, from_user_id=BSUID),
            [a_contact(phone=None, user_id=BSUID)],
            (BSUID, None, BSUID, "Ange"),
        ),
        (a_text("x", sender=None), [a_contact(phone=None, user_id=BSUID)], (BSUID, None, BSUID, "Ange")),
        (a_text("x", sender="+250 788 123 456"), [], ("+250 788 123 456", PHONE, None, None)),
        (a_text("x"), [a_contact("Jo", "250788000111"), a_contact()], (PHONE, PHONE, None, "Ange")),
        (a_text("x"), [a_contact("Jo", "250788000111")], (PHONE, PHONE, None, "Jo")),  # the only one there
        (a_text("x"), [a_contact(name=None)], (PHONE, PHONE, None, None)),
    ],
)
def test_who_a_message_is_from(
    message: Json, contacts: list[Json], told: tuple[str, str | None, str | None, str | None]
) -> None:
    update = split(a_notification(message, contacts=contacts), RECEIVED_AT)[0]
    data = MessageReceived.read(update.value)
    assert update.key == data.contact
    assert (data.contact, data.phone, data.user_id, data.profile_name) == told


@pytest.mark.parametrize(
    ("status", "contacts", "contact"),
    [
        (a_status(), [], PHONE),
        (a_status(recipient_user_id=BSUID), [], BSUID),
        (a_status(recipient_id=None, recipient_user_id=BSUID), [], BSUID),
        (a_status(), [a_contact(user_id=BSUID)], BSUID),
        (a_status(recipient_id=None), [a_contact()], PHONE),
    ],
)
def test_who_a_status_is_about(status: Json, contacts: list[Json], contact: str) -> None:
    update = split_one(a_notification(status, contacts=contacts))
    assert (update.key, StatusReceived.read(update.value).contact) == (contact, contact)


def test_what_a_contact_says_beyond_the_message_travels_with_it() -> None:
    contact = a_contact(user_id=BSUID, parent_user_id="RW.ENT.1", identity_key_hash="x")
    contact["profile"]["username"] = "@ange"
    update = split_one(a_notification(a_text("x"), contacts=[contact]))
    assert orjson.loads(update.value)["contact_details"] == contact


@pytest.mark.parametrize(
    "nameless", [a_text("x", sender=None), a_status(recipient_id=None), a_text("x", sender="")]
)
def test_what_names_nobody_goes_to_the_account(nameless: Json) -> None:
    update = split_one(a_notification(nameless, contacts=[]))
    assert update.kind.topic == topics.ACCOUNT
    part = "statuses" if "status" in nameless else "messages"
    assert AccountUpdated.read(update.value).value[part] == [nameless]


@pytest.mark.parametrize(
    "more",
    [
        {"errors": [{"code": 130429, "title": "Rate limit hit"}]},
        {"something_new": {"a": 1}},
        {"messages": {"not": "a list"}},
        {"messages": ["not an object"]},
        {"statuses": 5},
        {"contacts": [a_contact("Nobody's", "250788000111")]},
        {"contacts": "not a list"},
        {"metadata": {"phone_number_id": "1", "something_new": "x"}},
        {"metadata": "not an object"},
        {"messaging_product": "carrier_pigeon"},
    ],
)
def test_the_rest_of_a_change_goes_to_the_account(more: Json) -> None:
    value = a_value(contacts=[]) | more
    update = split_one(notification_of(an_entry(a_change(value=value))))
    data = AccountUpdated.read(update.value)
    assert (data.account_id, data.field) == (ACCOUNT_ID, "messages")
    for name, item in more.items():
        assert data.value[name] == item


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ("not an object", "entry"),
        (None, "entry"),
        ({"id": "1"}, "entry"),
        ({"id": "1", "changes": "none"}, "entry"),
        (an_entry("not an object"), "change"),  # type: ignore[arg-type]
        (an_entry({}), "unknown"),
        (an_entry(a_change("flows", {}, something_new=1)), "change"),
        (an_entry(a_change("flows", {}), something_new=1), "entry"),
        (an_entry({"field": ["odd"], "value": 1}), "change"),
        ({"id": {"odd": 1}, "changes": []}, "entry"),
    ],
)
def test_other_shapes_go_to_the_account(entry: Any, field: str) -> None:
    updates = split(notification_of(entry), RECEIVED_AT)
    assert {update.kind.topic for update in updates} == {topics.ACCOUNT}
    assert AccountUpdated.read(updates[-1].value).field == field


@pytest.mark.parametrize(
    "notification", [None, [], "x", 5, {}, {"entry": None}, {"entry": {}}, {"object": "x"}]
)
def test_what_is_no_notification_is_refused(notification: Any) -> None:
    with pytest.raises(UnreadableBody) as refused:
        split(notification, RECEIVED_AT)
    assert refused.value.code == "unexpected_shape"


def test_what_cannot_be_written_again_is_refused() -> None:
    deep: Any = "bottom"
    for _ in range(300):
        deep = [deep]
    with pytest.raises(UnreadableBody) as refused:
        split(notification_of(an_entry(a_change("flows", deep))), RECEIVED_AT)
    assert refused.value.code == "nested_too_deep"


def test_nothing_is_nothing() -> None:
    assert split(notification_of(), RECEIVED_AT) == []


@pytest.mark.parametrize(
    "empty", [an_entry(), an_entry(a_change(value=a_value())), an_entry(a_change("flows"))]
)
def test_an_empty_part_is_an_update_all_the_same(empty: Json) -> None:
    assert split_one(notification_of(empty)).kind.topic == topics.ACCOUNT


def test_another_product_is_published_too() -> None:
    notification = {"object": "page", "entry": [an_entry(a_change("feed", {"a": 1}))], "new": True}
    fields = [AccountUpdated.read(update.value).field for update in split(notification, RECEIVED_AT)]
    assert fields == ["feed", "notification"]


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [
        (str(builders.NOON), SENT_AT),
        (builders.NOON, SENT_AT),
        (str(builders.NOON + 40 * 86400), SENT_AT + timedelta(days=40)),  # the consumer judges
        ("1", datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        ("253402300799", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("253402300800", RECEIVED_AT),
        (str(builders.NOON * 1000), RECEIVED_AT),
        ("0", RECEIVED_AT),
        ("-5", RECEIVED_AT),
        ("2026-01-01T12:00:00Z", RECEIVED_AT),
        ("١٧٦٧٢٦٨٨٠٠", RECEIVED_AT),
        ("", RECEIVED_AT),
        (None, RECEIVED_AT),
        (True, RECEIVED_AT),
        (1.5, RECEIVED_AT),
        ([], RECEIVED_AT),
        ("9" * 5000, RECEIVED_AT),
    ],
)
def test_the_time_is_metas_where_it_can_be_read(timestamp: Any, time: datetime) -> None:
    assert split_one(a_notification(a_text("x", timestamp=timestamp))).time == time


@pytest.mark.parametrize("item", [a_text("x", id=None), a_text("x", id=5), a_text("x", id="")])
def test_a_message_without_an_id_gets_one_from_its_content(item: Json) -> None:
    again, other = dict(reversed(item.items())), item | {"text": {"body": "y"}}
    ids = [split_one(a_notification(one)).id for one in (item, again, other)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("missing", ["id", "status", "timestamp"])
def test_a_status_without_its_names_gets_an_id_from_its_content(missing: str) -> None:
    status = a_status("read", id="wamid.1", timestamp="5")
    del status[missing]
    if missing == "status":
        status["errors"] = []
    value = a_value() | {"statuses": [status]}
    made = [split_one(notification_of(an_entry(a_change(value=value)))).id for _ in range(2)]
    assert made[0] == made[1] != status_id("wamid.1", "read", "5")


def test_an_edit_of_a_message_is_another_event_than_the_message() -> None:
    ids = {split_one(a_notification(a_message(kind, {}, id="wamid.1"))).id for kind in ("text", "edit")}
    assert len(ids) == 2


def test_the_same_news_at_another_time_is_another_event() -> None:
    ids = [
        split_one(notification_of(an_entry(a_change("account_update", {"event": "x"}), time=time))).id
        for time in (1, 1, 2)
    ]
    assert ids[0] == ids[1] != ids[2]


def test_the_headers_are_an_envelope() -> None:
    update = split_one(a_notification(a_text("x")))
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    envelope = read_envelope(update.headers(update.key.encode(), trace.encode()))
    assert envelope.id == update.id
    assert envelope.type == MessageReceived.event_type
    assert envelope.source == "/ingress/whatsapp"
    assert envelope.subject == PHONE
    assert envelope.time == SENT_AT
    assert envelope.dataschema == MessageReceived.dataschema()
    assert envelope.correlation_id == str(update.id)
    assert envelope.causation_id == ""
    assert envelope.traceparent == trace
    assert dict(update.headers(b"", b""))["ce_specversion"] == b"1.0"
