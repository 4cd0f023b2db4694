"""Which events a domain writes: read from its source, where an event is made."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from schemas.model import EventData

KIND = "ingress.update.Kind"  # what the ingress declares its events with
Models = Mapping[str, type[EventData]]  # by module and name, such as schemas.events.core.PersonSeen


def models_by_place(models: Iterable[type[EventData]]) -> Models:
    """Models by where they are defined."""
    return {f"{model.__module__}.{model.__qualname__}": model for model in models}


def written_in(place: Path, package: str, models: Models) -> set[type[EventData]]:
    """The models that the modules of a package (or one module) make."""
    found: set[type[EventData]] = set()
    for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
        parts = () if path == place else path.relative_to(place).with_suffix("").parts
        module = ".".join((package, *(part for part in parts if part != "__init__")))
        found |= written_by(ast.parse(path.read_bytes()), module, models)
    return found


def written_by(tree: ast.Module, module: str, models: Models) -> set[type[EventData]]:
    """The models that one module makes: it calls them, or has a table of what to make when."""
    names = dict(names_in(tree, module))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.add(_made_by(node.func, names, models))
            if place_of(node.func, names) == KIND:
                found |= {models.get(place_of(argument, names)) for argument in node.args}
        elif isinstance(node, ast.Dict):
            found |= {models.get(place_of(value, names)) for value in node.values}
    return {model for model in found if model is not None}


def _made_by(called: ast.expr, names: Mapping[str, str], models: Models) -> type[EventData] | None:
    model = models.get(place_of(called, names))
    if model is None and isinstance(called, ast.Attribute):
        owner = models.get(place_of(called.value, names))
        return owner if owner is not None and called.attr in vars(owner) else None
    return model


def place_of(expression: ast.expr, names: Mapping[str, str]) -> str:
    """The module and name that an expression of names and dots stands for; empty for any other."""
    if isinstance(expression, ast.Name):
        return names.get(expression.id, "")
    if isinstance(expression, ast.Attribute):
        return f"{place_of(expression.value, names)}.{expression.attr}"
    return ""


def names_in(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    """What the names of a module stand for: its own classes, and what it imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, f"{module}.{node.name}"
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
