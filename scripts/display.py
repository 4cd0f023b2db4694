"""How what takes time is shown: live rows on a terminal; elsewhere a line for each change, or nothing."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from infra.embedded.progress import Step

READY = "ready"


class _Live:
    """Rows that are drawn inside a `with`."""

    _progress: Progress

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()


class StartDisplay(_Live):
    """Takes the steps of a starting stack; `async with` not needed, it only writes to stderr.

    Standard output stays free for what a command is asked for.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.fields[part]:<12}"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}
        self._said: dict[str, str] = {}

    def step(self, step: Step) -> None:
        """Show what one part does now."""
        if self.console.is_terminal:
            self._draw(step)
        elif self._said.get(step.part) != step.doing:
            self._said[step.part] = step.doing
            self.console.print(f"{step.part}: {step.doing}", markup=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """A line for people, while rows may be shown."""
        self.console.print(escape(line), soft_wrap=True)

    def _draw(self, step: Step) -> None:
        if step.part not in self._rows:
            self._rows[step.part] = self._progress.add_task("", total=None, part=step.part)
        row = self._rows[step.part]
        if step.doing == READY:
            self._progress.update(row, description=READY, total=1, completed=1)
        else:
            total = step.total or None
            self._progress.update(row, description=step.doing, total=total, completed=step.done)


class CountDisplay(_Live):
    """A bar for each part of a longer work, on stderr; nothing where that is no terminal."""

    def __init__(self, unit: str, console: Console | None = None) -> None:
        console = console or Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}

    def show(self, part: str, done: int, total: int) -> None:
        """So many of so many are done; a part that is empty is not shown."""
        if not total:
            return
        if part not in self._rows:
            self._rows[part] = self._progress.add_task(part, total=total)
        self._progress.update(self._rows[part], completed=done, total=total)
