"""Two versions of an event in one topic, on the real stack: during a deployment, and replayed after it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from consumers.domain import Context, Decision, Domain, nothing
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from schemas.events.core import AddressChanged, AddressChangedV1
from schemas.topics import CORE_EVENTS
from tests.integration.journal.scene import call, skip
from tests.integration.runtime.bench import Bench, Effects, event

AT = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
REPLAY = (CORE_EVENTS, "--to", "probe", "--from", "1h")


def reader(model: type[AddressChanged | AddressChangedV1]) -> Domain:
    """What is deployed: a consumer whose effect is the number's last digits, as its version tells them."""
    domain = Domain("probe", topics=(CORE_EVENTS,))

    async def changed(
        data: AddressChanged | AddressChangedV1, context: Context, effects: Effects
    ) -> Decision:
        number = data.phone if isinstance(data, AddressChanged) else data.contact
        effects.add(data.person, int((number or "0")[-4:]))
        return nothing()

    changed.__annotations__["data"] = model
    domain.handles(model)(changed)
    return domain


def old(person: str, number: int) -> Output:
    """As the writers of v1 have it: the contact is the number."""
    data = AddressChangedV1(person=person, contact=f"25078800{number}", at=AT)
    return event(CORE_EVENTS, person, data)


def new(person: str, number: int) -> Output:
    """As the writers of v2 have it."""
    phone = f"25078800{number}"
    return event(CORE_EVENTS, person, AddressChanged(person=person, contact=phone, phone=phone, at=AT))


async def test_readers_of_either_version_read_both_while_it_is_deployed(bench: Bench) -> None:
    for number, model in ((1, AddressChangedV1), (2, AddressChanged)):
        await bench.publish([old("ann", 1000 + number), new("ann", 2000 + number), old("eve", 3000 + number)])
        async with Service(bench.settings, [reader(model)]).running():
            await bench.effects_become(3 * number)
            await bench.outcome_becomes("processed", 3 * number)
    assert await bench.effects("ann") == [1001, 2001, 1002, 2002]
    assert await bench.outcomes() == {"processed": 6}


async def test_a_replay_of_both_versions_has_each_take_effect_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repair first, of what v1's consumer had missed; then everything is handled anew by v2's."""
    domain = reader(AddressChanged)
    monkeypatch.setattr("scripts.replay.load_domain", lambda _: domain)
    await bench.publish([old("ann", 1001), new("ann", 2001)])
    async with Service(bench.settings, [reader(AddressChangedV1)]).running():
        await bench.effects_become(2)
        await bench.outcome_becomes("processed", 2)
    await bench.publish([old("ann", 1002), new("ann", 2002)])
    await skip(bench, "ann", 2, topic=CORE_EVENTS)

    async def replay(*options: str) -> int:
        result = await call(bench, "replay", *REPLAY, *options, "--json")
        return int(json.loads(result.stdout)["takes_effect"])

    assert await replay() == 2
    async with Service(bench.settings, [domain]).running():
        assert await bench.effects_become(4) == [1001, 2001, 1002, 2002]
        await bench.outcome_becomes("processed", 4)
        assert await replay() == 0
        await bench.database.execute("DELETE FROM effect")
        assert await replay("--again") == 4
        await bench.effects_become(4)
        await bench.outcome_becomes("processed", 8)
    assert await bench.effects("ann") == [1001, 2001, 1002, 2002]
    assert await bench.outcomes() == {"processed": 8}
