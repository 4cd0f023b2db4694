"""What Meta accepts in a message: every limit that can be judged from the request alone.

`check_message` raises GraphError with the code that Meta answers. What depends on the state of the
world (the 24-hour window, media ids, templates, rates) is judged by `exchange.py`.
Source of the numbers: Meta's Cloud API reference, section *Messages*.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from infra.simulator.errors import bad_parameter, invalid, missing
from infra.simulator.limits_interactive import check_interactive
from infra.simulator.limits_values import flag, known_keys, mapping, number, text, url

TEXT_BODY = 4096
CAPTION = 1024
FILENAME = 240
CALLBACK_DATA = 512
CONTACTS = 257
PHONE = re.compile(r"\+?[\d\s().-]{7,25}")
BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,512}")

ENVELOPE_KEYS = frozenset(
    ("messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data")
)
MEDIA_KEYS: dict[str, frozenset[str]] = {
    "image": frozenset(("id", "link", "caption")),
    "video": frozenset(("id", "link", "caption")),
    "document": frozenset(("id", "link", "caption", "filename")),
    "audio": frozenset(("id", "link", "voice")),
    "sticker": frozenset(("id", "link")),
}
GROUP_TYPES = frozenset(("text", "template", *MEDIA_KEYS))


def check_message(payload: dict[str, Any]) -> None:
    """Judge the body of `POST /{phone_number_id}/messages`. Raises GraphError."""
    if payload.get("messaging_product") != "whatsapp":
        raise bad_parameter("The parameter messaging_product is required and must be 'whatsapp'.")
    kind = payload.get("type", "text")
    check = CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise bad_parameter(f"Param type must be one of {{{', '.join(sorted(CHECKS))}}}; got {kind!r}.")
    _check_envelope(payload, kind)
    if kind not in payload:
        raise missing(kind)
    check(payload[kind])


def check_read_mark(payload: dict[str, Any]) -> None:
    """Judge a request that marks a message as read. Raises GraphError."""
    known_keys(
        payload, frozenset(("messaging_product", "status", "message_id", "typing_indicator")), "request"
    )
    text(payload, "message_id", "message_id", 512)
    if "typing_indicator" in payload:
        indicator = mapping(payload["typing_indicator"], "typing_indicator")
        if indicator.get("type") != "text":
            raise invalid("typing_indicator['type'] must be 'text'.")


def _check_envelope(payload: dict[str, Any], kind: str) -> None:
    for key in payload:
        if key not in ENVELOPE_KEYS and key != kind:
            raise bad_parameter(f'Unexpected key "{key}" on param "request".')
    recipient_type = payload.get("recipient_type", "individual")
    if recipient_type not in ("individual", "group"):
        raise invalid("recipient_type must be 'individual' or 'group'.")
    to, recipient = payload.get("to"), payload.get("recipient")
    if to is None and recipient is None:
        raise missing("to")
    if recipient_type == "group":
        if kind not in GROUP_TYPES:
            raise invalid(f"A group takes no message of type {kind}.")
    elif to is not None:
        if not isinstance(to, str) or PHONE.fullmatch(to) is None:
            raise invalid("'to' is not a phone number.")
    elif not isinstance(recipient, str) or BSUID.fullmatch(recipient) is None:
        raise invalid("'recipient' is not a business-scoped user id.")
    if "context" in payload:
        context = mapping(payload["context"], "context")
        known_keys(context, frozenset(("message_id",)), "context")
        text(context, "message_id", "context['message_id']", 512)
    if "biz_opaque_callback_data" in payload:
        text(payload, "biz_opaque_callback_data", "biz_opaque_callback_data", CALLBACK_DATA)


def _check_text(value: Any) -> None:
    content = mapping(value, "text")
    known_keys(content, frozenset(("body", "preview_url")), "text")
    text(content, "body", "text['body']", TEXT_BODY)
    flag(content, "preview_url", "text['preview_url']")


def _media(kind: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        content = mapping(value, kind)
        known_keys(content, MEDIA_KEYS[kind], kind)
        if ("id" in content) == ("link" in content):
            raise bad_parameter(f"Param {kind} needs either 'id' or 'link', and not both.")
        if "id" in content:
            text(content, "id", f"{kind}['id']", 128)
        else:
            url(content, "link", f"{kind}['link']")
        if "caption" in content:
            text(content, "caption", f"{kind}['caption']", CAPTION)
        if "filename" in content:
            text(content, "filename", f"{kind}['filename']", FILENAME)
        flag(content, "voice", f"{kind}['voice']")

    return check


def _check_location(value: Any) -> None:
    content = mapping(value, "location")
    known_keys(content, frozenset(("latitude", "longitude", "name", "address")), "location")
    number(content, "latitude", 90)
    number(content, "longitude", 180)
    for key in ("name", "address"):
        if key in content:
            text(content, key, f"location['{key}']", 1000)


def _check_contacts(value: Any) -> None:
    if not isinstance(value, list) or not value:
        raise missing("contacts")
    if len(value) > CONTACTS:
        raise invalid(f"Too many contacts: {len(value)}, at most {CONTACTS}.")
    for contact in value:
        name = mapping(mapping(contact, "contacts").get("name"), "contacts['name']")
        text(name, "formatted_name", "contacts['name']['formatted_name']", 256)
        if not any(name.get(part) for part in ("first_name", "last_name", "middle_name", "suffix", "prefix")):
            raise invalid("contacts['name'] needs one more part than formatted_name.")


def _check_reaction(value: Any) -> None:
    content = mapping(value, "reaction")
    known_keys(content, frozenset(("message_id", "emoji")), "reaction")
    text(content, "message_id", "reaction['message_id']", 512)
    emoji = content.get("emoji")
    if not isinstance(emoji, str):
        raise missing("reaction['emoji']")
    if len(emoji) > 16 or re.search(r"[A-Za-z\s]", emoji):
        raise invalid("reaction['emoji'] must be one emoji, or empty to remove it.")


def _check_template(value: Any) -> None:
    content = mapping(value, "template")
    known_keys(content, frozenset(("name", "language", "components", "namespace")), "template")
    name = text(content, "name", "template['name']", 512)
    if TEMPLATE_NAME.fullmatch(name) is None:
        raise invalid("template['name'] takes lowercase letters, digits and underscores.")
    language = mapping(content.get("language"), "template['language']")
    text(language, "code", "template['language']['code']", 16)
    components = content.get("components", [])
    if not isinstance(components, list):
        raise bad_parameter("Param template['components'] must be an array.")
    for component in components:
        kind = mapping(component, "template['components']").get("type")
        if kind not in ("header", "body", "button", "carousel", "limited_time_offer"):
            raise invalid(f"template['components'] has an unknown type: {kind!r}.")


CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _check_text,
    **{kind: _media(kind) for kind in MEDIA_KEYS},
    "location": _check_location,
    "contacts": _check_contacts,
    "reaction": _check_reaction,
    "interactive": check_interactive,
    "template": _check_template,
}
