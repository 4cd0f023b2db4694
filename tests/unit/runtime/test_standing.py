"""Why a consumer is not ready: one reason, the gravest, with what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from consumers.runtime.standing import why_unready

WELL: dict[str, Any] = {"fatal": None, "database": "ok", "stalled": False, "failing": {}}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"fatal": "Surge", "database": "away"}, "easymo consume jobs --resume-after-surge"),
        ({"fatal": "KeyError"}, "KeyError"),
        ({"database": "away", "stalled": True}, "database"),
        ({"stalled": True}, "five minutes"),
        ({"failing": {"collect_letters": "ValueError"}}, "collect_letters (ValueError)"),
    ],
)
def test_what_is_wrong_is_said(state: dict[str, Any], words: str) -> None:
    assert words in str(why_unready("jobs", WELL | state))


def test_of_one_that_is_well_nothing_is_said() -> None:
    assert why_unready("jobs", WELL) is None
