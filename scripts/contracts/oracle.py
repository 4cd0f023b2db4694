"""`easymo schemas oracle`: values that a writer may write, against what is said of its readers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from scripts.display import CountDisplay

CONTRADICTED = 1
SHOWN = 10
MOST_VALUES = 1_000_000


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two schemas to be judged, and values to begin with."""

    name: str
    new: Any
    old: Any
    policy: str
    examples: tuple[Any, ...] = ()


def oracle(
    subjects: Annotated[list[str] | None, typer.Argument(help="Subjects; all unless given.")] = None,
    *,
    values: Annotated[
        int, typer.Option(help="Values for each reader and writer.", min=1, max=MOST_VALUES)
    ] = 10_000,
    seeds: Annotated[
        int,
        typer.Option(
            help="How many of them hypothesis-jsonschema thinks of; the rest grow from those.", min=0
        ),
    ] = 50,
    twists: Annotated[
        int, typer.Option(help="Changed copies of each version that it is compared with.", min=0)
    ] = 4,
    seed: Annotated[int, typer.Option(help="Another seed tries other values and copies.")] = 0,
    tables: Annotated[
        list[Path] | None, typer.Option("--table", help="Pairs from JSON files (old, new, policy) instead.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: one object with all counts.")] = False,
) -> None:
    """Try to contradict the comparison of schemas with values, and count what they confirm.

    Where it says "compatible", values that the writer's schema allows must be accepted by the reader's; one
    that is not is a contradiction, and the exit code is 1. Where it says "broken", such a value confirms it.
    Each version of a subject is compared with all others, and with copies of it changed by chance. Needs the
    development tools.

    Examples:

    `easymo schemas oracle wallet.posted --values 1000`

    `easymo schemas oracle --table tests/unit/schemas/compatibility/cases/objects.json`
    """
    if seeds and find_spec("hypothesis_jsonschema") is None:
        raise typer.BadParameter("it needs the development tools (`make check` installs them), or --seeds 0.")
    pairings = list(_in_tables(tables)) if tables else list(of_subjects(subjects, twists, seed))
    found = _judged(pairings, values=values, seeds=seeds, as_json=as_json)
    if found.contradictions:
        raise typer.Exit(CONTRADICTED)


@dataclass(slots=True)
class Tally:
    """What was found in all pairs; a side is one reader against one writer."""

    pairs: int = 0
    compatible_sides: int = 0
    broken_sides: int = 0
    confirmed: int = 0
    values: int = 0
    values_of_compatible: int = 0
    seeds: int = 0
    full: int = 0  # compatible sides that had as many values as were asked for
    silent: int = 0  # compatible sides whose writer was found to be able to write nothing
    contradictions: int = 0


def _judged(pairings: list[Pairing], *, values: int, seeds: int, as_json: bool) -> Tally:
    # Late: hypothesis is a tool of development, and takes its time to load.
    from schemas.compatibility import Policy
    from scripts.contracts.judging import Oracle

    judge = Oracle(seeds=seeds, values=values)
    tally, shown = Tally(), []
    with CountDisplay("pairs") as display:
        for number, each in enumerate(pairings, 1):
            tally.pairs += 1
            for found in judge.judge(each.name, each.new, each.old, Policy(each.policy), each.examples):
                tally.values += found.values
                tally.seeds += found.seeds
                if found.said_compatible:
                    tally.compatible_sides += 1
                    tally.values_of_compatible += found.values
                    tally.full += found.values >= values
                    tally.silent += found.values == 0
                else:
                    tally.broken_sides += 1
                    tally.confirmed += found.found
                if found.contradicts:
                    tally.contradictions += 1
                    shown.append(asdict(found) | {"new": each.new, "old": each.old})
            display.show("judging", number, len(pairings))
    if as_json:
        typer.echo(json.dumps(asdict(tally) | {"shown": shown[:SHOWN]}, indent=2, default=str))
    else:
        _show(tally, shown)
    return tally


def _show(tally: Tally, shown: list[dict[str, Any]]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(
        f"{tally.pairs:,} pairs. Said to be compatible: {tally.compatible_sides:,} sides, held against "
        f"{tally.values_of_compatible:,} values ({tally.full:,} sides had as many as asked for, "
        f"{tally.silent:,} none: nothing satisfies their writer)."
    )
    console.print(
        f"Said to be broken: {tally.broken_sides:,} sides, of which a value confirmed {tally.confirmed:,}."
    )
    if tally.contradictions:
        console.print(f"[red]{tally.contradictions} contradictions:[/]")
        for each in shown[:SHOWN]:
            console.print(
                f"  {escape(each['name'])}, {each['side']} refuses {escape(json.dumps(each['refused']))}"
            )
    else:
        console.print("[green]No contradiction.[/]")


def of_subjects(subjects: list[str] | None, twists: int, seed: int) -> Iterator[Pairing]:
    """Each version against each other one and against twisted copies. Raises BadParameter."""
    from schemas.compatibility import Policy, UnusableSchema, load
    from schemas.publishing import Registry
    from scripts.contracts.twisting import twisted

    registry = Registry()
    published = registry.published()
    known = {name.partition("/")[0] for name in published}
    unknown = sorted(set(subjects or ()) - known)
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is not published. `easymo schemas list` shows all.")
    for name, text in published.items():
        subject = name.partition("/")[0]
        if subjects and subject not in subjects:
            continue
        schema = load(text)
        examples = tuple(json.loads(example) for example in registry.examples_of(name).values())
        for other, other_text in published.items():
            if other < name and other.partition("/")[0] == subject:
                yield Pairing(f"{name} and {other}", schema, load(other_text), Policy.LENIENT, examples)
        chance = random.Random(f"{name} {seed}")  # noqa: S311 - to be repeatable, not to be secret
        made = 0
        while made < twists:
            try:
                copy = load(json.dumps(twisted(schema, chance, chance.randint(1, 3))))
            except UnusableSchema:
                continue
            made += 1
            policy = (Policy.LENIENT, Policy.STRICT)[made % 2]
            yield Pairing(f"{name} and copy {made}", copy, schema, policy, examples)


def _in_tables(paths: list[Path]) -> Iterator[Pairing]:
    for path in paths:
        for row in json.loads(path.read_bytes()):
            yield Pairing(
                f"{path.stem}: {row['because']}", row["new"], row["old"], row.get("policy", "STRICT")
            )
