"""Two persons turn out to be one; somebody wants to hear nothing more."""

from __future__ import annotations

from schemas.events.core import OptedOut, PersonsJoined
from schemas.events.mobility import DriverWentOffline, TripUnscheduled
from tests.integration.mobility.conftest import drives, looks_for_ride
from tests.integration.mobility.test_planning import plans
from tests.integration.mobility.town import Citizen, Town

KIGALI = (-1.9441, 30.0619)


async def joins(town: Town, folded: str, kept: str) -> None:
    await town.event(PersonsJoined(kept=kept, folded=folded, at=town.now), kept)


async def test_what_belongs_to_one_belongs_to_the_other(town: Town, driver: Citizen) -> None:
    aline = town.arrives("aline")
    await looks_for_ride(aline, *KIGALI)
    await aline.taps("+250****000")
    await plans(aline, "Tomorrow at 08:00", "Every day")
    kept = town.arrives("aline-kept")
    await joins(town, "aline", "aline-kept")
    await kept.says("my trips")
    assert len(kept.rows()) == 2
    await driver.taps("Accept")
    kept.hears("is on the way to you")
    await town.passes(days=1)
    kept.hears("It is time for your planned trip")
    await aline.says("my trips")
    aline.hears("You have no trips")


async def test_a_driver_keeps_one_vehicle_and_all_stars(town: Town, driver: Citizen) -> None:
    kept = await drives(town, "jean-kept", *KIGALI, plate="RAB222B")
    await town.connection.execute("UPDATE drivers SET stars = 4, ratings = 1")
    for _ in range(2):  # the second time there is nothing left to fold
        await joins(town, "jean", "jean-kept")
    aline = town.arrives("aline")
    await looks_for_ride(aline, *KIGALI)
    aline.hears("RAB222B", "★ 4.0")
    assert len(aline.rows()) == 1
    row = await town.connection.fetchrow("SELECT stars, ratings FROM drivers")
    assert tuple(row or ()) == (8, 2)
    assert kept.heard


async def test_a_driver_under_the_other_id_alone_is_moved(town: Town, driver: Citizen) -> None:
    kept = town.arrives("jean-kept")
    await joins(town, "jean", "jean-kept")
    await kept.taps_id("mobility:passengers")
    kept.hears("Nobody near you looks for a ride")
    await town.passes(minutes=40)
    await kept.taps_id("mobility:online")
    kept.hears("You drive: Moto, plate RAA123C")


async def test_joins_in_a_chain(town: Town, driver: Citizen) -> None:
    """A becomes B, and B becomes C, in one transaction."""
    from consumers.mobility.store.folding import FoldStore
    from infra.postgres.session import Session

    async with town.connection.transaction():
        session = Session(town.connection)
        await FoldStore(session).fold("jean", "b")
        await FoldStore(session).fold("b", "c")
        await session.flush()
    rows = await town.connection.fetch("SELECT person FROM drivers UNION ALL SELECT person FROM presences")
    assert {row["person"] for row in rows} == {"c"}


async def test_who_opts_out_is_found_no_more(town: Town, driver: Citizen) -> None:
    await plans(driver, "Tomorrow at 08:00", "Every day")
    await town.event(OptedOut(person="jean", at=town.now), "jean")
    assert not town.timers
    assert [each.reason for each in town.emitted(DriverWentOffline)] == ["opted_out"]
    assert len(town.emitted(TripUnscheduled)) == 1
    aline = town.arrives("aline")
    await looks_for_ride(aline, *KIGALI)
    aline.hears("Nobody is online")


async def test_opting_out_of_nothing_is_quiet(town: Town) -> None:
    await town.event(OptedOut(person="nobody", at=town.now), "nobody")
    assert not town.events
