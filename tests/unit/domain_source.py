"""What the source of a domain says: its modules, its sentences, and where they are used as titles."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType

import consumers
from consumers.domain import Domain, MenuRow
from consumers.replies import Button, Buttons, Link, Menu, Row
from consumers.texts import Catalogue, Text

HERE = Path(consumers.__file__).parent

# WhatsApp's limits, in characters: facts/whatsapp.md.
LIMITS: dict[object, dict[str, int]] = {
    Button: {"title": 20},
    Row: {"title": 24, "description": 72},
    MenuRow: {"title": 24, "description": 72},
    Menu: {"button": 20, "header": 60, "footer": 60},
    Buttons: {"footer": 60},
    Link: {"label": 20},
}


@dataclass(frozen=True)
class Source:
    """One module of a domain, imported and parsed."""

    module: ModuleType
    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its path within consumers/."""
        return str(self.path.relative_to(HERE))

    def value(self, node: ast.expr) -> object:
        """What a name, or a name's attribute, stands for at the module's level; None if that is unknown."""
        if isinstance(node, ast.Name):
            return getattr(self.module, node.id, None)
        if isinstance(node, ast.Attribute):
            return getattr(self.value(node.value), node.attr, None)
        return None

    def calls(self, within: ast.AST | None = None) -> Iterator[ast.Call]:
        """Every call in the module, or in a part of it."""
        return (node for node in ast.walk(within or self.tree) if isinstance(node, ast.Call))


def sources(domain: str) -> list[Source]:
    """Every module of a domain. Importing a `flows` first settles the order in which handlers register."""
    importlib.import_module(f"consumers.{domain}.flows")
    found = []
    for path in sorted((HERE / domain).rglob("*.py")):
        parts = path.relative_to(HERE.parent).with_suffix("").parts
        module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
        found.append(Source(module, path, ast.parse(path.read_text(encoding="utf-8"))))
    return found


def sentences(source: Source, within: ast.AST | None = None) -> Iterator[tuple[Catalogue, str]]:
    """Every sentence that is given to a catalogue. Fails where it is not written out."""
    for call in source.calls(within):
        catalogue = source.value(call.func)
        if isinstance(catalogue, Catalogue):
            msgid = call.args[0] if call.args else None
            where = f"{source.name}:{call.lineno}: the sentence must be written out"
            assert isinstance(msgid, ast.Constant), where
            assert isinstance(msgid.value, str), where
            yield catalogue, msgid.value


def titles(source: Source, of: Mapping[str, Source]) -> Iterator[tuple[int, int, Catalogue, str]]:
    """(line, limit, catalogue, sentence) for what is used where WhatsApp has a limit.

    `of`: the domain's sources by module name. What is chosen at run time is not followed; constants called
    `…_ROWS` and functions called `…_button` and `…_row` are taken at their word.
    """
    for call in source.calls():
        callee = source.value(call.func)
        for name, limit in _limits_of(callee).items():
            argument = _argument(call, callee, name)
            if argument is not None:
                for catalogue, msgid in _said_by(source, argument, of):
                    yield call.lineno, limit, catalogue, msgid
    for node in source.tree.body:
        named_limit = _limit_by_name(node)
        if named_limit is not None:
            for catalogue, msgid in sentences(source, node):
                yield node.lineno, named_limit, catalogue, msgid


def _limit_by_name(node: ast.stmt) -> int | None:
    if isinstance(node, ast.FunctionDef):
        return {"button": 20, "row": 24}.get(node.name.rpartition("_")[2])
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return 24 if node.target.id.endswith("_ROWS") else None
    return None


def _limits_of(callee: object) -> dict[str, int]:
    if isinstance(callee, type):
        return LIMITS.get(callee, {})
    if isinstance(callee, FunctionType):
        made = {"Button": Button, "Row": Row, "Menu": Menu}.get(str(callee.__annotations__.get("return")))
        return LIMITS[made] if made else {}
    return {}


def _argument(call: ast.Call, callee: object, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    assert callable(callee)
    names = list(inspect.signature(_as_callable(callee)).parameters)
    place = names.index(name) if name in names else len(call.args)
    before = call.args[: place + 1]
    starred = any(isinstance(argument, ast.Starred) for argument in before)
    return before[place] if place < len(before) and not starred else None


def _as_callable(value: object) -> Callable[..., object]:
    assert callable(value)
    return value


def _said_by(source: Source, node: ast.expr, of: Mapping[str, Source]) -> Iterator[tuple[Catalogue, str]]:
    """The sentences that an expression may stand for, as far as that can be told."""
    if isinstance(node, ast.IfExp):
        yield from _said_by(source, node.body, of)
        yield from _said_by(source, node.orelse, of)
    elif isinstance(node, ast.Call):
        function = source.value(node.func)
        if isinstance(function, FunctionType) and function.__module__ in of:
            home = of[function.__module__]
            for found in home.tree.body:
                if isinstance(found, ast.FunctionDef) and found.name == function.__name__:
                    yield from sentences(home, found)
    else:
        value = source.value(node.value if isinstance(node, ast.Subscript) else node)
        for one in value.values() if isinstance(value, Mapping) else [value]:
            if isinstance(one, Text):
                yield one.catalogue, one.msgid


def tapped(source: Source) -> Iterator[tuple[int, Domain, str]]:
    """(line, domain, action) for each id made by `Domain.tap` with an action that is written out."""
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "tap" and call.args:
            domain, action = source.value(call.func.value), call.args[0]
            if isinstance(domain, Domain) and isinstance(action, ast.Constant):
                yield call.lineno, domain, str(action.value)


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules that are imported when the module is run (not those for type checkers alone)."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)):
            waiting += [
                child for child in ast.walk(node) if child is not node and isinstance(child, ast.stmt)
            ]
