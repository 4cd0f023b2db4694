"""One schema registry: what is published, or what a folder keeps; and what may be changed in it."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Any

from infra.registry.catalogue import Catalogue, Registered
from infra.registry.folder import Folder, FolderUnusable
from infra.registry.identity import canonical
from infra.registry.refusals import Refusal, incompatible, invalid_schema, not_permitted
from infra.registry.requests import Proposed, valid_subject
from infra.registry.scoped import Scoped
from schemas.compatibility import Mode, Schema, UnusableSchema, Violation, check, load, mode_of
from schemas.publishing import Registry as Published

SETTINGS_LIMIT = 10_000  # levels, and modes, of single subjects
COMPARING_SECONDS = 5.0  # of all versions together, within a request's 15; ours take some milliseconds
PUBLISHED_IS_REVIEWED = (
    "This registry serves the schemas that are published in git, and is read-only. Publish there "
    "(`easymo schemas publish`), or serve a folder of your own (`easymo schemas serve --writable FOLDER`)."
)
NOTHING_IS_DELETED = (
    "What is registered stays: records that were written with it are read with it. Register a new version."
)


class Access(StrEnum):
    """What Confluent calls the mode of a registry or a subject."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"


class SchemaRegistry:
    """The schemas, their levels of compatibility and their modes. Changes wait for each other."""

    def __init__(self, catalogue: Catalogue, *, folder: Folder | None = None) -> None:
        """Without a folder nothing can be changed."""
        self.catalogue = catalogue
        self.levels = Scoped(Mode.FULL_TRANSITIVE)
        self.accesses = Scoped(Access.READWRITE if folder else Access.READONLY)
        self._folder = folder
        self._changing = asyncio.Lock()

    async def compare(
        self, subject: str, document: Schema, against: dict[int, Registered]
    ) -> list[Violation]:
        """What the subject's level forbids in a schema, against versions of it. Raises Refusal (42201).

        What takes too long is not proved: the thread ends by itself, when nobody waits for it any more, too.
        """
        versions = {number: each.document for number, each in against.items()}
        level = self.levels.effective(subject)
        try:
            return await asyncio.to_thread(check, document, versions, level, seconds=COMPARING_SECONDS)
        except UnusableSchema as error:
            raise invalid_schema(str(error)) from None

    async def register(self, subject: str, proposed: Proposed) -> Registered:
        """The version of a subject that says this: the one that is there, else a new one.

        Raises Refusal: 42205 when nothing may be added, 42201 when the version that is asked for is not the
        next, 40901 when the subject's level forbids it.
        """
        while True:  # each further round means that somebody else's change came first; the request has a time
            there = self._registered(subject, proposed)
            if there is not None:
                return there
            seen = self._seen(subject)
            if subject in self.catalogue:
                found = await self.compare(subject, proposed.document, self.catalogue.versions(subject))
                if found:
                    raise incompatible(subject, [told(each) for each in found])
            async with self._changing:
                if self._seen(subject) == seen:
                    return self._add(subject, proposed)

    def _registered(self, subject: str, proposed: Proposed) -> Registered | None:
        """The version that says this already; None where it may become the next. Raises Refusal."""
        there = self.catalogue.find(subject, proposed.content)
        if there is not None and proposed.version in (None, there.version):
            return there
        self._check_writable(subject)
        version = self.catalogue.next_version(subject)
        if proposed.version not in (None, version):
            raise invalid_schema(
                f"version {proposed.version} of {subject} is not one more than the previous: "
                f"the next is {version}."
            )
        return None

    def _seen(self, subject: str) -> tuple[int, Mode]:
        """What a comparison rests on: when it is another, there is something else to compare."""
        return self.catalogue.next_version(subject), self.levels.effective(subject)

    def _add(self, subject: str, proposed: Proposed) -> Registered:
        self._check_writable(subject)
        version = self.catalogue.next_version(subject)
        added = self.catalogue.prepare(subject, version, proposed.text, proposed.content, proposed.document)
        self._keep({"subject": subject, "version": version, "schema": proposed.text})
        self.catalogue.add(added)
        return added

    async def set_level(self, subject: str | None, level: Mode | None) -> None:
        """Set the level of a subject, or of all that have none; None takes it back.

        Raises Refusal (42205).
        """
        async with self._changing:
            self._check_writable(subject)
            self._check_room(self.levels, subject)
            self._keep({"subject": subject, "level": level})
            self.levels.set(subject, level)

    async def set_access(self, subject: str | None, access: Access | None) -> None:
        """Set the mode of a subject, or of all that have none; None takes it back.

        Raises Refusal (42205).
        """
        async with self._changing:
            self._check_changeable()
            self._check_room(self.accesses, subject)
            self._keep({"subject": subject, "mode": access})
            self.accesses.set(subject, access)

    def replay(self) -> None:
        """Take in what the folder keeps. Raises FolderUnusable."""
        for place, change in self._folder.changes() if self._folder else ():
            try:
                self._take_in(change)
            except (Refusal, UnusableSchema, LookupError, ValueError, TypeError) as error:
                raise FolderUnusable(f"{place} cannot be taken in: {error}. Take the line out.") from error

    def _take_in(self, change: dict[str, Any]) -> None:
        subject = change["subject"]
        if "schema" in change:
            document = load(change["schema"])
            text, content = change["schema"], canonical(document)
            version = int(change["version"])
            if version != self.catalogue.next_version(subject):
                raise ValueError(f"version {version} is not one more than the previous of {subject}")
            self.catalogue.add(
                self.catalogue.prepare(valid_subject(subject), version, text, content, document)
            )
        elif "level" in change:
            self.levels.set(subject, Mode(change["level"]) if change["level"] else None)
        else:
            self.accesses.set(subject, Access(change["mode"]) if change["mode"] else None)

    def _keep(self, change: dict[str, Any]) -> None:
        # Not in a thread: a request that is timed out then would be kept, and not be known here.
        if self._folder is not None:
            self._folder.append(change)

    def _check_writable(self, subject: str | None) -> None:
        self._check_changeable()
        if self.accesses.effective(subject) is Access.READONLY:
            whole = "The registry" if subject is None else f"Subject {subject}"
            raise not_permitted(f"{whole} is in read-only mode")

    def _check_changeable(self) -> None:
        if self._folder is None:
            raise not_permitted(PUBLISHED_IS_REVIEWED)

    @staticmethod
    def _check_room(settings: Scoped[Any], subject: str | None) -> None:
        if len(settings) >= SETTINGS_LIMIT and (subject is not None and settings.own(subject) is None):
            raise not_permitted(f"There are {SETTINGS_LIMIT:,} settings of single subjects already.")


def published(source: Published | None = None) -> SchemaRegistry:
    """The schemas in `schemas/registry`, read-only. Raises UnusableSchema, Refusal when ids collide."""
    registry = SchemaRegistry(Catalogue())
    registry.levels = Scoped(mode_of("*"))
    found = (source or Published()).published()
    for name in sorted(found, key=lambda name: (name.partition("/")[0], _number(name))):
        subject = name.partition("/")[0]
        document = load(found[name])
        registry.catalogue.add(
            registry.catalogue.prepare(subject, _number(name), found[name], canonical(document), document)
        )
        if mode_of(subject) is not mode_of("*"):
            registry.levels.set(subject, mode_of(subject))
    return registry


def told(violation: Violation) -> str:
    """One line for a person: against which version, where, and what it means."""
    difference = violation.difference
    place = f"{difference.kind} at {difference.pointer} against version {violation.version}"
    return f"{place}: {difference.sentence}"


def _number(name: str) -> int:
    return int(name.rpartition("/v")[2])
