"""A bot in place of the back end: echoes, and shows every kind of message, to try the phones alone."""

from __future__ import annotations

import asyncio
from typing import Any

from infra.simulator.errors import GraphError
from infra.simulator.exchange import Exchange
from infra.simulator.messages import Message
from infra.simulator.people import Person
from infra.simulator.picture import hills
from infra.simulator.templates import Template

THINKS_SECONDS = 0.7  # long enough to see that it types
ANSWERS = 100  # under way at once; what comes beyond is not answered
KINDS = ("list", "buttons", "link", "location", "photo", "document", "contact", "template", "long", "react")
DOCUMENT = b"%PDF-1.4\n%%EOF\n"  # an empty one: only its name is shown
TEMPLATE = Template(
    "show_reminder",
    "en",
    header="Your trip",
    body="Hello {{1}}, your moto leaves at 07:30.",
    footer="EasyMO",
    buttons=("Keep it", "Cancel trip"),
)


class ShowBot:
    """Answers whoever writes; the word for a kind of message brings one."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._answers: set[asyncio.Task[None]] = set()
        exchange.templates.add(TEMPLATE)
        exchange.listeners.add(self._take)

    async def stop(self) -> None:
        """Answer nobody any more."""
        self._exchange.listeners.discard(self._take)
        for answer in self._answers:
            answer.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)

    def _take(self, what: str, person: Person, message: Message | None) -> None:
        if what != "message" or message is None or message.by != "person" or len(self._answers) >= ANSWERS:
            return
        task = asyncio.create_task(self._answer(person, message))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, person: Person, message: Message) -> None:
        product = {"messaging_product": "whatsapp"}
        to = {"to": person.phone} if person.phone else {"recipient": person.user_id}
        try:
            read = {"status": "read", "message_id": message.id, "typing_indicator": {"type": "text"}}
            self._exchange.accept(product | read)
            await asyncio.sleep(THINKS_SECONDS)
            for kind, content in self._said(person, message):
                self._exchange.accept(product | to | {"type": kind, kind: content})
        except GraphError as error:
            self._exchange.counts[f"refused_{error.code}"] += 1

    def _said(self, person: Person, message: Message) -> list[tuple[str, Any]]:
        wanted = message.text.strip().casefold()
        if message.type == "text" and wanted in KINDS:
            return [_shown(wanted, person, message, self._exchange)]
        if message.type == "text" and wanted not in ("hi", "hello", "muraho", "menu"):
            return [("text", {"body": f"You said: {message.text}"})]
        if message.type != "text":
            words = message.text or "nothing more"
            return [("text", {"body": f"Thank you for the *{message.type}* ({words})."})]
        name = person.name or "there"
        return [("text", {"body": f"Muraho {name}! 👋 I am not EasyMO, only a stand-in."}), _menu()]


def _menu() -> tuple[str, Any]:
    rows = [
        {"id": f"show:{kind}", "title": kind.capitalize(), "description": f"Type “{kind}” to see it"}
        for kind in KINDS
    ]
    return "interactive", {
        "type": "list",
        "header": {"type": "text", "text": "What shall I show?"},
        "body": {"text": "Everything that WhatsApp lets a business send. Tap a row, then type its name."},
        "footer": {"text": "EasyMO simulator"},
        "action": {
            "button": "Choose",
            "sections": [{"title": "To tap", "rows": rows[:4]}, {"title": "To see", "rows": rows[4:]}],
        },
    }


def _shown(kind: str, person: Person, message: Message, exchange: Exchange) -> tuple[str, Any]:
    if kind == "list":
        return _menu()
    if kind in ("photo", "document"):
        return _file(kind, exchange)
    values = [{"type": "text", "text": person.name or "you"}]
    simple: dict[str, tuple[str, Any]] = {
        "contact": ("contacts", [{"name": {"formatted_name": "Eric Mugabo", "first_name": "Eric"}}]),
        "template": (
            "template",
            {
                "name": TEMPLATE.name,
                "language": {"code": "en"},
                "components": [{"type": "body", "parameters": values}],
            },
        ),
        "long": ("text", {"body": "A long text goes on and on. " * 60}),
        "react": ("reaction", {"message_id": message.id, "emoji": "👍🏾"}),
    }
    return simple.get(kind) or ("interactive", _interactive(kind))


def _file(kind: str, exchange: Exchange) -> tuple[str, Any]:
    if kind == "photo":
        picture = exchange.media.add("image/png", hills())
        return "image", {"id": picture.id, "caption": "The hills in the *morning*"}
    document = exchange.media.add("application/pdf", DOCUMENT, "policy.pdf")
    return "document", {"id": document.id, "filename": "policy.pdf"}


def _interactive(kind: str) -> dict[str, Any]:
    if kind == "link":
        parameters = {"display_text": "Open the chat", "url": "https://wa.me/250788123456?text=Hello"}
        return {
            "type": "cta_url",
            "body": {"text": "Eric drives a moto, 400 m from you."},
            "action": {"name": "cta_url", "parameters": parameters},
        }
    if kind == "location":
        return {
            "type": "location_request_message",
            "body": {"text": "Where should we pick you up?"},
            "action": {"name": "send_location"},
        }
    titles = ("Confirm", "Change", "Cancel")
    return {
        "type": "button",
        "body": {"text": "From *Kigali Heights* to _Nyabugogo_ by moto, about RWF 2,300. Book it?"},
        "footer": {"text": "The driver may ask for another price"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": f"show:{title}", "title": title}} for title in titles
            ]
        },
    }
