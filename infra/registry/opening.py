"""Opens the registry that is to be served: what is published, or what a folder keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.registry.catalogue import Catalogue
from infra.registry.folder import Folder
from infra.registry.registry import SchemaRegistry, published


@contextmanager
def opened(writable: Path | None) -> Iterator[SchemaRegistry]:
    """The registry, while inside. Raises FolderUnusable, and UnusableSchema for what is published."""
    if writable is None:
        yield published()
        return
    with Folder(writable) as folder:
        registry = SchemaRegistry(Catalogue(), folder=folder)
        registry.replay()
        yield registry
