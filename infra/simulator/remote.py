"""Phones on a simulator that runs in another process, with the same `Chat` as within one.

async with RemoteSimulator("http://127.0.0.1:8081") as simulator:
    chat = await simulator.chat("250788123456", name="Aline")
    await chat.says("book ride")
    await chat.hears("Where should we pick you up?")
"""

from __future__ import annotations

import asyncio
import bisect
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import orjson

from infra.simulator.chat import Chat
from infra.simulator.errors import GraphError
from infra.simulator.line import described
from infra.simulator.messages import Message
from infra.simulator.people import HISTORY, Person

ANSWER_SECONDS = 30.0
SILENCE_SECONDS = 60.0  # the feed says something every 15 s
AGAIN_SECONDS = 0.5  # after the feed broke off
LINE_BYTES = 4 * 1024 * 1024


class SimulatorUnreachable(Exception):
    """No simulator answers at this address, or it answers something else; the message says what."""


class RemoteSimulator:
    """A client of the control API."""

    def __init__(self, origin: str) -> None:
        self._origin = origin.rstrip("/")
        self._business = ""
        self._session: aiohttp.ClientSession | None = None
        self._feeds: dict[str, asyncio.Task[None]] = {}
        self._chats: dict[str, Chat] = {}

    async def __aenter__(self) -> Self:
        """Connect. Raises SimulatorUnreachable."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=SILENCE_SECONDS),
            read_bufsize=LINE_BYTES,
        )
        try:
            self._business = (await self.ask("GET", "state"))["business"]
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for feed in self._feeds.values():
            feed.cancel()
        await asyncio.gather(*self._feeds.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def business(self) -> str:
        """The number of the business."""
        return self._business

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """A request of the control API (see control.py), its answer as Python values.

        Raises SimulatorUnreachable, and ValueError for what the simulator refuses.
        """
        if self._session is None:
            raise RuntimeError("use `async with`")
        url = f"{self._origin}/_simulator/{path}"
        data = options.pop("data", None if body is None else orjson.dumps(body))
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._session.request(method, url, data=data, **options) as answer,
            ):
                found = orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            raise SimulatorUnreachable(f"no simulator answers at {self._origin}: {error}") from error
        if answer.status != 200:
            raise ValueError(found.get("error", f"the simulator answered {answer.status}"))
        return found

    async def chat(self, phone: str | None = None, *, name: str = "", **identity: Any) -> Chat:
        """The phone of one person (see Simulator.chat). Raises SimulatorUnreachable."""
        found = await self.ask("POST", "people", {"phone": phone, "name": name, **identity})
        chat = self._chats.get(found["key"])
        if chat is None:
            person = Person(found["phone"], found["user_id"], found["name"], found["username"])
            chat = self._chats[found["key"]] = Chat(person, self)
            ready = asyncio.Event()
            self._feeds[person.key] = asyncio.create_task(self._follow(person, ready))
            async with asyncio.timeout(ANSWER_SECONDS):
                await ready.wait()
            chat.skip()
        return chat

    async def people(self) -> list[dict[str, Any]]:
        """Everyone the simulator knows, as in feed.py."""
        found: list[dict[str, Any]] = await self.ask("GET", "people")
        return found

    # The line of each chat.

    async def send(self, person: Person, incoming: dict[str, Any]) -> Message:
        """Send a message in Meta's shape."""
        return _keep(person, await self.ask("POST", f"{_of(person)}/messages", {"raw": incoming}))

    async def send_medium(
        self, person: Person, data: bytes, mime_type: str, *, filename: str, caption: str, voice: bool
    ) -> Message:
        """Send a file. Raises GraphError when WhatsApp would not take it."""
        query = {"filename": filename, "caption": caption} | ({"voice": "1"} if voice else {})
        try:
            found = await self.ask(
                "POST", f"{_of(person)}/media", data=data, params=query, headers={"Content-Type": mime_type}
            )
        except ValueError as error:
            raise GraphError(131053, str(error)) from error
        return _keep(person, found)

    async def change_number(self, person: Person, new: str) -> Message:
        """Move the person to another number."""
        sent = _keep(person, await self.ask("POST", f"{_of(person)}/number", {"phone": new}))
        person.phone = new
        return sent

    async def silence(self, person: Person, hours: float) -> None:
        """Act as if the person wrote last so many hours earlier."""
        await self.ask("POST", f"{_of(person)}/silent", {"hours": hours})

    async def trouble(self) -> str:
        """Counts of webhooks and refusals."""
        state = await self.ask("GET", "state")
        webhooks = dict(state["webhooks"])
        return described(webhooks, webhooks.pop("trouble", ""), state["messages"])

    async def _follow(self, person: Person, ready: asyncio.Event) -> None:
        """Keep the person's messages as the simulator has them, reconnecting as often as needed."""
        while True:
            try:
                await self._follow_once(person, ready)
            except (aiohttp.ClientError, SimulatorUnreachable, TimeoutError):
                # `says` reports an unreachable simulator; the feed only has to come back.
                await asyncio.sleep(AGAIN_SECONDS)

    async def _follow_once(self, person: Person, ready: asyncio.Event) -> None:
        if self._session is None:
            raise RuntimeError("use `async with`")
        url, query = f"{self._origin}/_simulator/feed", {"person": person.user_id or person.key}
        async with self._session.get(url, params=query) as stream:
            stream.raise_for_status()
            await stream.content.readline()
            await self._catch_up(person)
            ready.set()
            async for line in stream.content:
                if not line.startswith(b"data: "):
                    continue
                event = orjson.loads(line[6:])
                if event["what"] == "start_over":
                    await self._catch_up(person)
                elif "message" in event:
                    _keep(person, event["message"])

    async def _catch_up(self, person: Person) -> None:
        for found in await self.ask("GET", f"{_of(person)}/messages"):
            _keep(person, found)


def _of(person: Person) -> str:
    return f"people/{quote(person.key, safe='')}"


def _keep(person: Person, found: dict[str, Any]) -> Message:
    """Put a message in its place, or bring the one that is there up to date."""
    position = bisect.bisect_left(person.messages, found["sequence"], key=lambda kept: kept.sequence)
    known = person.messages[position] if position < len(person.messages) else None
    if known is not None and known.sequence == found["sequence"]:
        known.status, known.error, known.reaction = found["status"], found["error"], found["reaction"]
        message = known
    else:
        names = ("sequence", "id", "by", "at", "type", "content", "reply_to", "status", "error", "reaction")
        message = Message(**{name: found[name] for name in names})
        person.messages.insert(position, message)
        if len(person.messages) > HISTORY:
            person.messages.popleft()
    person.changed()
    return message
