"""`easymo schemas check`: every subject against all its versions, and each against its near misses."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

if TYPE_CHECKING:
    from schemas.publishing import Registry

BROKEN = 1

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON: each subject, its mode, and what is wrong with it.")
]


@dataclass(frozen=True, slots=True)
class Checked:
    """One subject: its versions, each one's violations against those before it, and what else is wrong."""

    subject: str
    mode: str
    versions: list[int]
    violations: list[dict[str, Any]]
    near_misses: list[str]  # those that a model or schema accepts, and rules that none tries


def check(*, as_json: AsJson = False) -> None:
    """Check every version of every subject, published or new, against those before it, by the subject's mode.

    Modes are Confluent's; schemas/registry/modes.json sets them, and FULL_TRANSITIVE is what all others
    have: each version's readers read what the writers of each other version write. What breaks a mode is
    named with its place, and the exit code is 1.

    So is each near miss of an example that the model or the schema accepts: what a keyword of the schema
    forbids, tried at every field.

    Examples:

    `easymo schemas check`

    `easymo schemas check --json | jq '.[] | select(.violations != [])'`
    """
    # Late: the event models are wanted here alone, and take longer to load than all else.
    from schemas.publishing import Registry, render

    registry = Registry()
    texts = {name: render(model) for name, model in registry.models.items()} | registry.published()
    checked = [replace(each, near_misses=_accepted(registry, each)) for each in checked_subjects(texts)]
    if as_json:
        rows = [{name: getattr(each, name) for name in Checked.__slots__} for each in checked]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        _show(checked)
    if any(each.violations or each.near_misses for each in checked):
        raise typer.Exit(BROKEN)


def checked_subjects(texts: dict[str, str]) -> list[Checked]:
    """Check schemas, given by `<subject>/v<N>`. Raises UnusableSchema."""
    from schemas.compatibility import check as violations
    from schemas.compatibility import load, mode_of

    versions: dict[str, dict[int, str]] = defaultdict(dict)
    for name, text in texts.items():
        subject, _, version = name.rpartition("/")
        versions[subject][int(version.removeprefix("v"))] = text
    found = []
    for subject, by_number in sorted(versions.items()):
        mode = mode_of(subject)
        loaded = {number: load(by_number[number]) for number in sorted(by_number)}
        broken = [
            {
                "version": number,
                "against": each.version,
                "kind": each.difference.kind,
                "pointer": each.difference.pointer,
                "breaks": sorted(each.difference.breaks),
                "sentence": each.difference.sentence,
            }
            for number, schema in loaded.items()
            for each in violations(schema, {n: s for n, s in loaded.items() if n < number}, mode)
        ]
        found.append(Checked(subject, mode.value, list(loaded), broken, []))
    return found


def _accepted(registry: Registry, checked: Checked) -> list[str]:
    from schemas.near_misses import problems

    models = [registry.models.get(f"{checked.subject}/v{version}") for version in checked.versions]
    return [
        problem
        for model in models
        if model is not None
        for problem in problems(
            model,
            json.loads(registry.text_of(model.dataschema())),
            registry.examples_of(model.dataschema()).values(),
        )
    ]


def _show(checked: list[Checked]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for each in checked:
        for row in each.violations:
            head = f"{each.subject} v{row['version']} against v{row['against']} ({each.mode})"
            console.print(Text.assemble((head, "bold red"), f" {row['pointer']} {row['kind']}"))
            console.print(f"  {escape(row['sentence'])}")
        for problem in each.near_misses:
            console.print(f"[red]{escape(problem)}[/]")
    versions = sum(len(each.versions) for each in checked)
    broken = sum(bool(each.violations) for each in checked)
    counted = f"{len(checked)} subjects with {versions} versions"
    if broken:
        console.print(
            f"[red]{broken} of {counted} break their mode.[/] Make the field optional, keep the old one "
            "beside it, or publish the event under another subject."
        )
    elif not any(each.near_misses for each in checked):
        console.print(
            f"[green]{counted}: each version is compatible, by its subject's mode, and refuses near misses "
            "of every field.[/]"
        )
