"""The arithmetic of the benches."""

from __future__ import annotations

import pytest

from scripts.benchmarks import backlog
from scripts.benchmarks.figures import Findings, percentiles
from scripts.benchmarks.keys_rules import SCENARIOS, Job, in_order, jobs_of, least_seconds
from scripts.benchmarks.messages import TEXTS, Chatter
from scripts.benchmarks.pace import lag_is_over
from scripts.benchmarks.report import number


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentiles([3.0, 1.0, 2.0]) == {"p50": 2.0, "p95": 3.0, "p99": 3.0, "max": 3.0}
    assert percentiles([]) == {}


def test_the_median_of_the_rounds_is_held_against_the_target() -> None:
    findings = Findings("x")
    findings.add("ours", "events", "1/s", [1, 100, 8])
    findings.at_least("events", 8, findings.middle("ours", "events"))
    findings.at_most("events", 7, findings.middle("ours", "events"))
    assert [target.met for target in findings.targets] == [True, False]


@pytest.mark.parametrize(
    ("value", "shown"), [(8123.4, "8,123"), (0.4512, "0.451"), (0, "0"), (12.345, "12.3")]
)
def test_numbers_show_the_digits_that_matter(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_backlog_grows_by_what_is_not_answered() -> None:
    due = [n / 100 for n in range(1_000)]
    held = [at + 0.05 for at in due]
    left_behind = [at + 0.05 for at in due[::2]]
    assert backlog.growth(backlog.samples(due, held)) == pytest.approx(0, abs=0.5)
    assert backlog.growth(backlog.samples(due, left_behind)) == pytest.approx(50, rel=0.05)


def test_the_least_time_is_that_of_the_workers_or_of_the_longest_key() -> None:
    jobs = [Job("a", 0, 5), Job("a", 1, 5), Job("b", 2, 2)]
    assert least_seconds(jobs, workers=1) == pytest.approx(0.012)
    assert least_seconds(jobs, workers=100) == pytest.approx(0.010)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario_makes_the_same_jobs_each_time(scenario: object) -> None:
    first, second = (jobs_of(scenario, 1_000) for _ in range(2))  # type: ignore[arg-type]
    assert first == second
    assert [job.number for job in first] == list(range(1_000))


def test_order_is_judged_by_key() -> None:
    assert in_order([("a", 0), ("b", 2), ("a", 1)])
    assert not in_order([("a", 1), ("b", 2), ("a", 0)])


def test_people_say_everything_in_turn() -> None:
    chatter = Chatter("T", persons=3, start=0, rate=1)
    said = [chatter.text(index) for index in range(0, 3 * len(TEXTS), 3)]
    assert sorted(said) == sorted(TEXTS)
    assert len({chatter.wamid(index) for index in range(100)}) == 100


def test_a_lag_is_over_when_no_more_than_usual_is_under_way() -> None:
    due = [n / 10 for n in range(100)]  # ten a second, for ten seconds
    prompt = [at + 0.01 for at in due]
    assert lag_is_over(due, prompt, after=5.0, most=1) == pytest.approx(5.0, abs=0.1)
    away = [at if at < 3 else max(at, 6.0) for at in prompt]  # nothing is done from 3 to 6
    assert lag_is_over(due, away, after=5.0, most=1) == pytest.approx(6.0, abs=0.1)
    assert lag_is_over(due, away, after=7.0, most=1) == pytest.approx(7.0, abs=0.1)
