"""The schemas of one registry in memory: subjects, their versions, and the ids of what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra.registry.identity import schema_guid, schema_id
from infra.registry.refusals import (
    invalid_schema,
    not_permitted,
    schema_not_found,
    subject_not_found,
    version_not_found,
)
from schemas.compatibility import Schema

SCHEMAS_LIMIT = 10_000  # versions of all subjects; Confluent's cloud allows 20,000
TEXT_BYTES_LIMIT = 64 * 1024 * 1024  # of all of them


@dataclass(frozen=True, slots=True)
class Registered:
    """One version of one subject: its text as it was registered, and what that parses to."""

    subject: str
    version: int
    id: int
    guid: str
    text: str
    content: str
    document: Schema


class Catalogue:
    """Versions by subject and by id. Only ever added to."""

    def __init__(
        self,
        *,
        schemas_limit: int = SCHEMAS_LIMIT,
        text_bytes_limit: int = TEXT_BYTES_LIMIT,
        identify: Callable[[str], int] = schema_id,
    ) -> None:
        """`identify` gives canonical content its id; tests let two contents collide by it."""
        self._subjects: dict[str, dict[int, Registered]] = {}
        self._ids: dict[int, list[Registered]] = {}
        self._guids: dict[str, Registered] = {}
        self._schemas_limit = schemas_limit
        self._text_bytes_left = text_bytes_limit
        self._identify = identify
        self._count = 0

    def __len__(self) -> int:
        """How many versions there are, of all subjects."""
        return self._count

    def __contains__(self, subject: str) -> bool:
        return subject in self._subjects

    def subjects(self) -> list[str]:
        """All subjects, sorted."""
        return sorted(self._subjects)

    def versions(self, subject: str) -> dict[int, Registered]:
        """All versions of a subject, the oldest first. Raises Refusal (40401)."""
        if subject not in self._subjects:
            raise subject_not_found(subject)
        return self._subjects[subject]

    def get(self, subject: str, version: int | None) -> Registered:
        """One version, by default the latest. Raises Refusal (40401, 40402)."""
        versions = self.versions(subject)
        if version is None:
            return versions[max(versions)]
        if version not in versions:
            raise version_not_found(version)
        return versions[version]

    def find(self, subject: str, content: str) -> Registered | None:
        """The version of a subject that says this; canonical content."""
        versions = self._subjects.get(subject, {}).values()
        return next((each for each in versions if each.content == content), None)

    def of_id(self, number: int) -> list[Registered]:
        """Every version that has this id, by subject; they all say the same. Raises Refusal (40403)."""
        if number not in self._ids:
            raise schema_not_found(str(number))
        return sorted(self._ids[number], key=lambda each: (each.subject, each.version))

    def of_guid(self, guid: str) -> Registered:
        """A version that has this GUID; all that have it say the same. Raises Refusal (40403)."""
        if guid not in self._guids:
            raise schema_not_found(guid[:40])
        return self._guids[guid]

    def next_version(self, subject: str) -> int:
        """The number that a new version of the subject gets."""
        return max(self._subjects.get(subject, {}), default=0) + 1

    def prepare(self, subject: str, version: int, text: str, content: str, document: Schema) -> Registered:
        """A version as it would be taken in by `add`; so that it can be kept elsewhere before it is seen.

        Raises Refusal: 42205 when the registry is full, 42201 when another content has the same id.
        """
        self._check_room(len(text.encode()))
        number = self._identify(content)
        same_id = self._ids.get(number, [])
        if same_id and same_id[0].content != content:
            other = same_id[0]
            raise invalid_schema(
                f"its id would be {number}, which is version {other.version} of {other.subject}; "
                "ids are hashes of what a schema says, so change a word of its description."
            )
        return Registered(subject, version, number, schema_guid(content), text, content, document)

    def add(self, registered: Registered) -> None:
        """Take in what `prepare` made."""
        self._ids.setdefault(registered.id, []).append(registered)
        self._guids.setdefault(registered.guid, registered)
        self._subjects.setdefault(registered.subject, {})[registered.version] = registered
        self._text_bytes_left -= len(registered.text.encode())
        self._count += 1

    def _check_room(self, text_bytes: int) -> None:
        if self._count >= self._schemas_limit or text_bytes > self._text_bytes_left:
            raise not_permitted(f"This registry is full: it holds {self._count:,} schemas and takes no more.")
