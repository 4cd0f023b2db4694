"""A statement is held against what we have of its own time, to the minute, by the payer's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from consumers.payments import finding
from consumers.payments.rules.reconciling import read_lines
from scripts.till.statements import Held, reconcile
from tests.integration.payments.till import KIGALI, Till, a_transaction


async def credited(till: Till, amount: int, *, told_at: datetime, paid_at: datetime | None = None) -> str:
    """A payment that was told and paid at these times; its transaction."""
    request = await till.asks(amount, person=f"p-{amount}")
    transaction = a_transaction()
    await till.hears_momo(amount=amount, transactionId=transaction, externalId=str(request))
    await till.payment_becomes(transaction, "received")
    await till.database.execute(
        "UPDATE payments.payment SET told_at = $2, paid_at = $3 WHERE transaction = $1",
        transaction, told_at, paid_at,
    )  # fmt: skip
    return transaction


async def held(till: Till, times: list[str], since: datetime | None = None) -> Held:
    """A statement with a line at each of these times, which come to nothing; `since`: a day that is given."""
    rows = [{"id": str(n), "amount": 5, "status": "failed", "date": at} for n, at in enumerate(times)]
    until = since + timedelta(days=1) if since else None
    async with till.database.acquire() as connection:
        return await reconcile(
            connection, "momo", read_lines(rows, KIGALI), since=since, until=until, told=lambda *_: None
        )


async def test_what_is_told_after_midnight_is_of_the_day_on_which_it_was_paid(till: Till) -> None:
    midnight, day = datetime(2026, 1, 10, tzinfo=UTC), timedelta(days=1)
    minute = timedelta(minutes=1)
    paid = await credited(till, 6131, told_at=midnight + 20 * minute, paid_at=midnight - 10 * minute)
    async with till.database.acquire() as connection:
        before = await finding.in_window(connection, "momo", midnight - day, midnight)
        after = await finding.in_window(connection, "momo", midnight, midnight + day)
    assert [each.transaction for each in before] == [paid]
    assert after == []


async def test_a_statement_of_kigalis_day_is_held_against_that_day(till: Till) -> None:
    await credited(till, 6141, told_at=datetime(2026, 1, 16, 1, 0, tzinfo=KIGALI))  # of the next day
    assert (await held(till, ["2026-01-15 00:04:00", "2026-01-15 23:56:00"])).differences == []


async def test_a_night_whose_minutes_nobody_looks_at_is_told(till: Till) -> None:
    """By their lines alone, two statements leave out ten minutes between them; by their days they do not."""
    missing = await credited(till, 6151, told_at=datetime(2026, 1, 20, 23, 57, tzinfo=KIGALI))
    found = await held(till, ["2026-01-20 00:00:02", "2026-01-20 23:59:58"])
    assert found.differences == []
    (note,) = found.notes
    assert "from 2026-01-20 00:05+02:00 to 2026-01-20 23:54+02:00" in note
    found = await held(till, ["2026-01-20 12:00:00"], since=datetime(2026, 1, 20, tzinfo=KIGALI))
    assert ([each.transaction for each in found.differences], found.notes) == ([missing], [])
