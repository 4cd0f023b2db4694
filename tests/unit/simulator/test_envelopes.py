"""The bodies of webhooks, byte for byte."""

from __future__ import annotations

from infra.simulator.envelopes import Update, envelope, signature, written


def a_message(number: int) -> Update:
    """An update with one message."""
    key = f"25078800000{number}"
    value = {"metadata": {}, "contacts": [{"wa_id": key}], "messages": [{"id": str(number)}]}
    return Update(key, "messages", value)


def a_status(number: int) -> Update:
    """An update with one status."""
    return Update("250", "messages", {"metadata": {}, "statuses": [{"id": str(number)}]})


def test_one_update_stands_alone() -> None:
    body = envelope("7", [a_message(1)], now=5)
    assert body == {
        "object": "whatsapp_business_account",
        "entry": [{"id": "7", "changes": [{"field": "messages", "value": a_message(1).value}]}],
    }


def test_many_are_spread_over_entries_changes_and_lists() -> None:
    account = Update("account", "account_update", {"event": "x"})
    updates = [a_message(n) for n in range(4)] + [a_status(4), account, a_message(5)]
    body = envelope("7", updates, now=5)
    shape = [
        [
            [item["id"] for item in change["value"].get("messages", change["value"].get("statuses", []))]
            for change in entry["changes"]
        ]
        for entry in body["entry"]
    ]
    assert shape == [[["0", "1", "2"], ["3"]], [["4"], []], [["5"]]]
    assert len(body["entry"][0]["changes"][0]["value"]["contacts"]) == 3
    assert [entry.get("time") for entry in body["entry"]] == [None, 5, None]


def test_bytes_are_escaped_like_metas() -> None:
    raw = written({"body": "Murahō 👋 a/b"})
    assert raw == rb'{"body":"Murah\u014d \ud83d\udc4b a\/b"}'


def test_the_signature_follows_the_published_vector() -> None:
    expected = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature(b"It's a Secret to Everybody", b"Hello, World!") == f"sha256={expected}"


def test_a_person_is_named_once() -> None:
    value = envelope("7", [a_message(1), a_message(1)], now=5)["entry"][0]["changes"][0]["value"]
    assert value["contacts"] == [{"wa_id": "250788000001"}]
