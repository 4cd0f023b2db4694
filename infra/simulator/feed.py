"""What happens, live: a bounded stream of events for each page or terminal that looks on."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import orjson
from aiohttp import web

from infra.simulator.exchange import Exchange
from infra.simulator.messages import Message
from infra.simulator.people import Person

QUEUE = 2_000  # events that one slow reader may be behind; then it starts over
PAUSE_SECONDS = 0.03  # between two writes: events that come faster travel together
PING_SECONDS = 15.0
READERS = 100


def person_as_json(person: Person) -> dict[str, Any]:
    """What a page shows of a person."""
    return {
        "key": person.key,
        "phone": person.phone,
        "user_id": person.user_id,
        "name": person.name,
        "username": person.username,
        "window_until": person.window_until,
        "typing_until": person.typing_until,
    }


def message_as_json(message: Message) -> dict[str, Any]:
    """One message with everything that can be shown of it."""
    return {
        "sequence": message.sequence,
        "id": message.id,
        "by": message.by,
        "at": message.at,
        "type": message.type,
        "content": message.content,
        "text": message.text,
        "choices": [
            {"kind": choice.kind, "id": choice.id, "title": choice.title, "description": choice.description}
            for choice in message.choices
        ],
        "reply_to": message.reply_to,
        "status": message.status,
        "error": message.error,
        "reaction": message.reaction,
        "extra": message.extra,
    }


class Feed:
    """Server-sent events of all conversations, or of one person's (`?person=KEY`).

    Each event is `{"what": "message" | "update" | "typing" | "person" | "state" | "start_over", …}`.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._readers: set[_Reader] = set()

    def state_changed(self) -> None:
        """Tell all readers to look at the state again."""
        for reader in self._readers:
            reader.put({"what": "state"})

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`GET /_simulator/feed`."""
        if len(self._readers) >= READERS:
            return web.Response(status=503, text="too many readers")
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        reader = _Reader(request.query.get("person"))
        self._readers.add(reader)
        self._exchange.listeners.add(reader.take)
        try:
            await response.write(b": here\n\n")
            while not reader.closed:
                await response.write(await reader.next())
                await asyncio.sleep(PAUSE_SECONDS)
        except ConnectionError:
            return response  # the page was closed, as pages are
        finally:
            self._readers.discard(reader)
            self._exchange.listeners.discard(reader.take)
        return response

    def close(self) -> None:
        """End all streams."""
        for reader in self._readers:
            reader.close()


class _Reader:
    """One looker-on, and what it has not been told yet."""

    def __init__(self, only: str | None) -> None:
        self._only = only
        self._events: deque[dict[str, Any]] = deque()
        self._filled = asyncio.Event()
        self.closed = False

    def take(self, what: str, person: Person, message: Message | None) -> None:
        """An event of the exchange."""
        if self._only is None or self._only in (person.phone, person.user_id):
            event: dict[str, Any] = {"what": what, "person": person_as_json(person)}
            if message is not None:
                event["message"] = message_as_json(message)
            self.put(event)

    def put(self, event: dict[str, Any]) -> None:
        """Queue an event; a reader that is too far behind starts over."""
        if len(self._events) >= QUEUE:
            self._events.clear()
            event = {"what": "start_over"}
        self._events.append(event)
        self._filled.set()

    async def next(self) -> bytes:
        """All that waits, as server-sent events; a comment when nothing happens for a while."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self._filled.wait()
        except TimeoutError:
            return b": still here\n\n"
        self._filled.clear()
        events, self._events = self._events, deque()
        return b"".join(b"data: " + orjson.dumps(event, default=str) + b"\n\n" for event in events)

    def close(self) -> None:
        """Wake the stream so that it ends."""
        self.closed = True
        self._filled.set()
