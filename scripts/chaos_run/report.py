"""The report of a run, for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from scripts.chaos_run.plan import RESTARTS
from scripts.chaos_run.run import Report

SHOWN = 20  # offending events of one invariant; `--json` has them all
RECOVERY_TARGET_SECONDS = 15


def show(console: Console, report: Report) -> None:
    """Print it."""
    console.print(_faults(report))
    console.print(_counts(report))
    for line in _recoveries(report):
        console.print(line, markup=False)
    for finding in report.findings:
        if finding.holds:
            console.print(f"holds   {finding.invariant}", markup=False)
            continue
        console.print(f"BROKEN  {finding.invariant}: {len(finding.offending)}", markup=False, style="red")
        for name in finding.offending[:SHOWN]:
            console.print(f"        {name}", markup=False)
    for trouble in report.trouble:
        console.print(f"TROUBLE {trouble}", markup=False, style="red")
    again = f"easymo chaos --seed {report.seed} --minutes {report.seconds / 60:g} --rate {report.rate:g}"
    console.print(f"seed {report.seed}: {'everything holds' if report.holds else 'BROKEN'}; again: {again}")


def _faults(report: Report) -> Table:
    table = Table("", "began", "fault", "target", "lasted", "detail", title="Faults")
    for struck in report.struck:
        fault = struck.fault
        note = "; ".join(str(part) for part in (fault.detail, struck.note, struck.trouble) if part != "")
        table.add_row(
            str(fault.number),
            f"{struck.began:.1f} s",
            str(fault.kind),
            fault.target,
            f"{struck.ended - struck.began:.1f} s",
            note,
        )
    return table


def _counts(report: Report) -> Table:
    table = Table("", "count", title="Counts")
    for name, count in report.counts.items():
        table.add_row(name, f"{count:,}")
    return table


def _recoveries(report: Report) -> list[str]:
    """How long after the return of the broker or the database no group was behind any more."""
    lines = []
    for struck in report.struck:
        if struck.fault.kind not in RESTARTS or struck.trouble:
            continue
        seconds = struck.recovered_seconds
        word = "not recovered" if seconds is None else f"recovered {seconds:.1f} s after its return"
        aside = "" if struck.alone else ", with other faults meanwhile"
        lines.append(f"{struck.fault.kind}: {word} ({struck.note}{aside})")
    if lines:
        lines.append(f"the target is {RECOVERY_TARGET_SECONDS} s at 200 messages/s")
    return lines
