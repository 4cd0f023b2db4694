"""What is done for ever outlives an outage, and nothing else."""

from __future__ import annotations

import pytest

from infra.postgres.regularly import regularly


class Look:
    """Fails as told, one after the other."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1
        error = self.errors.pop(0)
        if error is not None:
            raise error


async def test_it_goes_on_after_an_outage_and_ends_with_a_defect(caplog: pytest.LogCaptureFixture) -> None:
    look = Look(None, ConnectionResetError("away"), None, TimeoutError(), ZeroDivisionError("a defect"))
    with pytest.raises(ZeroDivisionError):
        await regularly(look, 0, missed="something.missed")
    assert look.times == 5
    assert [record.message for record in caplog.records] == ["something.missed"] * 2
