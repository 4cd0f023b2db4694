"""Measure the system on this machine, each part against its comparison in the same run.

Example: `easymo bench keys --quick` to see that it runs; `easymo bench ingress runtime` to measure two
parts.
"""

from __future__ import annotations

import importlib
import logging
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from scripts.display import StartDisplay

MISSED = 1


class Name(StrEnum):
    """What can be measured."""

    INGRESS = "ingress"
    RUNTIME = "runtime"
    KEYS = "keys"
    END_TO_END = "end-to-end"
    CHAT_TRANSFER = "chat-transfer"
    TIMERS = "timers"
    POISON = "poison"
    STUCK = "stuck"
    FLOOD = "flood"
    RECOVERY = "recovery"
    REDRIVE = "redrive"
    LEDGER = "ledger"
    CONTRACTS = "contracts"


async def command(
    names: Annotated[list[Name] | None, typer.Argument(help="What to measure; all unless given.")] = None,
    *,
    seconds: Annotated[float | None, typer.Option(help="Seconds of measuring a round.", min=1)] = None,
    rounds: Annotated[int | None, typer.Option(help="How often each is measured, in turn.", min=1)] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only try whether it runs.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write JSON lines there; - for standard output.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when a target is missed.")] = False,
) -> None:
    """Measure, and print a table; progress goes to standard error.

    Kafka and PostgreSQL are embedded ones in a temporary folder, unless the settings name others. Other
    work on the machine spoils the figures: leave it alone meanwhile.
    """
    # Late: the harness loads the runtime, the ingress and psutil, which `--help` can do without.
    from dataclasses import replace

    from scripts.benchmarks import host, report
    from scripts.benchmarks.ground import prepared
    from scripts.benchmarks.size import QUICK, Size

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it retries meanwhile is no news
    size = QUICK if quick else Size()
    size = replace(size, seconds=seconds or size.seconds, rounds=rounds or size.rounds)
    machine = host.describe()
    to_stdout = json_file == Path("-")
    console = Console(stderr=to_stdout)
    display = StartDisplay()
    if not machine["quiet"]:
        display.say("The machine is busy with something else: the figures will be worse than they should be.")
    all_findings = []
    with display:
        async with prepared(display.step) as ground:
            for name in names or list(Name):
                harness = importlib.import_module(f"scripts.benchmarks.{name.replace('-', '_')}")
                found = await harness.bench(ground, size, partial(_say, display, name))
                if size.quick:
                    found.targets.clear()  # nothing was measured for long enough
                all_findings.append(found)
    report.show(console, machine, all_findings)
    lines = report.json_lines(machine, all_findings)
    if to_stdout:
        typer.echo(lines, nl=False)
    elif json_file is not None:
        json_file.write_text(lines)
    if strict and not all(target.met for found in all_findings for target in found.targets):
        raise typer.Exit(MISSED)


def _say(display: StartDisplay, name: str, line: str) -> None:
    display.say(f"{name}: {line}")
