"""Publishes event models as JSON Schemas: `registry/<subject>/v<N>.json`, written once and never changed.

A file in `registry/` is a promise to whoever reads our topics. `registry/SHA256SUMS` lists each of them with
its checksum; a test compares both with the models. `examples/<subject>/v<N>.json` shows what a record's value
looks like, and proves that the readers of the version before can read it.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas import events
from schemas.envelope import MalformedEvent
from schemas.model import EventData, event_types

DIALECT = "https://json-schema.org/draft/2020-12/schema"
HERE = Path(__file__).parent
SUMS = "SHA256SUMS"


class State(StrEnum):
    """Where a model stands against the registry."""

    NEW = "new"
    PUBLISHED = "published"
    CHANGED = "changed"  # the published file says something else: this needs a version of its own


class NotPublishable(Exception):
    """Nothing was published; the message lists what stands in the way, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one subject."""

    model: type[EventData]
    state: State

    @property
    def name(self) -> str:
        """`<subject>/<version>`, as in `ce_dataschema`."""
        return self.model.dataschema()


def event_models() -> dict[str, type[EventData]]:
    """Every event model in schemas/events, by event type."""
    names = sorted(module.name for module in pkgutil.iter_modules(events.__path__))
    return event_types(*(importlib.import_module(f"{events.__name__}.{name}") for name in names))


def render(model: type[EventData]) -> str:
    """The JSON Schema of a model as it is published. The same model gives the same text."""
    schema = model.model_json_schema()
    head = {"$schema": DIALECT, "$id": f"urn:easymo:schema:{model.subject()}:{model.version()}"}
    return json.dumps(head | schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class Registry:
    """The published schemas in a folder, against the models of this checkout."""

    def __init__(
        self,
        folder: Path = HERE / "registry",
        examples: Path = HERE / "examples",
        models: Iterable[type[EventData]] | None = None,
    ) -> None:
        """By default the committed folders and every model in schemas/events."""
        self.folder = folder
        self.examples = examples
        found = event_models().values() if models is None else models
        self.models = {model.dataschema(): model for model in found}

    def path(self, name: str) -> Path:
        """Of the file of `<subject>/<version>`."""
        return self.folder / f"{name}.json"

    def published(self) -> dict[str, str]:
        """The text of every published file, by `<subject>/<version>`."""
        return {
            f"{path.parent.name}/{path.stem}": path.read_text(encoding="utf-8")
            for path in sorted(self.folder.glob("*/v*.json"))
        }

    def entries(self) -> list[Entry]:
        """Every model with its state, by name."""
        return [Entry(self.models[name], self._state(name)) for name in sorted(self.models)]

    def _state(self, name: str) -> State:
        path = self.path(name)
        if not path.exists():
            return State.NEW
        there, here = json.loads(path.read_text(encoding="utf-8")), json.loads(render(self.models[name]))
        return State.PUBLISHED if meaning(there) == meaning(here) else State.CHANGED

    def example(self, name: str) -> bytes | None:
        """The example of `<subject>/<version>`, or None when there is none."""
        path = self.examples / f"{name}.json"
        return path.read_bytes() if path.exists() else None

    def problems(self) -> list[str]:
        """What stands in the way of publishing, in words."""
        found = []
        for entry in self.entries():
            if entry.state is State.CHANGED:
                found.append(
                    f"{entry.name} is published and says something else. Take the change back, or make it a "
                    f"new version: a new class with event_type '{entry.model.subject()}.v<N+1>'."
                )
            elif entry.state is State.NEW:
                found += self._problems_of_new(entry)
        return found

    def _problems_of_new(self, entry: Entry) -> list[str]:
        # Late: consumers look models up here and publish none, and the comparison loads a validator.
        from schemas.compatibility import succession

        broken = succession.problems(entry.name, render(entry.model), self._beside(entry))
        if broken:
            return broken
        example = self.example(entry.name)
        if example is None:
            return [f"{entry.name} has no example: write {self.examples / entry.name}.json."]
        readers = [entry.model]
        number = int(entry.model.version().removeprefix("v"))
        if number > 1:
            before = self.models.get(f"{entry.model.subject()}/v{number - 1}")
            if before is None:
                return [
                    f"{entry.name}: the model of v{number - 1} is gone, so nobody can tell what it reads."
                ]
            readers.append(before)
        return [
            f"The example of {entry.name} cannot be read by {reader.version()}: {problem}."
            for reader in readers
            if (problem := unreadable(reader, example))
        ]

    def _beside(self, entry: Entry) -> dict[str, str]:
        """The schemas of all other versions: as published, or as they are about to be."""
        models = {
            name: model for name, model in self.models.items() if model.subject() == entry.model.subject()
        }
        texts = {name: render(model) for name, model in models.items()} | self.published()
        return {name: text for name, text in texts.items() if name != entry.name}

    def publish(self) -> list[str]:
        """Write the files of all new versions, and return their names. All or nothing.

        Raises NotPublishable when a published version would change, and when a new one skips a version,
        breaks the subject's mode, has no example, or has one that the version before cannot read.
        """
        problems = self.problems()
        if problems:
            raise NotPublishable("\n".join(problems))
        new = [entry for entry in self.entries() if entry.state is State.NEW]
        for entry in new:
            path = self.path(entry.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(render(entry.model), encoding="utf-8")
        if new:
            self._write_sums()
        return [entry.name for entry in new]

    def sums(self) -> dict[str, str]:
        """The recorded checksum of every published file."""
        path = self.folder / SUMS
        if not path.exists():
            return {}
        lines = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())
        return {name.removesuffix(".json"): checksum for checksum, name in lines}

    def _write_sums(self) -> None:
        """What is recorded stays as it is, even if its file was tampered with."""
        sums = {name: checksum(text) for name, text in self.published().items()} | self.sums()
        lines = [f"{sums[name]}  {name}.json\n" for name in sorted(sums)]
        (self.folder / SUMS).write_text("".join(lines), encoding="utf-8")


def meaning(schema: Any, *, names: bool = False) -> Any:
    """A schema without its words (titles, descriptions), which may be bettered in the code at any time.

    `names`: the keys are names of properties or definitions, so that one called `title` is kept.
    """
    if isinstance(schema, list):
        return [meaning(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: meaning(value, names=not names and key in ("properties", "$defs"))
        for key, value in schema.items()
        if names or key not in ("title", "description")
    }


def checksum(text: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def unreadable(model: type[EventData], example: bytes) -> str | None:
    """Why a model cannot read an example, or None when it can."""
    try:
        model.read(example)
    except MalformedEvent as error:
        return str(error)
    return None
