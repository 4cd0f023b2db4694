"""What every event model is: frozen, named, versioned, and tolerant of fields it does not know."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.envelope import MalformedEvent


class EventData(BaseModel):
    """The JSON in a record's value.

    A subclass names its `event_type` (`<domain>.<past tense or imperative>.v<N>`); the subject under which
    its JSON Schema is published is that name without the version. Readers ignore fields that they do not
    know, so that a newer writer can be read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_type: ClassVar[str] = ""

    @classmethod
    def subject(cls) -> str:
        """The registry's folder: the type without its version."""
        return cls.event_type.rpartition(".v")[0]

    @classmethod
    def version(cls) -> str:
        """`v1`, `v2`, …"""
        return "v" + cls.event_type.rpartition(".v")[2]

    @classmethod
    def version_number(cls) -> int:
        """1, 2, …"""
        return int(cls.event_type.rpartition(".v")[2])

    @classmethod
    def dataschema(cls) -> str:
        """What `ce_dataschema` says: `<subject>/<version>`."""
        return f"{cls.subject()}/{cls.version()}"

    @classmethod
    def read(cls, value: bytes | None) -> Self:
        """Parse and validate a record's value. Raises MalformedEvent naming the places that do not fit."""
        if value is None:
            raise MalformedEvent("the record has no value")
        try:
            return cls.model_validate_json(value, strict=True)
        except ValidationError as error:
            # The input is left out: it may hold what no log line may.
            places = [
                f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['msg']}"
                for e in error.errors(include_input=False, include_url=False)[:5]
            ]
            raise MalformedEvent(f"{cls.event_type}: {'; '.join(places)}") from None

    def write(self) -> bytes:
        """The record's value: compact JSON, without the fields that are None."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)


def event_types(*modules: Any) -> dict[str, type[EventData]]:
    """Every event model defined in the given modules, by event type."""
    found: dict[str, type[EventData]] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, EventData) and value.event_type:
                found[value.event_type] = value
    return found
