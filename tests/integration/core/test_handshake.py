"""Who talks to a person now: what domains say of a turn, and what core makes of it."""

from __future__ import annotations

from schemas.content import ListContent, Tapped, TextContent, TextSaid
from schemas.events.conversation import Ended, Leave, TurnRouted, Unclaimed
from tests.builders import a_location, a_text
from tests.integration.core.house import House, Phone, contents, only

OTHERWISE = TextContent(body="Please share your location.")


async def routed(phone: Phone, text: str) -> TurnRouted:
    return only(await phone.sends(a_text(text)), TurnRouted)


async def active(house: House) -> tuple[str | None, int]:
    [row] = await house.rows("SELECT active, active_turn FROM person")
    return row["active"], row["active_turn"]


async def test_a_conversation_that_has_ended_is_no_longer_under_way(house: House) -> None:
    phone = house.phone()
    turn = await routed(phone, "book ride")
    await house.hears(Ended(person=turn.person, turn=turn.turn, domain="mobility"))
    assert (await routed(phone, "find jobs")).intent == "categories"


async def test_an_end_that_comes_late_ends_nothing(house: House) -> None:
    phone = house.phone()
    first = await routed(phone, "book ride")
    await phone.says("home")
    await routed(phone, "book ride")
    await house.hears(Ended(person=first.person, turn=first.turn, domain="mobility"))
    assert await active(house) == ("mobility", 3)
    await house.hears(Ended(person=first.person, turn=9, domain="jobs"))
    assert await active(house) == ("mobility", 3)
    assert (await routed(phone, "find jobs")).intent is None


async def test_an_unclaimed_turn_goes_to_whom_its_words_name(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = await routed(phone, "find jobs")
    events = await house.hears(Unclaimed(domain="mobility", routed=turn, otherwise=OTHERWISE))
    again = only(events, TurnRouted)
    assert (again.intent, again.turn, again.said, again.wamid) == ("categories", 2, turn.said, turn.wamid)
    assert house.turns("jobs") == [again]
    assert house.turns("mobility")[-1] == Leave(person=turn.person, turn=2)
    assert await active(house) == ("jobs", 2)


async def test_a_domain_is_left_with_all_that_it_was_given_after_the_unclaimed_turn(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    unclaimed = await routed(phone, "find jobs")
    later = await routed(phone, "kigali")  # before the word of the other one is there
    again = only(await house.hears(Unclaimed(domain="mobility", routed=unclaimed)), TurnRouted)
    assert house.turns("mobility")[-1] == Leave(person=later.person, turn=later.turn)
    assert await active(house) == ("jobs", again.turn)
    # Its end is the end of jobs, whatever had been said to mobility.
    await house.hears(Ended(person=again.person, turn=again.turn, domain="jobs"))
    assert (await active(house))[0] is None


async def test_an_unclaimed_turn_may_start_the_same_domain_anew(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = await routed(phone, "taxi")
    again = only(
        await house.hears(Unclaimed(domain="mobility", routed=turn, otherwise=OTHERWISE)), TurnRouted
    )
    assert (again.intent, again.turn) == ("start", 2)
    assert house.turns("mobility")[-1] == again
    # Once: the domain that refuses its own start hears no more of it.
    events = await house.hears(Unclaimed(domain="mobility", routed=again))
    [menu] = contents(events)
    assert isinstance(menu, ListContent)
    assert await active(house) == (None, 2)


async def test_when_nobody_wants_a_turn_the_domain_has_the_last_word_and_goes_on(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = await routed(phone, "xyz")
    events = await house.hears(Unclaimed(domain="mobility", routed=turn, otherwise=OTHERWISE))
    assert contents(events) == [OTHERWISE]
    assert await active(house) == ("mobility", 2)
    assert (await routed(phone, "find jobs")).intent is None


async def test_without_a_last_word_home_is_shown_and_the_domain_left(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = await routed(phone, "xyz")
    [menu] = contents(await house.hears(Unclaimed(domain="mobility", routed=turn)))
    assert isinstance(menu, ListContent)
    assert menu.body.startswith("Sorry")
    assert house.turns("mobility")[-1] == Leave(person=turn.person, turn=2)
    assert await active(house) == (None, 2)


async def test_a_location_nobody_asked_for(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = only(await phone.sends(a_location()), TurnRouted)
    told, menu = contents(await house.hears(Unclaimed(domain="mobility", routed=turn)))
    assert isinstance(told, TextContent)
    assert isinstance(menu, ListContent)


async def test_a_turn_that_was_overtaken_elsewhere_is_dropped(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = await routed(phone, "find jobs")
    await phone.says("home")
    assert await house.hears(Unclaimed(domain="mobility", routed=turn)) == []
    await routed(phone, "shop")
    assert await house.hears(Unclaimed(domain="mobility", routed=turn)) == []
    assert await active(house) == ("marketplace", 4)


async def test_a_turn_from_before_its_domain_was_left_is_dropped_though_it_is_talked_to_again(
    house: House,
) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = await routed(phone, "find jobs")
    await phone.says("home")
    await routed(phone, "book ride")
    later = await routed(phone, "find jobs")
    assert await house.hears(Unclaimed(domain="mobility", routed=turn, otherwise=OTHERWISE)) == []
    assert await active(house) == ("mobility", later.turn)
    again = only(await house.hears(Unclaimed(domain="mobility", routed=later)), TurnRouted)
    assert (again.intent, again.turn) == ("categories", later.turn)


async def test_turns_that_a_domain_refuses_one_after_the_other(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    first, second = await routed(phone, "find jobs"), await routed(phone, "cook")
    await house.hears(Unclaimed(domain="mobility", routed=first))
    again = only(await house.hears(Unclaimed(domain="mobility", routed=second)), TurnRouted)
    # The first one went to jobs, so the second one goes on there.
    assert (again.intent, again.turn) == (None, 3)
    assert [event.turn for event in house.turns("jobs") if isinstance(event, TurnRouted)] == [2, 3]


async def test_a_later_turn_of_the_same_domain_is_not_left(house: House) -> None:
    phone = house.phone()
    await routed(phone, "book ride")
    turn = await routed(phone, "xyz")
    await routed(phone, "downtown")
    assert len(contents(await house.hears(Unclaimed(domain="mobility", routed=turn)))) == 1
    assert await active(house) == ("mobility", 3)
    assert not any(isinstance(event, Leave) for event in house.turns("mobility"))


async def test_an_unclaimed_tap_leads_home(house: House) -> None:
    phone = house.phone()
    await phone.taps("jobs:gone:7", "shop")
    turn = house.turns("jobs")[-1]
    assert isinstance(turn, TurnRouted)
    assert isinstance(turn.said, Tapped)
    [menu] = contents(await house.hears(Unclaimed(domain="jobs", routed=turn)))
    assert isinstance(menu, ListContent)


async def test_who_has_opted_out_meanwhile_hears_nothing(house: House) -> None:
    phone = house.phone()
    turn = await routed(phone, "book ride")
    await phone.says("STOP")
    assert await house.hears(Unclaimed(domain="mobility", routed=turn, otherwise=OTHERWISE)) == []


async def test_cores_own_conversations_end_and_are_unclaimed_like_any_other(house: House) -> None:
    phone = house.phone()
    await phone.says("my profile")
    assert await active(house) == (None, 1)
    # A step of core's that wants a location; what else is sent is nobody's, so core says it again.
    await phone.taps("core:place:home")
    assert (await active(house))[0] == "core"
    [content] = await phone.says("xyz")
    assert content.kind == "location_request"
    assert (await active(house))[0] == "core"
    assert (await routed(phone, "book ride")).said == TextSaid(body="book ride")
    assert await active(house) == ("mobility", 4)
