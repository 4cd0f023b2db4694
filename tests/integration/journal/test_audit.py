"""`easymo schemas audit` of a topic on the real broker."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from infra.journal.spans import NoSuchTopic
from schemas.events.core import AddressChanged, AddressChangedV1, OptedOut
from schemas.topics import CORE_EVENTS
from tests.integration.journal.scene import call
from tests.integration.runtime.bench import Bench, event

AT = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
PHONE = "250788123456"
ASKED = ("audit", "--topic", CORE_EVENTS)


async def test_a_live_topic_is_told_by_type_and_version(bench: Bench) -> None:
    good = [
        event(CORE_EVENTS, f"p{n}", data)
        for n in range(20)
        for data in (
            AddressChangedV1(person=f"p{n}", contact=PHONE, at=AT),
            AddressChanged(person=f"p{n}", contact=PHONE, phone=PHONE, at=AT),
        )
    ]
    await bench.publish(good)
    told = json.loads((result := await call(bench, "schemas", *ASKED, "--json")).stdout)
    assert result.exit_code == 0
    assert {one["schema"]: one["records"] for one in told["types"]} == {
        "core.address_changed/v1": 20,
        "core.address_changed/v2": 20,
    }
    assert {tuple(one["declared_not_seen"]) for one in told["types"]} == {("/former",)}

    out = event(CORE_EVENTS, "p", OptedOut(person="p", at=AT))
    await bench.publish(
        [
            out._replace(value=f'{{"person":"p","at":"{PHONE}","said":"{PHONE}"}}'.encode()),
            out._replace(headers=[h for h in out.headers if h[0] != "ce_dataschema"]),
        ]
    )
    result = await call(bench, "schemas", *ASKED)
    assert result.exit_code == 1
    assert 'invalid at /at: a value is not a "date-time" (1, first' in result.stdout
    assert "/said is seen and not in the schema (1, such as a text of 12 characters)" in result.stdout
    assert "claims no schema" in result.stdout
    assert PHONE not in result.stdout

    told = json.loads((await call(bench, "schemas", *ASKED, "--since", "2100-01-01", "--json")).stdout)
    assert (told["records"], told["types"]) == (0, [])


async def test_a_topic_that_is_not_there_is_named(bench: Bench) -> None:
    with pytest.raises(NoSuchTopic, match=r"no topic .*no\.such"):
        await call(bench, "schemas", "audit", "--topic", "no.such")
