"""The line between a phone and WhatsApp: in this process, or (remote.py) to another one."""

from __future__ import annotations

from typing import Any, Protocol

from infra.simulator import incoming as shapes
from infra.simulator.exchange import Exchange
from infra.simulator.messages import Message
from infra.simulator.people import Person


class Line(Protocol):
    """What a phone needs of WhatsApp. What arrives shows in `person.messages`."""

    @property
    def business(self) -> str:
        """The number of the business."""
        ...

    async def send(self, person: Person, incoming: dict[str, Any]) -> Message:
        """Send a message in Meta's shape (see incoming.py)."""
        ...

    async def send_medium(
        self, person: Person, data: bytes, mime_type: str, *, filename: str, caption: str, voice: bool
    ) -> Message:
        """Send a file. Raises GraphError when WhatsApp would not take it."""
        ...

    async def change_number(self, person: Person, new: str) -> Message:
        """Move the person to another number (digits); WhatsApp tells the business."""
        ...

    async def silence(self, person: Person, hours: float) -> None:
        """Act as if the person wrote last so many hours earlier."""
        ...

    async def trouble(self) -> str:
        """What may explain that no answer came, in a line or two."""
        ...


class LocalLine:
    """A line within this process."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def business(self) -> str:
        """The number of the business."""
        return self._exchange.display_phone_number

    async def send(self, person: Person, incoming: dict[str, Any]) -> Message:
        """Hand the message to the exchange."""
        return self._exchange.receive(person, incoming)

    async def send_medium(
        self, person: Person, data: bytes, mime_type: str, *, filename: str, caption: str, voice: bool
    ) -> Message:
        """Keep the file, then send it."""
        medium = self._exchange.media.add(mime_type, data, filename)
        return self._exchange.receive(person, shapes.a_medium(medium, caption=caption, voice=voice))

    async def change_number(self, person: Person, new: str) -> Message:
        """Tell it from the old number, then move."""
        old = person.key
        sent = self._exchange.receive(person, shapes.a_number_change(person.name, old, new))
        person.phone = new
        self._exchange.people.renamed(person, old)
        return sent

    async def silence(self, person: Person, hours: float) -> None:
        """Shift the time of the last message."""
        if person.last_wrote is not None:
            person.last_wrote -= hours * 3600

    async def trouble(self) -> str:
        """Counts of webhooks and refusals."""
        notifier, counts = self._exchange.notifier, self._exchange.counts
        return described(
            {**notifier.counts, "waiting": notifier.waiting}, notifier.last_trouble, dict(counts)
        )


def described(webhooks: dict[str, Any], last_trouble: str, messages: dict[str, Any]) -> str:
    """Counts as two lines for people."""
    refused = {name: count for name, count in messages.items() if name.startswith("refused")}
    return f"Webhooks: {webhooks} {last_trouble}".rstrip() + f"\nRefused sends: {refused or 'none'}"
