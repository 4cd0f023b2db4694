"""The Graph client: messages and files to Meta, within its rates, every answer as a value."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import orjson

from infra.telemetry import metrics
from infra.telemetry.logs import logger
from infra.whatsapp.breaker import Breaker, Circuit
from infra.whatsapp.downloads import Downloaded, DownloadFailed, Place, fetch, find_place, most_bytes
from infra.whatsapp.errors import Refusal, Remedy, read_refusal
from infra.whatsapp.outcomes import Accepted, Held, Outcome, Refused, Unanswered, Unreached
from infra.whatsapp.payload import Payload
from infra.whatsapp.rates import MESSAGES_PER_SECOND, NumberRate

if TYPE_CHECKING:
    from infra.whatsapp.transport import Answer, Transport

log = logger(__name__)

CONNECTIONS = 256  # 1,000 messages/s at a quarter of a second each
READ_SECONDS = 10.0
UPLOAD_SECONDS = 15.0
DOWNLOAD_SECONDS = 30.0
HALT_SECONDS = 60.0  # the account is locked or the token is wrong: ask once a minute
MESSAGES, MEDIA = "messages", "media"  # the edges that are posted to
DOWNLOAD = "download"


class UploadFailed(Exception):
    """A file could not be handed to Meta. No message depends on it yet, so it may be tried again."""

    def __init__(self, outcome: Refused | Unreached | Held) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class GraphClient:
    """What the sender sends through. Use it as an async context manager, in the loop that it serves.

    Sending raises nothing for what Meta or the network does: see infra/whatsapp/outcomes.py.
    """

    def __init__(
        self,
        base_url: str,
        access_token: str,
        phone_number_id: str,
        *,
        messages_per_second: float = MESSAGES_PER_SECOND,
        connections: int = CONNECTIONS,
        read_seconds: float = READ_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`base_url` with its version: `https://graph.facebook.com/v23.0`."""
        self.rate = NumberRate(messages_per_second)
        self.breaker = Breaker(clock, changed=_tell_circuit)
        self._base = base_url.rstrip("/")
        self._address = f"{self._base}/{phone_number_id}"
        self._token = access_token
        self._connections = connections
        self._read_seconds = read_seconds
        self._clock = clock
        self._transport: Transport | None = None
        metrics.GRAPH_CIRCUIT.set(Circuit.CLOSED.value)

    async def __aenter__(self) -> Self:
        """Open the pool; connections are made when needed."""
        # aiohttp is 9 MB and a fifth of a second: whoever merely looks at the domains goes without.
        from infra.whatsapp.transport import Transport

        self._transport = Transport(
            self._address, self._token, connections=self._connections, read_seconds=self._read_seconds
        )
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.__aexit__(kind, error, trace)
            self._transport = None

    async def send(self, payload: Payload) -> Outcome:
        """Post one message. Waits for the number's rate for a few seconds at most, then for Meta."""
        held = await self._turn()
        if held is not None:
            return held
        return await self._call(MESSAGES, self._open.post_json(MESSAGES, orjson.dumps(payload)))

    async def upload(self, data: bytes, mime_type: str, filename: str = "file") -> str:
        """Hand a file to Meta; returns its id, good for 30 days. Raises UploadFailed."""
        wait = self.breaker.wait()
        if wait:
            raise UploadFailed(Held("circuit_open", wait))
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                outcome = await self._call(MEDIA, self._open.post_file(MEDIA, data, mime_type, filename))
        except TimeoutError:
            self.breaker.failed()
            raise UploadFailed(Unreached("time_out")) from None
        if isinstance(outcome, Accepted):
            return outcome.wamid
        if isinstance(outcome, Unanswered):
            outcome = Unreached(outcome.reason)
        raise UploadFailed(outcome)

    async def download(self, media_id: str, media: str) -> Downloaded:
        """Fetch a file of a kind (`image`, `document` …) that a person sent. Raises DownloadFailed.

        It comes into memory, so one of more than 16 MB is refused, although a document may have 100: the
        person is to send a smaller one.
        """
        wait = self.breaker.wait()
        if wait:
            raise DownloadFailed("circuit_open", passes=True)
        started, most, how = self._clock(), most_bytes(media), "failed"
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS):
                place = await self._find(media_id, most)
                found = await fetch(self._open, place, most)
        except TimeoutError:
            self.breaker.failed()
            raise DownloadFailed("time_out", passes=True) from None
        else:
            how = "accepted"
            return found
        finally:
            metrics.GRAPH_SECONDS.labels(DOWNLOAD).observe(self._clock() - started)
            metrics.GRAPH_REQUESTS.labels(DOWNLOAD, how).inc()

    async def _find(self, media_id: str, most: int) -> Place:
        try:
            place = await find_place(self._open, self._base, media_id, most)
        except DownloadFailed as error:
            if error.passes:
                self.breaker.failed()
            else:
                self.breaker.succeeded()
            raise
        self.breaker.succeeded()
        return place

    def heard(self) -> None:
        """A person wrote to us, which counts towards the number's rate."""
        self.rate.heard(self._clock())

    @property
    def _open(self) -> Transport:
        if self._transport is None:
            raise RuntimeError("the client is used outside its context")
        return self._transport

    async def _turn(self) -> Held | None:
        """Wait for a place within the number's rate; what is held back instead says why."""
        reserved_at = self._clock()
        taken, seconds = self.rate.reserve(reserved_at)
        if taken and seconds:
            await asyncio.sleep(seconds)
            seconds = self.rate.pause_left(self._clock(), reserved_at)
            taken = not seconds
        if not taken:
            return Held("number_rate", seconds)
        wait = self.breaker.wait()
        return Held("circuit_open", wait) if wait else None

    async def _call(self, edge: str, request: Awaitable[Answer | Unreached | Unanswered]) -> Outcome:
        started = self._clock()
        answer = await request
        metrics.GRAPH_SECONDS.labels(edge).observe(self._clock() - started)
        if isinstance(answer, Unreached | Unanswered):
            self.breaker.failed()
            outcome: Outcome = answer
        else:
            outcome = self._judge(answer)
        if isinstance(outcome, Refused) and outcome.refusal.remedy is Remedy.PACE:
            self.rate.throttled(self._clock(), started)
        elif isinstance(outcome, Accepted) and edge == MESSAGES:  # a file says nothing about their rate
            self.rate.accepted(started)
        metrics.GRAPH_REQUESTS.labels(edge, type(outcome).__name__.lower()).inc()
        return outcome

    def _judge(self, answer: Answer) -> Outcome:
        """An answer as an outcome. The circuit closes on whatever Meta says of its own accord."""
        status, body = answer.status, answer.body
        if status == 200:
            given = _given_id(body)
            if given is None:
                self.breaker.failed()
                return Unanswered("answer_without_id")
            self.breaker.succeeded()
            return Accepted(given)
        refusal = read_refusal(body, status)
        if refusal is None and status >= 500:  # from something in between: it may have been passed on
            self.breaker.failed()
            return Unanswered(f"http_{status}")
        refusal = refusal or Refusal(0, f"HTTP {status} without a reason", http_status=status)
        if status >= 500 and refusal.remedy is Remedy.RETRY:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        self._heed(refusal)
        return Refused(refusal)

    def _heed(self, refusal: Refusal) -> None:
        """What an answer means for all other messages."""
        metrics.GRAPH_ERRORS.labels(str(refusal.code)).inc()
        if refusal.remedy is Remedy.HALT:
            self.breaker.trip(HALT_SECONDS)
        if refusal.alerts:
            metrics.GRAPH_ALERTS.labels(str(refusal.code)).inc()
            log.error(
                "graph.operator_needed",
                code=refusal.code,
                title=refusal.title,
                details=refusal.details,
                fbtrace_id=refusal.trace_id,
            )


def _given_id(body: Any) -> str | None:
    """`messages[0].id` of a message, `id` of an upload."""
    if not isinstance(body, dict):
        return None
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else body
    given = first.get("id") if isinstance(first, dict) else None
    return given if isinstance(given, str) and given else None


def _tell_circuit(state: Circuit) -> None:
    metrics.GRAPH_CIRCUIT.set(state.value)
    log.warning("graph.circuit", state=state.name.lower())
