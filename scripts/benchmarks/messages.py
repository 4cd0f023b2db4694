"""What people write in a bench, and Meta's posts that carry it: the same bytes in each run, but for times."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from infra.simulator.envelopes import Update, envelope, signature, written
from infra.simulator.people import default_user_id

PATH = "/webhooks/whatsapp"
ACCOUNT_ID = "102290129340398"
METADATA = {"display_phone_number": "250796000000", "phone_number_id": "106540352242922"}

# A person goes through these in turn, each beginning elsewhere: greetings (home menu), keywords (routed to a
# domain), and words in the middle of something.
TEXTS = (
    "muraho",
    "book ride",
    "I need a moto to town",
    "hello",
    "find jobs",
    "jobs",
    "menu",
)


@dataclass(frozen=True, slots=True)
class Chatter:
    """`persons` people who write one after the other, again and again; `run` keeps its ids apart.

    The `index`-th message is sent at `start` (Unix seconds) + index / `rate`.
    """

    run: str
    persons: int
    start: float
    rate: float

    def phone(self, index: int) -> str:
        """Who writes the message of that index: a number in Rwanda."""
        return phone_of(index % self.persons)

    def wamid(self, index: int) -> str:
        """The message's id, as long as Meta's."""
        return f"wamid.HBgMMjUwNzg4MDAwMDAwFQIAEhgU{self.run}{index:016X}AA=="

    def text(self, index: int) -> str:
        """What it says."""
        return TEXTS[(index // self.persons + index % self.persons) % len(TEXTS)]

    def body(self, index: int) -> bytes:
        """The post that brings it, as Meta writes it."""
        at = int(self.start + index / self.rate)
        return post(self.phone(index), self.wamid(index), at, text(self.text(index)))


def text(body: str) -> dict[str, Any]:
    """A message's content: words."""
    return {"type": "text", "text": {"body": body}}


def tap(button: str, title: str) -> dict[str, Any]:
    """A message's content: a reply button."""
    reply = {"id": button, "title": title}
    return {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}


def post(phone: str, wamid: str, at: int, content: dict[str, Any]) -> bytes:
    """The post that brings one message, written at `at` (Unix seconds)."""
    user_id = default_user_id(phone)
    message = {"from": phone, "from_user_id": user_id, "id": wamid, "timestamp": str(at), **content}
    contact = {"profile": {"name": f"Person {phone[-4:]}"}, "wa_id": phone, "user_id": user_id}
    value = {
        "messaging_product": "whatsapp",
        "metadata": METADATA,
        "contacts": [contact],
        "messages": [message],
    }
    return written(envelope(ACCOUNT_ID, [Update(phone, "messages", value)], at))


def phone_of(number: int) -> str:
    """The phone number of one of the people."""
    return f"2507{80_000_000 + number}"


def request(body: bytes, secret: bytes, port: int) -> bytes:
    """The whole HTTP request of a signed post."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: facebookexternalua\r\n"
        f"Content-Type: application/json\r\nX-Hub-Signature-256: {signature(secret, body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def starting_now(run: str, persons: int, rate: float) -> Chatter:
    """Chatter whose first message is sent at this moment."""
    return Chatter(run, persons, time.time(), rate)
