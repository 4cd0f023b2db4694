"""Posting a job, question by question, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from consumers.jobs.rules import OPEN_FOR, OPEN_JOBS_LIMIT
from schemas.content import MediaSent
from schemas.events.jobs import JobClosed, JobPosted, JobRenewed
from tests.integration.jobs.town import NOON, Town, post


async def test_a_job_is_posted(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    await boss.starts("post_job")
    boss.hears("What job do you offer?")
    await boss.says("  Waiter for\na café ")
    assert boss.hears_list("How long is the work?", rows=6)[0] == "One day"
    await boss.taps("Part time")
    boss.hears_list("What kind of work is it?", rows=9)
    await boss.taps("Hotel & restaurant")
    boss.hears("Where is the work?")
    boss.hears("Or write the name of a district", "Choose a place")
    await boss.shares_location(-1.9520, 30.0610)
    boss.hears("What does it pay", "To be agreed")
    await boss.says("5,000 Frw")
    boss.hears_list("RWF 5,000: for how long?", rows=5)
    await boss.taps("A day")
    boss.hears("Describe the work")
    await boss.says("Serve guests.\n\nBring a white shirt.")
    boss.hears(
        "This is how people will see it",
        "*Waiter for a café*\nPart time · Hotel & restaurant\n💰 RWF 5,000 a day\n📍 Nyarugenge\n🗓 today",
        "Serve guests.\n\nBring a white shirt.",
        "Post it",
        "Do not post",
    )
    await boss.taps("Post it")
    boss.hears("“Waiter for a café” is online until 1 Apr", "Manage this job")
    boss.hears_nothing_more()

    (event,) = town.emitted
    assert isinstance(event, JobPosted)
    assert (event.pay_rwf, event.pay_unit, event.place, event.country) == (5000, "day", "Nyarugenge", "RW")
    assert event.open_until == NOON + OPEN_FOR
    (timer,) = town.timers.values()
    assert (timer.due, timer.key) == (NOON + OPEN_FOR, boss.id)
    (row,) = await town.rows("SELECT title, state, version FROM job")
    assert tuple(row) == ("Waiter for a café", "open", 1)


async def test_every_answer_can_be_typed_and_the_pay_left_open(town: Town) -> None:
    boss = town.person("Boss", locale="fr")
    await boss.starts("post_job")
    await boss.says("Maçon")
    await boss.says("un jour")
    await boss.says("bâtiment et réparation")
    await boss.says("à Musanze")
    await boss.says("à convenir")
    await boss.says("Un mur.")
    await boss.taps("Publier")
    (row,) = await town.rows("SELECT kind, category, place, pay_rwf, pay_unit FROM job")
    assert tuple(row) == ("one_day", "building", "Musanze", None, None)


async def test_answers_that_do_not_fit_are_asked_for_again(town: Town) -> None:
    boss = town.person("Boss")
    await boss.starts("post_job")
    boss.hears("What job")
    await boss.says("x" * 61)
    boss.hears("That has 61 characters; at most 60 fit")
    await boss.says("12 ?")
    boss.hears("a title of a few letters")
    await boss.sends(MediaSent(media="image", media_id="1"))
    boss.hears("What job do you offer?")
    await boss.says("x" * 60)
    boss.hears("How long")
    decision = await boss.says("book ride")
    assert not decision.claimed  # core may find something else in it
    boss.hears("How long is the work?")
    await boss.taps("Gig")
    await boss.taps("Other work")
    boss.skips()
    assert not (await boss.says("Atlantis")).claimed
    boss.hears("I do not know that place")
    await boss.taps("Choose a place")
    assert "More" in boss.hears_list("Which district or town?", rows=10)
    await boss.taps("More")
    assert "Huye" in boss.hears_list("Which district or town?")
    await boss.taps("Huye")
    boss.hears("What does it pay")
    assert not (await boss.says("a lot")).claimed
    boss.hears("I could not read that amount", "To be agreed")
    await boss.says("5000")
    boss.hears("for how long?")
    await boss.taps("To be agreed")  # changed their mind, on the message before
    boss.hears("Describe the work")
    await boss.says("y" * 501)
    boss.hears("at most 500 fit")
    await boss.says("y" * 500)
    boss.hears("To be agreed", "Huye")
    await boss.says("fine")
    boss.hears("This is how people will see it")
    assert await town.rows("SELECT 1 FROM job") == []


async def test_taps_of_another_time_do_no_harm(town: Town) -> None:
    boss = town.person("Boss")
    for tap in ("kind:gig", "trade:sales", "unit:day", "places", "place:rw-huye", "agreed", "trade"):
        await boss.taps_id(f"jobs:{tap}")
        boss.hears("That choice is from an earlier conversation", "Find jobs")
    await boss.taps_id("jobs:confirm")
    boss.hears("That post is finished already", "My jobs")
    await boss.taps_id("jobs:discard")
    boss.hears("That post is finished already")
    await boss.starts("post_job")
    boss.hears("What job")
    await boss.taps_id("jobs:unit:day")
    boss.hears("What job do you offer?")
    boss.hears_nothing_more()
    assert await town.rows("SELECT 1 FROM job") == []


async def test_a_preview_is_confirmed_once(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    await post(boss)
    await boss.taps("Post it")
    boss.hears("That post is finished already")
    assert len(await town.rows("SELECT 1 FROM job")) == 1


async def test_a_preview_can_be_thrown_away(town: Town) -> None:
    boss = town.person("Boss")
    await boss.starts("post_job")
    await boss.says("Cook")
    await boss.taps("Gig")
    await boss.taps("Other work")
    await boss.says("Huye")
    await boss.taps("To be agreed")
    await boss.says("Cook.")
    await boss.taps("Do not post")
    assert await town.rows("SELECT 1 FROM job") == []
    assert boss.conversation.step is None


async def test_nobody_fills_the_board_alone(town: Town) -> None:
    boss = town.person("Boss")
    for number in range(OPEN_JOBS_LIMIT):
        await post(boss, f"Job {number}")
    await boss.starts("post_job")
    boss.hears(f"You have {OPEN_JOBS_LIMIT} open jobs", "My jobs")
    rows = await town.rows("SELECT id FROM job LIMIT 1")
    await boss.taps_id(f"jobs:close:{rows[0]['id']}")
    boss.hears("is closed")
    await boss.starts("post_job")
    boss.hears("What job")


async def test_my_jobs_close_and_reopen(town: Town) -> None:
    boss = town.person("Boss")
    await boss.starts("my_jobs")
    boss.hears("You have not posted a job yet", "Post a job")
    job = await post(boss, "A cook for a very large restaurant in town")
    await boss.starts("my_jobs")
    (row,) = boss.hears_list("Your jobs", rows=1)
    assert row == "A cook for a very large…"
    await boss.taps(row)
    boss.hears("A cook for a very large restaurant", "open until 1 Apr · applicants: 0", "Close", "Renew")
    await boss.taps("Close")
    boss.hears("is closed. Nobody can apply", "Open again")
    assert town.timers == {}
    await boss.taps("Close")
    boss.hears("was closed already")
    await town.passes(days=3)
    await boss.taps("Open again")
    boss.hears("is online until 4 Apr")
    (timer,) = town.timers.values()
    assert timer.due == town.now + OPEN_FOR
    kinds = [type(event) for event in town.emitted]
    assert kinds == [JobPosted, JobClosed, JobRenewed]
    (state,) = await town.rows("SELECT state, open_until, version FROM job WHERE id = $1", job)
    assert tuple(state) == ("open", town.now + OPEN_FOR, 3)


async def test_a_job_lapses_after_thirty_days_and_is_renewed(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    job = await post(boss)
    await town.passes(days=29)
    boss.hears_nothing_more()
    await boss.taps_id(f"jobs:renew:{job}")
    boss.hears("is online until 30 Apr")
    await town.passes(days=29)
    boss.hears_nothing_more()
    await town.passes(days=1)
    boss.hears("was online for 30 days and is closed now", "Renew", "My jobs")
    assert town.templates == [(boss.id, "job_lapsed", ("Cook for a restaurant",))]
    last = town.emitted[-1]
    assert isinstance(last, JobClosed)
    assert last.reason == "lapsed"
    await boss.taps("Renew")
    boss.hears("is online until")
    (row,) = await town.rows("SELECT state FROM job")
    assert row["state"] == "open"


@pytest.mark.parametrize("cancelled", ["renewed", "closed", "unknown"])
async def test_a_timer_that_comes_all_the_same_does_no_harm(town: Town, cancelled: str) -> None:
    boss = town.person("Boss", "250788000111")
    job = await post(boss)
    (timer,) = town.timers.values()
    town.now += timedelta(days=10)
    if cancelled == "renewed":
        await boss.taps_id(f"jobs:renew:{job}")
    if cancelled == "closed":
        await boss.taps_id(f"jobs:close:{job}")
    boss.skips()
    data = timer.data.model_copy(update={"job": str(uuid4())}) if cancelled == "unknown" else timer.data
    before = await town.rows("SELECT state, version FROM job")
    await town.event(data, boss.id)
    await town.event(data, boss.id)
    assert await town.rows("SELECT state, version FROM job") == before
    boss.hears_nothing_more()


async def test_nobody_manages_another_ones_job(town: Town) -> None:
    boss, other = town.person("Boss"), town.person("Other")
    job = await post(boss)
    for tap in ("mine", "close", "renew", "applicants"):
        for argument in (str(job), str(uuid4()), "junk", ""):
            await other.taps_id(f"jobs:{tap}:{argument}")
            other.hears("That is not here any more", "Find jobs")
    (row,) = await town.rows("SELECT state, version FROM job")
    assert tuple(row) == ("open", 1)
