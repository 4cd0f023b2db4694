"""Publishes event models as JSON Schemas: `registry/<subject>/v<N>.json`, written once and never changed.

A file in `registry/` is a promise to whoever reads our topics. `registry/SHA256SUMS` lists each of them with
its checksum; a test compares both with the models. `examples/<subject>/v<N>/` shows what a record's value
looks like (see schemas/instances.py), and proves that the readers of the version before can read it.
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
from schemas.instances import Instances, unreadable
from schemas.model import EventData, event_types

DIALECT = "https://json-schema.org/draft/2020-12/schema"
HERE = Path(__file__).parent
SUMS = "SHA256SUMS"
WORDS = ("title", "description", "examples")  # of a schema: they may be bettered in the code at any time
# Published before the tag of a union was required: these say less than their readers ask for, and for ever,
# since requiring it in a later version would break the reading of the earlier ones. Every writer writes it.
UNTAGGED = frozenset(
    {
        "conversation.turn_routed", "conversation.unclaimed", "wallet.linked", "whatsapp.send_message",
    }
)  # fmt: skip


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


def schema_of(model: type[EventData]) -> dict[str, Any]:
    """The JSON Schema that a model makes, without examples."""
    head = {"$schema": DIALECT, "$id": f"urn:easymo:schema:{model.subject()}:{model.version()}"}
    schema = head | model.model_json_schema()
    if model.subject() not in UNTAGGED:
        _require_tags(schema, schema.get("$defs", {}))
    return schema


def _require_tags(said: Any, definitions: dict[str, Any]) -> None:
    """Pydantic's schemas have the tag of a union as a default; its readers refuse a value without it."""
    for one in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        _require_tags(one, definitions)
    if isinstance(said, dict) and isinstance(said.get("discriminator"), dict):
        tag = said["discriminator"]["propertyName"]
        for reference in said["discriminator"]["mapping"].values():
            member = definitions[reference.rpartition("/")[2]]
            member["required"] = list(dict.fromkeys((*member.get("required", ()), tag)))


def render(model: type[EventData], examples: Iterable[bytes] = ()) -> str:
    """The JSON Schema of a model as it is published. The same model and examples give the same text."""
    schema = schema_of(model)
    if shown := [json.loads(example) for example in examples]:
        schema["examples"] = shown
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


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
        self.instances = Instances(examples)
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

    def examples_of(self, name: str) -> dict[str, bytes]:
        """The examples of `<subject>/<version>` by their names, the typical one first."""
        return self.instances.accepted(name)

    def example(self, name: str) -> bytes | None:
        """The typical example of `<subject>/<version>`, or None when there is none."""
        return next(iter(self.examples_of(name).values()), None)

    def text_of(self, name: str) -> str:
        """The schema of `<subject>/<version>`: as published, or as it would be."""
        path = self.path(name)
        if path.exists():
            return path.read_text(encoding="utf-8")
        return render(self.models[name], self.examples_of(name).values())

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
        from schemas import near_misses
        from schemas.compatibility import succession

        broken = succession.problems(entry.name, render(entry.model), self._beside(entry))
        if broken:
            return broken
        schema, examples = schema_of(entry.model), self.examples_of(entry.name)
        found = self.instances.problems(entry.model, schema) + unsaid(entry.model)
        found += near_misses.problems(entry.model, schema, examples.values()) if examples else []
        number = entry.model.version_number()
        if number > 1:
            before = self.models.get(f"{entry.model.subject()}/v{number - 1}")
            if before is None:
                return [
                    f"{entry.name}: the model of v{number - 1} is gone, so nobody can tell what it reads."
                ]
            found += [
                f"The example {title} of {entry.name} cannot be read by {before.version()}: {problem}."
                for title, example in examples.items()
                if (problem := unreadable(before, example))
            ]
        return found

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
        breaks the subject's mode, has no example, has a property without description, has an example that
        the version before cannot read, or a near miss that somebody accepts, written down or made.
        """
        problems = self.problems()
        if problems:
            raise NotPublishable("\n".join(problems))
        new = [entry for entry in self.entries() if entry.state is State.NEW]
        for entry in new:
            path = self.path(entry.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text_of(entry.name), encoding="utf-8")
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
    """A schema without its words, which may be bettered in the code at any time.

    `names`: the keys are names of properties or definitions, so that one called `title` is kept.
    """
    if isinstance(schema, list):
        return [meaning(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: meaning(value, names=not names and key in ("properties", "$defs"))
        for key, value in schema.items()
        if names or key not in WORDS
    }


def checksum(text: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def unsaid(model: type[EventData]) -> list[str]:
    """What a new version does not tell its readers: a description of itself, or of a property."""
    schema = model.model_json_schema()
    silent = [name for name, said in schema.get("properties", {}).items() if "description" not in said]
    found = [
        f"{model.dataschema()}: {name} has no description: say what it is, with its unit "
        f'(Field(description="…")).'
        for name in silent
    ]
    if "description" not in schema:
        found.append(f"{model.dataschema()} has no description: give {model.__name__} a docstring.")
    return found
