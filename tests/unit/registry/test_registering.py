"""Registering while a comparison takes long: others do not wait, and what has changed is compared again."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.registry import registry as module
from infra.registry.catalogue import Catalogue, Registered
from infra.registry.folder import Folder
from infra.registry.refusals import Refusal
from infra.registry.registry import SchemaRegistry
from infra.registry.requests import Proposed, proposed
from schemas.compatibility import Mode, Schema, Violation, check

SECONDS_LIMIT = 10.0


def a_proposal(**properties: str) -> Proposed:
    document = {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}
    return proposed(
        json.dumps({"schemaType": "JSON", "schema": json.dumps(document)}).encode(), normalize=False
    )


class Slow:
    """A comparison that waits to be let go where the schema has a property `slow`."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.go_on = threading.Event()
        self.against: list[list[int]] = []
        self._loop = asyncio.get_running_loop()

    def __call__(
        self, new: Schema, versions: Mapping[int, Schema], mode: Mode, **limits: Any
    ) -> list[Violation]:
        if isinstance(new, dict) and "slow" in new["properties"]:
            self.against.append(sorted(versions))
            self._loop.call_soon_threadsafe(self.entered.set)
            assert self.go_on.wait(SECONDS_LIMIT)
        return check(new, versions, mode, **limits)


@asynccontextmanager
async def comparing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[SchemaRegistry, Slow, asyncio.Task[Registered]]]:
    """A registry with one version of `a`, and a second one that is being compared with it."""
    slow = Slow()
    monkeypatch.setattr(module, "check", slow)
    with Folder(folder) as kept:
        registry = SchemaRegistry(Catalogue(), folder=kept)
        await registry.register("a", a_proposal(n="string"))
        waiting = asyncio.create_task(registry.register("a", a_proposal(n="string", slow="string")))
        async with asyncio.timeout(SECONDS_LIMIT):
            await slow.entered.wait()
            yield registry, slow, waiting


async def test_who_registers_waits_for_nobody_elses_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with comparing(tmp_path, monkeypatch) as (registry, slow, waiting):
        assert (await registry.register("b", a_proposal(n="string"))).version == 1
        await registry.set_level("c", Mode.NONE)
        slow.go_on.set()
        assert (await waiting).version == 2


async def test_what_was_compared_with_an_older_version_is_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with comparing(tmp_path, monkeypatch) as (registry, slow, waiting):
        await registry.register("a", a_proposal(n="string", x="string"))
        await registry.register("a", a_proposal(n="string", y="string"))
        slow.go_on.set()
        assert (await waiting).version == 4
    assert slow.against == [[1], [1, 2, 3]]


async def test_what_another_one_made_incompatible_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with comparing(tmp_path, monkeypatch) as (registry, slow, waiting):
        await registry.register("a", a_proposal(n="string", other="string"))
        await registry.set_level("a", Mode.NONE)
        await registry.register("a", a_proposal(n="integer"))
        await registry.set_level("a", None)
        slow.go_on.set()
        with pytest.raises(Refusal, match="incompatible") as refused:
            await waiting
    assert refused.value.code == 40901
