"""The comparison for the ingress: what the server, a signature and one acknowledged record cost at least.

A raw ASGI callable on the same server with the same settings, and a producer with those of the ingress.
Nothing is parsed, split, limited, traced, measured or refused in good order.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aiokafka import AIOKafkaProducer

from infra.kafka.connection import producer_options, topic_name
from infra.kafka.partition import partition_of
from infra.settings import load_settings
from ingress.publish import BATCH_BYTES
from ingress.serve import _listen, _Server
from schemas.topics import INBOUND
from scripts.benchmarks.loop import run

Message = MutableMapping[str, Any]
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"20")]
_ANSWER = b'{"status":"success"}'


class BareApp:
    """Verify, produce, answer."""

    def __init__(self, secret: bytes, producer: AIOKafkaProducer, topic: str, partitions: int) -> None:
        self._secret = secret
        self._producer = producer
        self._topic = topic
        self._partitions = partitions

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """ASGI. Every GET is answered: that is how the bench knows that it is ready."""
        status = 200
        if scope["method"] == "POST":
            status = 200 if await self._take(scope, receive) else 403
        await send({"type": "http.response.start", "status": status, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _ANSWER})

    async def _take(self, scope: Message, receive: Callable[[], Awaitable[Message]]) -> bool:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        claimed = b""
        for name, value in scope["headers"]:
            if name == b"x-hub-signature-256":
                claimed = value[7:]
        digest = hmac.digest(self._secret, body, hashlib.sha256).hex().encode()
        if not hmac.compare_digest(claimed, digest):
            return False
        partition = partition_of(claimed, self._partitions)
        await (await self._producer.send(self._topic, body, claimed, partition))
        return True


async def main() -> None:
    """Serve until SIGTERM."""
    settings = load_settings()
    producer = AIOKafkaProducer(
        **producer_options(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
    )
    await producer.start()
    topic = topic_name(settings, INBOUND)
    partitions = len(await producer.partitions_for(topic))
    app = BareApp(settings.secrets("meta_app_secrets")[0], producer, topic, partitions)
    server = _Server(app, _listen(settings.ingress_host, settings.ingress_port))  # type: ignore[arg-type]
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    serving = asyncio.create_task(server.serve())
    await stopped.wait()
    server.stop()  # type: ignore[no-untyped-call]
    await serving
    await producer.stop()


if __name__ == "__main__":
    run(main())
