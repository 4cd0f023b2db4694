"""What people send, in the shapes of Meta's webhooks: everything but id, sender and time.

Each function returns `{"type": …, "<type>": …}`; `exchange.py` adds the rest.
Source of the shapes: Meta's webhook reference, field `messages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra.simulator.media import Medium
from infra.simulator.messages import Choice

Incoming = dict[str, Any]


def a_text(body: str) -> Incoming:
    """Typed words."""
    return {"type": "text", "text": {"body": body}}


def a_medium(medium: Medium, *, kind: str = "", caption: str = "", voice: bool = False) -> Incoming:
    """A picture, film, sound, document or sticker that was stored before."""
    kind = kind or medium.kind
    content: dict[str, Any] = {"mime_type": medium.mime_type, "sha256": medium.sha256, "id": medium.id}
    if caption:
        content["caption"] = caption
    if kind == "audio":
        content["voice"] = voice
    if kind == "sticker":
        content["animated"] = b"ANIM" in medium.data[:64]
    if kind == "document" and medium.filename:
        content["filename"] = medium.filename
    return {"type": kind, kind: content}


def a_location(latitude: float, longitude: float, name: str = "", address: str = "") -> Incoming:
    """A place on the map, in degrees."""
    content: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
    if name:
        content["name"] = name
    if address:
        content["address"] = address
    return {"type": "location", "location": content}


def a_contact(name: str, phone: str) -> Incoming:
    """A card from the address book."""
    card = {
        "name": {"first_name": name.split(maxsplit=1)[0], "formatted_name": name},
        "phones": [{"phone": f"+{phone}", "wa_id": phone, "type": "CELL"}],
    }
    return {"type": "contacts", "contacts": [card]}


def a_reaction(message_id: str, emoji: str) -> Incoming:
    """An emoji on a message; without emoji it is taken back."""
    content = {"message_id": message_id}
    if emoji:
        content["emoji"] = emoji
    return {"type": "reaction", "reaction": content}


def a_tap(choice: Choice, message_id: str, business: str) -> Incoming:
    """A tapped row or button of a message from `business` (its number)."""
    context = {"from": business, "id": message_id}
    if choice.kind == "quick_reply":
        return {
            "type": "button",
            "button": {"payload": choice.id, "text": choice.title},
            "context": context,
        }
    reply: dict[str, Any] = {"id": choice.id, "title": choice.title}
    kind = "list_reply" if choice.kind == "row" else "button_reply"
    if choice.kind == "row" and choice.description:
        reply["description"] = choice.description
    return {"type": "interactive", "interactive": {"type": kind, kind: reply}, "context": context}


def a_flow_answer(response_json: str, message_id: str, business: str, name: str = "flow") -> Incoming:
    """A completed flow."""
    reply = {"name": name, "body": "Sent", "response_json": response_json}
    return {
        "type": "interactive",
        "interactive": {"type": "nfm_reply", "nfm_reply": reply},
        "context": {"from": business, "id": message_id},
    }


def an_order(catalog_id: str, items: Sequence[dict[str, Any]], text: str = "") -> Incoming:
    """A cart; items carry product_retailer_id, quantity, item_price and currency."""
    content: dict[str, Any] = {"catalog_id": catalog_id, "product_items": list(items)}
    if text:
        content["text"] = text
    return {"type": "order", "order": content}


def a_number_change(name: str, old: str, new: str) -> Incoming:
    """WhatsApp tells that someone changed numbers."""
    body = f"User {name} changed from {old} to {new}"
    return {"type": "system", "system": {"body": body, "wa_id": new, "type": "user_changed_number"}}


def a_welcome_request() -> Incoming:
    """Someone opened the chat for the first time and wrote nothing yet."""
    return {"type": "request_welcome"}


def an_unsupported() -> Incoming:
    """Something that the Cloud API can't show."""
    error = {
        "code": 131051,
        "title": "Message type unknown",
        "message": "Message type unknown",
        "error_data": {"details": "Message type is currently not supported."},
    }
    return {"type": "unsupported", "errors": [error]}


def an_edit(original_id: str, body: str) -> Incoming:
    """A text message that was changed afterwards."""
    return {
        "type": "edit",
        "edit": {"original_message_id": original_id, "message": {"type": "text", "text": {"body": body}}},
    }


def a_deletion(original_id: str) -> Incoming:
    """A message that was taken back for everyone."""
    return {"type": "revoke", "revoke": {"original_message_id": original_id}}


def from_an_ad(message: Incoming, *, headline: str = "Ride now", source_id: str = "1200000000") -> Incoming:
    """The message with the ad that it came from."""
    referral = {
        "source_url": f"https://fb.me/{source_id}",
        "source_id": source_id,
        "source_type": "ad",
        "headline": headline,
        "body": "Book a moto in Kigali",
        "media_type": "image",
        "ctwa_clid": "ARAkLkA8rmlFeiCktEJQ",
    }
    return {**message, "referral": referral}


def as_reply(message: Incoming, message_id: str, business: str) -> Incoming:
    """The message as an answer to another one."""
    return {**message, "context": {"from": business, "id": message_id}}


def as_forward(message: Incoming, *, frequently: bool = False) -> Incoming:
    """The message as one that was passed on."""
    return {**message, "context": {"frequently_forwarded" if frequently else "forwarded": True}}
