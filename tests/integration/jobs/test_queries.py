"""Each query finds its rows by an index, among 200,000 jobs and as many applications."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consumers.jobs import store, store_applications
from consumers.jobs.rules import JOB_CELL_RESOLUTION, cells_around, search_cell
from tests.integration.jobs.town import NOON, Town

KIGALI = search_cell(-1.95, 30.06)
MIDDLE = (-1.95, 30.06, 1.0, 45)
JOB = "00000000-0000-0000-0000-000000000007"

# Jobs of ten categories in some 600 cells over Rwanda, a tenth of them open; 20,000 posters.
FILL = """
INSERT INTO job (id, poster, title, kind, category, place, country, latitude, longitude, cell, description,
    state, posted_at, open_until)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'person' || n % 20000, 'Job ' || n,
    'gig', 'category' || n % 10, 'Gasabo', CASE WHEN n % 3 = 0 THEN 'UG' ELSE 'RW' END, -1.95, 30.06,
    CASE WHEN n % 600 < 19 THEN ($1::bigint[])[1 + n % 600] ELSE n % 600 END, '',
    CASE WHEN n % 10 = 0 OR n % 7 = 0 THEN 'open' ELSE 'closed' END,
    $2::timestamptz - n * interval '1 minute', $2::timestamptz + interval '10 days'
FROM generate_series(1, 200000) AS n"""

FILL_APPLICATIONS = """
INSERT INTO application (id, job, applicant, applied_at)
SELECT gen_random_uuid(), ('00000000-0000-0000-0000-' || lpad((1 + n % 200000)::text, 12, '0'))::uuid,
    'person' || n % 30011, $1::timestamptz - n * interval '1 second'
FROM generate_series(1, 200000) AS n"""

QUERIES: list[tuple[str, str, tuple[Any, ...], str]] = [
    ("near", store.NEAR, (NOON, cells_around(KIGALI), *MIDDLE), "job_near"),
    (
        "near, a category",
        store.NEAR_OF_CATEGORY,
        (NOON, cells_around(KIGALI), *MIDDLE, "category0"),
        "job_near",
    ),
    ("newest", store.NEWEST, (NOON, "RW", 45), "job_newest"),
    (
        "newest, a category",
        store.NEWEST_OF_CATEGORY,
        (NOON, "RW", 45, "category0"),
        "job_newest_of_category",
    ),
    ("a job", store.FIND_JOB, (JOB,), "job_pkey"),
    ("open jobs", store.COUNT_OPEN, ("person7", NOON), "job_of_poster"),
    ("own jobs", store.OWN_JOBS, ("person7", 45), "job_of_poster"),
    ("own jobs' applicants", store.OWN_JOBS, ("person7", 45), "application_"),
    ("number of applicants", store.COUNT_APPLICANTS, (JOB,), "application_"),
    ("a profile", store.FIND_PROFILE, ("person7",), "profile_pkey"),
    ("an application", store_applications.FIND, (JOB,), "application_pkey"),
    (
        "a person's for a job",
        store_applications.FIND_OF_PERSON,
        (JOB, "person7"),
        "application_",
    ),
    ("a person's", store_applications.OF_PERSON, ("person7", 10), "application_of_person"),
    ("a job's", store_applications.OF_JOB, (JOB, 90), "application_of_job"),
    ("has rows", store_applications.HAS_ROWS, ("person7",), "job_of_poster"),
]
WRITES: list[tuple[str, str, tuple[Any, ...]]] = [
    ("state", store.SAVE_STATE.sql, ([JOB], [1], ["closed"], [NOON])),
    ("profile", store.REFRESH_PROFILE.sql, (["person7"], ["250"], ["x"], [NOON])),
    ("apply", store_applications.ADD.sql, ([JOB], ["new"], [JOB], [""], [NOON])),
    ("answer", store_applications.ANSWER.sql, ([JOB], [1], ["accepted"], [NOON])),
    ("fold doubles", store_applications.FOLD_DOUBLES.sql, (["person7"], ["person8"])),
    ("fold own", store_applications.FOLD_OWN.sql, (["person7"], ["person8"])),
    ("fold applications", store_applications.FOLD_APPLICATIONS.sql, (["person7"], ["person8"])),
    ("fold jobs", store_applications.FOLD_JOBS.sql, (["person7"], ["person8"])),
    ("fold profile", store_applications.FOLD_PROFILE.sql, (["person7"], ["person8"])),
]


async def test_each_statement_uses_an_index(town: Town) -> None:
    await town.pool.execute(FILL, cells_around(KIGALI), NOON)
    await town.pool.execute(FILL_APPLICATIONS, NOON)
    await town.pool.execute(
        "INSERT INTO profile (person) SELECT 'person' || n FROM generate_series(1, 50000) AS n"
    )
    await _as_owner(town, "ANALYZE jobs.job, jobs.application, jobs.profile")
    for name, sql, arguments, index in QUERIES:
        plan = await _plan(town, sql, *arguments)
        used = _indexes(plan)
        assert any(one.startswith(index) for one in used), f"{name}: {used}"
        assert not _scanned(plan), f"{name} scans {_scanned(plan)}"
    for name, sql, arguments in WRITES:
        plan = await _plan(town, sql, *arguments)
        assert not _scanned(plan), f"{name} scans {_scanned(plan)}"


def test_the_filled_cells_are_those_of_the_search() -> None:
    assert JOB_CELL_RESOLUTION == 5
    assert len(cells_around(KIGALI)) == pytest.approx(19)


async def _as_owner(town: Town, sql: str) -> None:
    async with town.pool.acquire() as connection:
        await connection.execute("RESET ROLE")
        await connection.execute(sql)
        await connection.execute('SET ROLE "easymo_jobs"')


async def _plan(town: Town, sql: str, *arguments: Any) -> dict[str, Any]:
    plan = await town.pool.fetchval("EXPLAIN (FORMAT JSON) " + sql, *arguments)
    return dict(json.loads(plan)[0]["Plan"])


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in _nodes(child))]


def _indexes(plan: dict[str, Any]) -> set[str]:
    return {node["Index Name"] for node in _nodes(plan) if "Index Name" in node}


def _scanned(plan: dict[str, Any]) -> list[str]:
    return [node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan"]
