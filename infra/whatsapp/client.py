"""The Graph client: one pool of connections to Meta, every answer as a value, nothing waited for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from infra.telemetry import metrics
from infra.telemetry.logs import logger
from infra.whatsapp.breaker import Breaker, Circuit
from infra.whatsapp.errors import Refusal, Remedy, read_refusal
from infra.whatsapp.outcomes import Accepted, Held, Outcome, Refused, Unanswered, Unreached
from infra.whatsapp.payload import Payload
from infra.whatsapp.rates import MESSAGES_PER_SECOND, NumberRate

log = logger(__name__)

CONNECTIONS = 128  # 1,000 messages/s at 100 ms each
CONNECT_SECONDS = 5.0  # also for a place in the pool
READ_SECONDS = 10.0
UPLOAD_SECONDS = 15.0
# Shorter than servers keep theirs open, so that a request seldom meets a connection that was just closed:
# that would leave it in doubt.
IDLE_SECONDS = 15.0
ANSWER_BYTES_LIMIT = 64 * 1024  # Meta's answers have 300 bytes
HALT_SECONDS = 60.0  # the account is locked or the token is wrong: ask once a minute
THROTTLED_SECONDS = 1.0

# Raised before a byte of the request was written.
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientConnectionResetError,
    aiohttp.InvalidURL,
)


class UploadFailed(Exception):
    """A file could not be handed to Meta. No message depends on it yet, so it may be tried again."""

    def __init__(self, outcome: Refused | Unreached | Held) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class GraphClient:
    """What the sender sends through. Use it as an async context manager, in the loop that it serves.

    Nothing here raises for what Meta or the network does: see infra/whatsapp/outcomes.py.
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
        self._address = f"{base_url.rstrip('/')}/{phone_number_id}"
        self._token = access_token
        self._connections = connections
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=read_seconds
        )
        self._clock = clock
        self._http: aiohttp.ClientSession | None = None
        metrics.GRAPH_CIRCUIT.set(Circuit.CLOSED.value)

    async def __aenter__(self) -> Self:
        """Open the pool; connections are made when needed."""
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=IDLE_SECONDS, ttl_dns_cache=60
            ),
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            raise_for_status=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def send(self, payload: Payload) -> Outcome:
        """Post one message. Waits for the number's rate for a few seconds at most, then for Meta."""
        held = await self._turn()
        if held is not None:
            return held
        body = orjson.dumps(payload)
        outcome = await self._measured(
            "messages",
            self._post("messages", data=body, headers={"Content-Type": "application/json"}),
        )
        if isinstance(outcome, Refused):
            self._heed(outcome.refusal)
        return outcome

    async def upload(self, data: bytes, mime_type: str, filename: str = "file") -> str:
        """Hand a file to Meta; returns its id, good for 30 days. Raises UploadFailed."""
        wait = self.breaker.wait()
        if wait:
            raise UploadFailed(Held("circuit_open", wait))
        form = aiohttp.FormData(quote_fields=True)
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime_type)
        form.add_field("file", data, filename=filename, content_type=mime_type)
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                outcome = await self._measured("media", self._post("media", data=form))
        except TimeoutError:
            self.breaker.failed()
            raise UploadFailed(Unreached("time_out")) from None
        if isinstance(outcome, Accepted):
            return outcome.wamid
        if isinstance(outcome, Refused):
            self._heed(outcome.refusal)
            raise UploadFailed(outcome)
        raise UploadFailed(outcome if isinstance(outcome, Held) else Unreached(outcome.reason))

    def heard(self) -> None:
        """A person wrote to us, which counts towards the number's rate."""
        self.rate.heard(self._clock())

    async def _turn(self) -> Held | None:
        """Wait for a place within the number's rate; what is held back instead says why."""
        taken, seconds = self.rate.reserve(self._clock())
        if not taken:
            return Held("number_rate", seconds)
        if seconds:
            await asyncio.sleep(seconds)
        wait = self.breaker.wait()
        return Held("circuit_open", wait) if wait else None

    async def _measured(self, what: str, call: Any) -> Outcome:
        started = self._clock()
        outcome: Outcome = await call
        metrics.GRAPH_SECONDS.labels(what).observe(self._clock() - started)
        metrics.GRAPH_REQUESTS.labels(what, type(outcome).__name__.lower()).inc()
        return outcome

    async def _post(self, edge: str, **arguments: Any) -> Outcome:
        if self._http is None:
            raise RuntimeError("the client is used outside its context")
        try:
            async with self._http.post(f"{self._address}/{edge}", **arguments) as response:
                body = await _read(response)
                status = response.status
        except _NOT_SENT as error:
            self.breaker.failed()
            return Unreached(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.breaker.failed()
            return Unanswered(type(error).__name__)
        return self._judge(status, body)

    def _judge(self, status: int, body: Any) -> Outcome:
        """An answer as an outcome. The circuit closes on whatever Meta says of its own accord."""
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
        return Refused(refusal)

    def _heed(self, refusal: Refusal) -> None:
        """What an answer means for all other messages."""
        metrics.GRAPH_ERRORS.labels(str(refusal.code)).inc()
        if refusal.remedy is Remedy.PACE:
            self.rate.throttled(self._clock(), THROTTLED_SECONDS)
        elif refusal.remedy is Remedy.HALT:
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


async def _read(response: aiohttp.ClientResponse) -> Any:
    """The JSON of an answer; None where it is none, or too long to be one of Meta's."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > ANSWER_BYTES_LIMIT:
            response.close()
            return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


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
