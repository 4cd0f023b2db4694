"""Examples and near misses of each version: values that its model and its schema both accept, or both refuse.

`examples/<subject>/v<N>/*.json` are what a record's value looks like; `typical.json` is shown first.
`examples/<subject>/v<N>/refused/*.json` are near misses: the name of the file is the reason. Those that
follow from the schema's own keywords are not written down: schemas/near_misses.py makes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.envelope import MalformedEvent
from schemas.model import EventData

if TYPE_CHECKING:
    import jsonschema_rs

TYPICAL = "typical"
REFUSED = "refused"


class Instances:
    """The examples in a folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds a folder a subject."""
        self.folder = folder

    def accepted(self, name: str) -> dict[str, bytes]:
        """The examples of `<subject>/<version>` by their file's name, the typical one first."""
        found = _files(self.folder / name)
        return dict(sorted(found.items(), key=lambda item: (item[0] != TYPICAL, item[0])))

    def refused(self, name: str) -> dict[str, bytes]:
        """The near misses of `<subject>/<version>`, by their reason."""
        return _files(self.folder / name / REFUSED)

    def problems(self, model: type[EventData], schema: dict[str, Any]) -> list[str]:
        """Where the model, or its schema, takes an example or a near miss otherwise than it should."""
        name = model.dataschema()
        accepted, refused = self.accepted(name), self.refused(name)
        place = self.folder / name
        if not accepted:
            return [f"{name} has no example: write {place / TYPICAL}.json."]
        found = []
        for title, value in accepted.items():
            for by, why in _verdicts(model, schema, value):
                if why is not None:
                    found.append(f"The example {place / title}.json is refused by {by}: {why}.")
        for title, value in refused.items():
            for by, why in _verdicts(model, schema, value):
                if why is None:
                    found.append(f"The near miss {place / REFUSED / title}.json is accepted by {by}.")
        return found


def _files(folder: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.json"))}


def _verdicts(
    model: type[EventData], schema: dict[str, Any], value: bytes
) -> Iterator[tuple[str, str | None]]:
    yield f"the model {model.__name__}", unreadable(model, value)
    yield "its schema", invalid(schema, value)


def unreadable(model: type[EventData], value: bytes) -> str | None:
    """Why a model cannot read a value, or None when it can."""
    try:
        model.read(value)
    except MalformedEvent as error:
        return str(error)
    return None


def invalid(schema: dict[str, Any], value: bytes) -> str | None:
    """Why a value does not fit a schema, formats included, or None when it does."""
    try:
        instance = json.loads(value)
    except ValueError:
        return "it is not JSON"
    error = next(iter(validator(schema).iter_errors(instance)), None)
    if error is None:
        return None
    where = "/".join(str(part) for part in error.instance_path)
    return f"{'/' + where if where else 'the value'}: {error.message}"


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A compiled schema that also checks formats, which the standard leaves to whoever validates."""
    import jsonschema_rs  # late: a consumer looks models up beside it, and validates by them alone

    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
