"""Findings for people (tables) and for programs (JSON lines)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts.benchmarks.figures import Figure, Findings


def json_lines(machine: dict[str, Any], all_findings: Iterable[Findings]) -> str:
    """The machine first, then each figure, target and note on a line of its own."""
    lines = [machine, *(line for findings in all_findings for line in findings.lines())]
    return "".join(orjson.dumps(line).decode() + "\n" for line in lines)


def show(console: Console, machine: dict[str, Any], all_findings: Sequence[Findings]) -> None:
    """Tables: the machine in a line, the figures of each bench, and all targets."""
    console.print(
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}",
        highlight=False,
    )
    for findings in all_findings:
        for table in _tables(findings):
            console.print(table)
        for note in findings.notes:
            console.print(f"  {escape(note)}", style="dim", highlight=False)
    if any(findings.targets for findings in all_findings):
        console.print(_targets(all_findings))


def _tables(findings: Findings) -> list[Table]:
    """One table for all subjects that share their measures; the longer side goes down."""
    subjects: dict[str, dict[str, Figure]] = {}
    for figure in findings.figures:
        subjects.setdefault(figure.subject, {})[figure.measure] = figure
    groups: dict[tuple[str, ...], list[str]] = {}
    for subject, figures in subjects.items():
        groups.setdefault(tuple(figures), []).append(subject)
    tables = []
    for measures, names in groups.items():
        table = Table(title=findings.bench, title_justify="left")
        down, across = (measures, names) if len(measures) >= len(names) else (names, measures)
        table.add_column("")
        for head in across:
            table.add_column(head, justify="right")
        for first in down:
            pairs = [(second, first) if down is measures else (first, second) for second in across]
            table.add_row(first, *(_cell(subjects[subject][measure]) for subject, measure in pairs))
        tables.append(table)
    return tables


def _cell(figure: Figure) -> str:
    """The median with its unit, and between what the rounds lay."""
    text = f"{number(figure.middle)} {figure.unit}".rstrip()
    if len(figure.values) == 1:
        return text
    return f"{text} [dim]{number(min(figure.values))}–{number(max(figure.values))}[/]"


def _targets(all_findings: Iterable[Findings]) -> Table:
    table = Table(title="targets", title_justify="left")
    for name in ("bench", "what", "wanted", "found", ""):
        table.add_column(name)
    for findings in all_findings:
        for target in findings.targets:
            sign = "≥" if target.at_least else "≤"
            mark = "[green]met[/]" if target.met else "[red]missed[/]"
            wanted = f"{sign} {number(target.limit)}"
            table.add_row(target.bench, escape(target.what), wanted, number(target.found), mark)
    return table


def number(value: float) -> str:
    """Three digits that matter, thousands apart."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"
