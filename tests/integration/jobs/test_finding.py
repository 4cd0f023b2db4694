"""The board and the searches."""

from __future__ import annotations

import pytest

from consumers.jobs.listings import KEPT_FOR
from consumers.jobs.rules import LISTED_LIMIT
from schemas.content import LocationRequestContent, MediaSent
from tests.integration.jobs.town import Person, Town, post

KIGALI = (-1.9500, 30.0600)


async def _look(seeker: Person, category: str = "All jobs") -> None:
    await seeker.starts("find_jobs")
    await seeker.taps(category)
    seeker.skips()


async def test_the_board_shows_what_to_do_and_the_newest_jobs(town: Town) -> None:
    seeker = town.person("Seeker")
    await seeker.starts("jobs_home")
    assert seeker.hears_list("What would you like to do?") == [
        "Find jobs",
        "Post a job",
        "My applications",
        "My jobs",
    ]
    boss = town.person("Boss")
    for number in range(8):
        await post(boss, f"Job {number}")
        await town.passes(minutes=1)
    await seeker.starts("jobs_home")
    rows = seeker.hears_list("The newest jobs are at the end", rows=10)
    assert rows[4:] == [f"Job {number}" for number in (7, 6, 5, 4, 3, 2)]
    await seeker.taps("Job 7")
    seeker.hears("*Job 7*", "Apply")


async def test_find_jobs_shows_the_categories_then_asks_where(town: Town) -> None:
    seeker = town.person("Seeker")
    await seeker.starts("find_jobs")
    rows = seeker.hears_list("What kind of work are you looking for?", rows=10)
    assert rows[0] == "Building & repair"
    assert rows[-1] == "All jobs"
    await seeker.taps("Home & cleaning")
    assert isinstance(seeker.hears("Send your location"), LocationRequestContent)
    seeker.hears("Or write the name", "Choose a place", "Anywhere")


async def test_a_category_can_be_typed_and_other_words_are_left_to_core(town: Town) -> None:
    seeker = town.person("Seeker", locale="rw")
    await seeker.starts("find_jobs")
    assert not (await seeker.says("book a ride")).claimed
    await seeker.says("ubuhinzi")
    assert seeker.conversation.data["looking_for"] == "farming"
    assert not (await seeker.says("Narnia")).claimed
    await seeker.sends(MediaSent(media="audio", media_id="1"))
    assert seeker.conversation.step == "where"


async def test_near_a_location_the_nearest_come_first_then_the_newest(town: Town) -> None:
    boss, seeker = town.person("Boss"), town.person("Seeker")
    await post(boss, "Far", place="Bugesera")  # 29 km away
    await post(boss, "Second", place="Kicukiro")
    await post(boss, "Nearest, older", place="Nyarugenge")
    await town.passes(minutes=1)
    await post(boss, "Nearest, newer", place="Nyarugenge")
    await post(boss, "Other kind", place="Nyarugenge", category="Farming & animals")
    await _look(seeker, "Hotel & restaurant")
    await seeker.shares_location(*KIGALI)
    rows = seeker.hears_list(
        "Jobs near Nyarugenge, the nearest first",
        "To be agreed · Nyarugenge · 1 km",
        "To be agreed · Kicukiro · 6 km",
    )
    assert rows == ["Nearest, newer", "Nearest, older", "Second", "Look everywhere"]
    await seeker.taps("Look everywhere")
    everywhere = seeker.hears_list("Jobs everywhere, the newest first", rows=4)
    assert everywhere[0] == "Nearest, newer"
    assert "Far" in everywhere


async def test_near_a_named_place_or_anywhere(town: Town) -> None:
    boss, seeker = town.person("Boss"), town.person("Seeker")
    await post(boss, "In Huye", place="Huye", pay="5000", unit="A day")
    await _look(seeker)
    await seeker.says("i Huye")
    assert seeker.hears_list("Jobs near Huye") == ["In Huye", "Look everywhere"]
    await seeker.taps("Anywhere")
    seeker.hears("In Huye", "RWF 5,000 a day · Huye · today")
    await seeker.taps("Choose a place")
    seeker.hears_list("Which district or town?", rows=10)
    await seeker.taps("Gasabo")
    seeker.hears("No such job is open within 20 km of Gasabo", "Look everywhere", "Other kinds of work")
    await seeker.taps("Look everywhere")
    seeker.hears("In Huye")
    await seeker.taps("Other kinds of work")
    seeker.hears_list("What kind of work")


async def test_nothing_anywhere_still_leads_on(town: Town) -> None:
    seeker = town.person("Seeker", country="UG")
    await _look(seeker)
    await seeker.taps("Anywhere")
    seeker.hears("No such job is open now", "Other kinds of work", "Post a job")


async def test_everywhere_means_the_country_of_ones_number(town: Town) -> None:
    boss, seeker = town.person("Boss"), town.person("Seeker", country="UG")
    await post(boss, "In Rwanda", place="Huye")
    await post(boss, "In Uganda", place="Kampala")
    await _look(seeker)
    await seeker.taps("Anywhere")
    assert seeker.hears_list("Jobs everywhere") == ["In Uganda"]


async def test_long_results_are_paged(town: Town) -> None:
    seeker = town.person("Seeker")
    for boss in (town.person("A"), town.person("B"), town.person("C")):
        for number in range(16):
            await post(boss, f"Job {number}")
    await _look(seeker)
    await seeker.says("Gasabo")
    pages = [seeker.hears_list("Jobs near Gasabo", rows=10)]
    while pages[-1][-1] == "More":
        await seeker.taps("More")
        pages.append(seeker.hears_list("Jobs near Gasabo"))
    assert sum(len(page) - 1 for page in pages) == LISTED_LIMIT


async def test_old_or_strange_taps_are_answered(town: Town) -> None:
    seeker = town.person("Seeker")
    for tap in ("in:astrology", "near:all.rw-atlantis", "near:astrology.any", "near:", "view:junk", "view"):
        await seeker.taps_id(f"jobs:{tap}")
        seeker.hears("That is not here any more", "Find jobs")
    await seeker.taps_id("jobs:in:sales")
    seeker.hears("Send your location")
    seeker.skips()
    await seeker.taps_id("jobs:districts:astrology")
    seeker.hears_list("Which district or town?")


async def test_words_after_a_list_are_left_to_core(town: Town) -> None:
    seeker = town.person("Seeker")
    await seeker.starts("jobs_home")
    seeker.skips()
    assert not (await seeker.says("balance")).claimed
    seeker.hears("What would you like to do?", "Find jobs")


@pytest.mark.parametrize("change", ["close", "time"])
async def test_a_kept_listing_shows_no_job_that_is_over(town: Town, change: str) -> None:
    boss, seeker = town.person("Boss"), town.person("Seeker")
    job = await post(boss)
    await _look(seeker)
    await seeker.says("Gasabo")
    seeker.hears("Cook for a restaurant")
    assert town.listings.misses
    if change == "close":
        await boss.taps_id(f"jobs:close:{job}")
    else:
        town.now += KEPT_FOR / 2  # the job's end comes before the listing's
        await town.pool.execute("UPDATE job SET open_until = $1", town.now)
        town.now += KEPT_FOR
    await seeker.taps_id("jobs:near:all.rw-gasabo")
    seeker.hears("No such job is open")


async def test_another_process_sees_a_change_after_five_minutes(town: Town) -> None:
    boss, seeker = town.person("Boss"), town.person("Seeker")
    job = await post(boss)
    await _look(seeker)
    await seeker.says("Gasabo")
    seeker.skips()
    await town.pool.execute("UPDATE job SET state = 'closed' WHERE id = $1", job)
    await seeker.taps_id("jobs:near:all.rw-gasabo")
    seeker.hears("Cook for a restaurant")  # kept
    await seeker.taps("Cook for a restaurant")
    seeker.hears("Cook for a restaurant")
    seeker.hears("This job is closed", "Find jobs")  # read
    town.now += KEPT_FOR
    await seeker.taps_id("jobs:near:all.rw-gasabo")
    seeker.hears("No such job is open")
