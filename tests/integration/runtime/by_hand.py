"""The runtime's transactions, one by one, without a broker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from consumers.domain import Domain
from consumers.runtime.frontier import Frontier
from consumers.runtime.injection import Binder
from consumers.runtime.policy import RetryPolicy
from consumers.runtime.reading import read
from consumers.runtime.records import Record
from consumers.runtime.transact import Frame
from infra.kafka.publisher import Output
from infra.telemetry.tracing import configure
from tests.integration.runtime.bench import Bench
from tests.integration.runtime.world import World

NOW = datetime.now(UTC)


def frame_of(bench: Bench, domain: Domain, world: World | None = None) -> Frame:
    resources: dict[type, Any] = {World: world} if world is not None else {}
    return Frame(domain, Binder(domain), resources, configure("tests", bench.settings), RetryPolicy())


def records_of(outputs: Sequence[Output], domain: Domain, now: datetime = NOW) -> list[Record]:
    """The records as a consumer would have read them."""
    found = []
    for offset, output in enumerate(outputs):
        route = domain.routes[dict(output.headers)["ce_type"].decode()]
        record = Record(
            output.topic, 0, offset, 0, output.key, output.value, output.headers, Frontier(), route
        )
        read(record, now)
        found.append(record)
    return found
