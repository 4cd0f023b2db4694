"""`easymo payments` as somebody in finance types it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from consumers.payments.rules.reconciling import NoStatement
from consumers.wallet.finding import NobodyKnown
from schemas import topics
from schemas.events.core import PersonSeen
from scripts.cli import load
from tests.integration.payments.till import Till, a_phone, a_transaction


class Terminal:
    """Types commands."""

    def __init__(self, till: Till) -> None:
        self._environment = till.settings.explicit() | {"EASYMO_OPERATOR": "beata"}

    async def run(self, *arguments: str, exit_code: int = 0) -> Result:
        """The result of `easymo payments ARGUMENTS`."""
        runner = CliRunner(env=self._environment)
        result = await asyncio.to_thread(runner.invoke, load("payments"), arguments)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return result

    async def json(self, *arguments: str, exit_code: int = 0) -> Any:
        """The same, as a program reads it."""
        return json.loads((await self.run(*arguments, "--json", exit_code=exit_code)).stdout)


async def _is_known(till: Till, person: str) -> bool:
    return bool(await till.database.fetchval("SELECT true FROM wallet.people WHERE person = $1", person))


@pytest.fixture
def terminal(till: Till) -> Terminal:
    return Terminal(till)


async def test_a_payment_is_listed_shown_and_assigned(till: Till, terminal: Terminal) -> None:
    request = await till.asks(7001, phone=a_phone("701"), person="p-701", name="Chantal")
    transaction = a_transaction()
    await till.hears_sms(amount="7001", number="*********702", id=transaction, name="Chantal M")
    await till.payment_becomes(transaction, "review")
    name = f"momo:{transaction}"

    listed = await terminal.json("review", "list", "--limit", "1000")
    (mine,) = [each for each in listed["payments"] if each["transaction"] == transaction]
    assert (mine["reason"], mine["amount_rwf"]) == ("unmatched", 7001)
    assert name in (await terminal.run("review", "list", "--limit", "1000")).stdout

    shown = await terminal.json("review", "show", name)
    assert [each["id"] for each in shown["candidates"]] == [str(request)]
    assert "****701" in shown["candidates"][0]["phone"]
    assert transaction in (await terminal.run("review", "show", name)).stdout

    await terminal.run("review", "assign", name, exit_code=2)  # to whom?
    done = await terminal.run("review", "assign", name, "--request", str(request), "--why", "called her")
    assert "beata" in done.stdout
    await till.balance_becomes("p-701", 14_002)
    again = await terminal.run("review", "refuse", name, "--why", "x", exit_code=1)
    assert "is_received" in again.stderr
    decided = (await terminal.json("review", "show", name))["decided"]
    assert [(each["operator"], each["act"], each["outcome"]) for each in decided] == [
        ("beata", "assign", "done"),
        ("beata", "refuse", "is_received"),
    ]


async def test_a_payment_is_somebodys_top_up_only_if_they_are_known(till: Till, terminal: Terminal) -> None:
    transaction, number = a_transaction(), a_phone("708")
    name = f"momo:{transaction}"
    await till.hears_momo(transactionId=transaction, amount=7008)
    await till.payment_becomes(transaction, "review")
    unknown = await terminal.run("review", "assign", name, "--person", "p-708", exit_code=1)
    assert isinstance(unknown.exception, NobodyKnown)
    seen = PersonSeen(
        person="p-708", contact=number, at=datetime.now(UTC), phone=number, name="Ange", locale="en"
    )
    await till.tells(topics.CORE_EVENTS, "p-708", seen)
    await till.until(lambda: _is_known(till, "p-708"))
    written = f"+{number[:3]} {number[3:6]} {number[6:]}"
    done = await terminal.run("review", "assign", name, "--person", written, "--why", "she called")
    assert "It goes to Ange (+250****708)." in done.stdout
    await till.balance_becomes("p-708", 14_016)


async def test_what_was_refused_by_mistake_waits_again_and_is_credited_once(
    till: Till, terminal: Terminal
) -> None:
    transaction = a_transaction()
    name = f"momo:{transaction}"
    reopen = ("review", "reopen", name, "--why", "she has shown the SMS")
    assert "no_such_payment" in (await terminal.run(*reopen, exit_code=1)).stderr
    await till.hears_momo(transactionId=transaction, amount=7010)
    await till.payment_becomes(transaction, "review")
    assert "is_review" in (await terminal.run(*reopen, exit_code=1)).stderr
    await terminal.run("review", "refuse", name, "--why", "a test")
    assert "reopen is done" in (await terminal.run(*reopen)).stdout
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "reopened"
    request = await till.asks(7010, person="p-710")
    await terminal.run("review", "assign", name, "--request", str(request))
    await till.balance_becomes("p-710", 14_020)
    assert "is_received" in (await terminal.run(*reopen, exit_code=1)).stderr


async def test_a_payment_of_another_amount_shows_the_request_that_it_names(
    till: Till, terminal: Terminal
) -> None:
    request, transaction = await till.asks(7004, person="p-704", phone=a_phone("704")), a_transaction()
    payer = {"partyId": a_phone("704")}
    await till.hears_momo(transactionId=transaction, amount=7005, externalId=str(request), payer=payer)
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "wrong_amount"
    shown = await terminal.json("review", "show", f"momo:{transaction}")
    assert [(each["id"], each["amount_rwf"]) for each in shown["candidates"]] == [(str(request), 7004)]
    assert a_phone("704") not in str(shown)
    assert shown["payer_tail"] == "704"


async def test_a_credit_that_is_taken_back_may_be_kept(till: Till, terminal: Terminal) -> None:
    request, transaction = await till.asks(7006, person="p-706"), a_transaction()
    told = {"transactionId": transaction, "amount": 7006, "externalId": str(request)}
    name = f"momo:{transaction}"
    await till.hears_momo(**told | {"externalId": None})
    await till.payment_becomes(transaction, "review")
    nobody = await terminal.run("review", "keep", name, "--why", "x", exit_code=2)
    assert "never credited" in nobody.output
    await till.hears_momo(**told)
    await till.payment_becomes(transaction, "received")
    await till.hears_momo(**told, status="FAILED")
    await till.payment_becomes(transaction, "review")
    shown = await terminal.json("review", "show", name)
    assert [each["kind"] for each in shown["told"]][-1] == "failed"
    await terminal.run("review", "keep", name, "--why", "MTN was wrong")
    assert (await till.payment_becomes(transaction, "received"))["person"] == "p-706"
    await till.balance_becomes("p-706", 14_012)


async def test_a_payment_of_two_names_is_found_by_either(
    till: Till, terminal: Terminal, tmp_path: Path
) -> None:
    request, mtns = await till.asks(7009, person="p-709"), a_transaction()
    gateways = f"gw-{mtns}"
    await till.hears_momo(
        transactionId=gateways, financialTransactionId=mtns, amount=7009, externalId=str(request)
    )
    await till.payment_becomes(gateways, "received")
    for name in (gateways, mtns):
        shown = await terminal.json("review", "show", f"momo:{name}")
        assert (shown["transaction"], len(shown["told"])) == (gateways, 1)
    file = tmp_path / "statement.csv"
    now = datetime.now(UTC)
    days = [(now + timedelta(days=change)).isoformat() for change in (-1, 0, 1)]
    rows = [f"{days[0]},1,1,failed", f"{days[1]},{mtns},7009,successful", f"{days[2]},2,1,successful"]
    await asyncio.to_thread(file.write_text, "\n".join(["Date,Id,Amount,Status", *rows]))
    found = await terminal.json("reconcile", "momo", str(file), exit_code=1)
    assert {mtns, gateways}.isdisjoint(each["transaction"] for each in found["differences"])


async def test_a_statement_is_held_against_the_books(till: Till, terminal: Terminal, tmp_path: Path) -> None:
    await till.asks(7002, phone=a_phone("703"), person="p-703")
    known, unknown, other = (a_transaction() for _ in range(3))
    await till.hears_sms(amount="7002", number="*********703", id=known)
    await till.payment_becomes(known, "received")
    await till.hears_momo(transactionId=other, amount=7003)
    await till.payment_becomes(other, "review")

    file = tmp_path / "statement.csv"
    head = "Transaction ID;Amount;Status\n"
    await asyncio.to_thread(file.write_text, f"{head}{known};7,002;Successful\n")
    assert "agree" in (await terminal.run("reconcile", "momo", str(file))).stdout

    rows = [[known, 7001], [unknown, 100], [other, 7003]]
    content = json.dumps([{"id": name, "amount": amount, "currency": "RWF"} for name, amount in rows])
    await asyncio.to_thread(file.write_text, content)
    found = await terminal.json("reconcile", "momo", str(file), exit_code=1)
    differences = {each["transaction"]: each["wrong"] for each in found["differences"]}
    assert differences == {known: "amount", unknown: "missing_here", other: "not_credited"}

    assert "missing_here" in (await terminal.run("reconcile", "momo", str(file), exit_code=1)).stdout

    await asyncio.to_thread(file.write_text, json.dumps([{"id": other, "amount": 7003}]))
    window = ("--from", "10m", "--until", "now")
    found = await terminal.json("reconcile", "momo", str(file), *window, exit_code=1)
    differences = {each["transaction"]: each["wrong"] for each in found["differences"]}
    assert (differences[known], differences[other]) == ("missing_there", "not_credited")


async def test_what_could_not_be_compared_is_said(till: Till, terminal: Terminal, tmp_path: Path) -> None:
    names = [a_transaction() for _ in range(2)]
    for name in names:
        await till.hears_momo(transactionId=name, amount=7007, externalId=str(await till.asks(7007)))
        await till.payment_becomes(name, "received")
    file = tmp_path / "statement.csv"
    head = "Transaction ID;Amount;Status;Date\n"
    row = f"{names[0]};RWF 7,007;Successful;05/11/2026 10:00\n"
    await asyncio.to_thread(file.write_text, head + row)
    found = await terminal.json("reconcile", "momo", str(file))
    assert (found["lines"], found["differences"]) == (1, [])
    undated, nowhere = found["notes"]
    assert "'05/11/2026 10:00'" in undated
    assert "missing_there was not looked for" in nowhere
    said = (await terminal.run("reconcile", "momo", str(file))).stdout
    assert "--from and --until" in said
    assert "agree, as far as was looked" in said
    window = ("--from", "10m", "--until", "now")
    found = await terminal.json("reconcile", "momo", str(file), *window, exit_code=1)
    assert found["notes"] == []
    assert names[1] in [each["transaction"] for each in found["differences"]]

    rows = f"{names[0]};7007.50;Successful;28/11/2026 10:00\n{names[1]};7007;Seen;28/11/2026 11:00\n"
    await asyncio.to_thread(file.write_text, head + rows)
    found = await terminal.json("reconcile", "momo", str(file), exit_code=1)
    (difference,) = found["differences"]
    assert (difference["wrong"], difference["unreadable"]) == ("unreadable", "7007.50")
    (*_, unknown) = found["notes"]
    assert "'Seen'" in unknown
    assert "7007.50" in (await terminal.run("reconcile", "momo", str(file), exit_code=1)).stdout


async def test_what_is_no_statement(terminal: Terminal, tmp_path: Path) -> None:
    for name, text in (("a.csv", "hello\nworld\n"), ("b.json", "{"), ("c.json", '{"x": 1}'), ("none", "")):
        file = tmp_path / name
        if text:
            await asyncio.to_thread(file.write_text, text)
        result = await terminal.run("reconcile", "momo", str(file), exit_code=1)
        assert isinstance(result.exception, NoStatement)
