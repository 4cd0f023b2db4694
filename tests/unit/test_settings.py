"""Settings that are more than a value: the schedule of redelivery, for each consumer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from infra.settings import MissingSetting, load_settings

MINUTE = timedelta(minutes=1)


def test_five_tries_over_seventeen_hours_unless_told_otherwise() -> None:
    delays = load_settings().redelivery_delays("sender")
    assert [delay / MINUTE for delay in delays] == [5, 15, 60, 240, 720]


def test_a_consumer_may_have_a_schedule_of_its_own() -> None:
    settings = load_settings(
        redelivery_seconds="60,120", redelivery_seconds_for=" sender=1,2.5,3 ; core = 30 ; "
    )
    assert settings.redelivery_delays("sender") == tuple(timedelta(seconds=s) for s in (1, 2.5, 3))
    assert settings.redelivery_delays("core") == (timedelta(seconds=30),)
    assert settings.redelivery_delays("jobs") == (MINUTE, 2 * MINUTE)


@pytest.mark.parametrize("wrong", ["", "soon", "1,,2", "-1", "nan", "1e9", ",".join(["1"] * 21)])
@pytest.mark.parametrize("form", ["{}", "sender={}"])
def test_a_schedule_that_does_not_fit_is_refused_by_name(wrong: str, form: str) -> None:
    name = "redelivery_seconds" if form == "{}" else "redelivery_seconds_for"
    with pytest.raises(MissingSetting, match=f"EASYMO_{name.upper()}"):
        load_settings(**{name: form.format(wrong)})


@pytest.mark.parametrize("wrong", ["sender", "=5", "60,300"])
def test_a_schedule_for_a_consumer_names_it(wrong: str) -> None:
    with pytest.raises(MissingSetting, match="CONSUMER=SECONDS"):
        load_settings(redelivery_seconds_for=wrong)
