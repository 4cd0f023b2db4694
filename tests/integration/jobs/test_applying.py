"""Applying for a job, and the answer."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from consumers.jobs.rules import MESSAGE_LIMIT, JobState
from consumers.jobs.store import JobStore
from consumers.jobs.store_applications import ADD, ApplicationStore
from infra.postgres.session import Conflict, Session
from schemas.content import ButtonsContent, LinkContent, MediaSent
from schemas.events.jobs import JobApplied
from tests.integration.jobs.town import Person, Town, post
from tests.waiting import eventually


async def _apply(person: Person, job: UUID, message: str | None = None) -> None:
    await person.taps_id(f"jobs:apply:{job}")
    if message is None:
        await person.taps("Send without it")
    else:
        await person.says(message)


async def test_an_application_with_a_message(town: Town) -> None:
    boss = town.person("Boss", "250788000111", locale="fr")
    aline = town.person("Aline", "250788123456", locale="rw")
    job = await post(town.person("Someone"), "Another job")
    await boss.starts("jobs_home")  # speaks French
    job = await _post_in_french(boss)
    await aline.taps_id(f"jobs:view:{job}")
    aline.hears("*Cuisinier*", "Saba akazi")
    await aline.taps("Saba akazi")
    aline.hears("Urasaba akazi “Cuisinier”", "Ohereza nta butumwa", "Subira ku kazi")
    await aline.says("I cooked at school.\x00\nFive years.")
    aline.hears("✅", "Ubusabe bwanjye", "Shaka akazi")

    notice = boss.unread.pop(0)
    assert isinstance(notice, LinkContent)
    assert "Aline (+250****456) postule à votre offre « Cuisinier » et dit :" in notice.body
    assert "I cooked at school.\nFive years." in notice.body
    assert "écrivez : mes offres" in notice.body
    assert "250788123456" not in notice.body
    assert notice.url.startswith("https://wa.me/250788123456?text=" + quote("Muraho!", safe=""))
    assert town.templates == [
        (boss.id, "job_application_received", ("Aline (+250****456)", "Cuisinier")),
    ]
    event = town.emitted[-1]
    assert isinstance(event, JobApplied)
    assert (event.job, event.poster, event.applicant) == (str(job), boss.id, aline.id)
    assert "250788" not in event.model_dump_json()


async def _post_in_french(boss: Person) -> UUID:
    await boss.starts("post_job")
    for said in ("Cuisinier", "Contrat", "Hôtel et restaurant", "Gasabo", "À convenir", "Midi."):
        await boss.says(said)
    await boss.taps("Publier")
    boss.skips()
    rows = await boss.town.rows("SELECT id FROM job WHERE poster = $1", boss.id)
    return UUID(str(rows[0]["id"]))


async def test_once_a_job_and_never_for_ones_own(town: Town) -> None:
    boss, aline = town.person("Boss", "250788000111"), town.person("Aline", "250788123456")
    job = await post(boss)
    await _apply(aline, job)
    aline.skips()
    for tap in ("apply", "send"):
        await aline.taps_id(f"jobs:{tap}:{job}")
        aline.hears("You have applied for this job already. The answer: waiting.", "My application")
        await boss.taps_id(f"jobs:{tap}:{job}")
        boss.skips(but=1)
        boss.hears("You posted this job yourself", "Manage this job")
    await aline.taps("My application")
    aline.hears("Cook for a restaurant", "Answer: waiting", "See the job")
    assert len(await town.rows("SELECT 1 FROM application")) == 1


async def test_messages_that_do_not_fit(town: Town) -> None:
    boss, aline = town.person("Boss"), town.person("Aline", "250788123456")
    job = await post(boss)
    await aline.taps_id(f"jobs:apply:{job}")
    aline.hears("You are applying for")
    await aline.says("x" * (MESSAGE_LIMIT + 1))
    aline.hears("That has 301 characters; at most 300 fit", "Send without it")
    await aline.sends(MediaSent(media="document", media_id="1", filename="cv.pdf"))
    aline.hears("Write a short message about yourself")
    await aline.taps("Back to the job")
    aline.hears("*Cook for a restaurant*", "Apply")
    assert await town.rows("SELECT 1 FROM application") == []


async def test_a_person_without_a_number_is_asked_how_to_be_reached(town: Town) -> None:
    boss, nobody = town.person("Boss", "250788000111"), town.person("", None)
    job = await post(boss)
    await nobody.taps_id(f"jobs:apply:{job}")
    nobody.hears("how to reach you: we cannot see your number")
    await nobody.says("Ask for Jean at the mill.")
    notice = boss.hears(
        "📩 Somebody on WhatsApp applied for your job", "Ask for Jean at the mill.", "Applicants"
    )
    assert isinstance(notice, ButtonsContent)
    await boss.taps("Applicants")
    await boss.taps("Somebody on WhatsApp")
    boss.skips(but=1)
    boss.hears("*Somebody on WhatsApp*", "“Ask for Jean at the mill.”", "Accept")
    await boss.taps("Chat")
    boss.hears("We do not know their number. Their message may say")


async def test_a_closed_job_takes_no_application(town: Town) -> None:
    boss, aline = town.person("Boss"), town.person("Aline", "250788123456")
    job = await post(boss)
    await aline.taps_id(f"jobs:apply:{job}")
    await boss.taps_id(f"jobs:close:{job}")
    aline.skips()
    await aline.says("Me!")
    aline.hears("This job is closed: it takes no more applications", "Find jobs")
    assert await town.rows("SELECT 1 FROM application") == []


async def test_accepting_tells_the_applicant_and_opens_a_chat(town: Town) -> None:
    boss, aline = town.person("Boss", "250788000111"), town.person("Aline", "250788123456")
    job = await post(boss)
    await _apply(aline, job, "I cook.")
    aline.skips()
    boss.skips()
    await boss.starts("my_jobs")
    boss.hears("open until 1 Apr · applicants: 1")
    await boss.taps("Cook for a restaurant")
    boss.skips()
    await boss.taps("Applicants")
    boss.hears("Who applied for “Cook for a restaurant”", "Aline", "waiting · I cook.")
    await boss.taps("Aline")
    boss.hears("*Aline (+250****456)*", "“I cook.”", "Accept", "Refuse", "Chat")
    await boss.taps("Chat")
    boss.hears("Chat with Aline (+250****456) here", "https://wa.me/250788123456")
    await boss.taps("Accept")
    boss.hears("✅ You accepted Aline (+250****456)", "Applicants", "Manage this job")
    told = aline.hears("🎉 Good news: you were accepted for “Cook for a restaurant”", "wa.me/250788000111")
    assert isinstance(told, LinkContent)
    assert town.templates[-1] == (aline.id, "job_application_accepted", ("Cook for a restaurant",))
    await boss.taps("Accept")
    boss.hears("has your answer already: accepted")
    await boss.taps("Refuse")
    boss.hears("has your answer already: accepted")
    aline.hears_nothing_more()
    await aline.starts("my_applications")
    aline.hears("accepted · applied 2 Mar")
    await aline.taps("Cook for a restaurant")
    aline.hears("Answer: accepted", "Chat")
    await aline.taps("Chat")
    aline.hears("Chat with Boss (+250****111) here", "wa.me/250788000111")


async def test_a_refusal_can_be_taken_back(town: Town) -> None:
    boss, aline = town.person("Boss"), town.person("Aline", "250788123456")
    job = await post(boss)
    await _apply(aline, job)
    aline.skips()
    (row,) = await town.rows("SELECT id FROM application")
    await boss.taps_id(f"jobs:refuse:{row['id']}")
    aline.hears("For “Cook for a restaurant” somebody else was chosen", "Find jobs")
    assert town.templates[-1][1] == "job_application_refused"
    await aline.taps_id(f"jobs:contact:{row['id']}")
    aline.hears("That is not here any more")  # the poster's number is for those whom they accept
    boss.skips()
    await boss.taps_id(f"jobs:applicant:{row['id']}")
    boss.hears("Answer: not chosen", "Accept", "Chat", "Applicants")
    await boss.taps("Accept")
    aline.hears("you were accepted")
    await aline.taps_id(f"jobs:contact:{row['id']}")
    aline.hears("We do not know the number of who posted this job")


async def test_nobody_sees_or_answers_other_peoples_applications(town: Town) -> None:
    boss, aline, other = town.person("Boss"), town.person("Aline", "250788123456"), town.person("Other")
    job = await post(boss)
    await _apply(aline, job)
    (row,) = await town.rows("SELECT id FROM application")
    for tap in ("applicant", "accept", "refuse", "talk", "application", "contact"):
        for argument in (str(row["id"]), str(uuid4()), "junk", ""):
            await other.taps_id(f"jobs:{tap}:{argument}")
            other.hears("That is not here any more", "Find jobs")
    for tap in ("accept", "refuse", "talk", "applicant"):
        await aline.taps_id(f"jobs:{tap}:{row['id']}")
    (state,) = await town.rows("SELECT state, version FROM application")
    assert tuple(state) == ("waiting", 1)


async def test_my_applications_are_the_last_ten(town: Town) -> None:
    boss, aline = town.person("Boss"), town.person("Aline", "250788123456")
    await aline.starts("my_applications")
    aline.hears("You have not applied for a job yet", "Find jobs")
    for number in range(11):
        await _apply(aline, await post(boss, f"Job {number}"))
        await town.passes(minutes=1)
    aline.skips()
    (last,) = await town.rows("SELECT id FROM job WHERE title = 'Job 10'")
    await boss.taps_id(f"jobs:close:{last['id']}")
    await aline.starts("my_applications")
    states = ("job closed · applied 2 Mar", "waiting · applied 2 Mar")
    rows = aline.hears_list("Your latest applications", *states, rows=10)
    assert (rows[0], rows[-1]) == ("Job 10", "Job 1")


@pytest.mark.parametrize("first", ["application", "closing"])
async def test_an_application_and_a_closing_at_the_same_moment(town: Town, first: str) -> None:
    """Whoever commits first wins; the other is handled again on what stands then."""
    boss = town.person("Boss")
    job = await post(boss)
    row = (job, "person-x", uuid4(), "", town.now)
    close = "UPDATE job SET state = 'closed', version = version + 1 WHERE id = $1"
    async with town.pool.acquire() as one, town.pool.acquire() as two:
        earlier = one.transaction()
        await earlier.start()
        if first == "closing":
            await one.execute(close, job)
            session = Session(two)
            session.write(ADD, *row)
            waiting: asyncio.Task[Any] = asyncio.create_task(session.flush())
        else:
            session = Session(one)
            session.write(ADD, *row)
            await session.flush()
            waiting = asyncio.create_task(two.execute(close, job))
        await eventually(lambda: town.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))
        await earlier.commit()
        if first == "closing":
            with pytest.raises(Conflict):
                await waiting
        else:
            await waiting
    assert len(await town.rows("SELECT 1 FROM application")) == (0 if first == "closing" else 1)


async def test_a_second_application_of_the_same_moment_is_a_conflict(town: Town) -> None:
    boss = town.person("Boss")
    job = await post(boss)
    async with town.pool.acquire() as connection:
        applications = ApplicationStore(Session(connection))
        applications.add(job=job, applicant="x", application=uuid4(), message="", at=town.now)
        await applications.session.flush()
        applications.add(job=job, applicant="x", application=uuid4(), message="", at=town.now)
        with pytest.raises(Conflict):
            await applications.session.flush()


async def test_many_applications_are_one_statement(town: Town) -> None:
    boss = town.person("Boss")
    jobs = [await post(boss, f"Job {number}") for number in range(3)]
    async with town.pool.acquire() as connection:
        session = Session(connection)
        applications = ApplicationStore(session)
        for number in range(30):
            applications.add(
                job=jobs[number % 3],
                applicant=f"person{number}",
                application=uuid4(),
                message="",
                at=town.now,
            )
        await session.flush()
    assert session.statements == 1
    assert len(await town.rows("SELECT 1 FROM application")) == 30


async def test_two_who_change_a_job_at_once_meet_a_conflict(town: Town) -> None:
    boss = town.person("Boss")
    identity = await post(boss)
    async with town.pool.acquire() as connection:
        store = JobStore(Session(connection))
        job = await store.find(identity)
        assert job is not None
        store.save_state(job, JobState.CLOSED, job.open_until)
        await store.session.flush()
        store.save_state(job, JobState.LAPSED, job.open_until)
        with pytest.raises(Conflict):
            await store.session.flush()
