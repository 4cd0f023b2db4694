"""Publishes schemas into somebody else's registry, as often as one likes: what is there stays as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from infra.registry.refusals import Refusal
from infra.registry.remote import RemoteRegistry


class Outcome(StrEnum):
    """What became of one version."""

    THERE = "there"
    REGISTERED = "registered"
    MISSING = "missing"  # on a dry run: it would be registered
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Pushed:
    """One version of ours, and where it is over there: registries number ids, and versions, by themselves."""

    subject: str
    version: int
    outcome: Outcome
    remote_id: int | None = None
    remote_version: int | None = None
    why: str = ""


async def push(
    remote: RemoteRegistry, schemas: Mapping[tuple[str, int], str], *, dry_run: bool = False
) -> AsyncIterator[Pushed]:
    """Register what is missing, by subject and the oldest version first; yields what became of each.

    `schemas`: texts by subject and version. After a version that is refused, the later ones of its subject
    are not tried: they would take its place. A dry run asks the same and registers nothing.
    Raises RegistryUnreachable.
    """
    for subject, versions in groupby(sorted(schemas), key=lambda name: name[0]):
        refused: int | None = None
        for _, version in versions:
            if refused is not None:
                why = f"Version {refused} was refused, and comes first."
                yield Pushed(subject, version, Outcome.REFUSED, why=why)
                continue
            pushed = await _push_one(remote, subject, version, schemas[subject, version], dry_run=dry_run)
            refused = version if pushed.outcome is Outcome.REFUSED else None
            yield pushed


async def _push_one(
    remote: RemoteRegistry, subject: str, version: int, text: str, *, dry_run: bool
) -> Pushed:
    try:
        found = await remote.find(subject, text)
        if found is not None:
            return Pushed(subject, version, Outcome.THERE, found.id, found.version)
        if dry_run:
            why = await remote.forbidden(subject, text)
            return Pushed(subject, version, Outcome.REFUSED if why else Outcome.MISSING, why=why or "")
        registered = await remote.register(subject, text)
    except Refusal as refusal:
        return Pushed(subject, version, Outcome.REFUSED, why=f"{refusal.message} ({refusal.code})")
    return Pushed(subject, version, Outcome.REGISTERED, registered.id, registered.version)
