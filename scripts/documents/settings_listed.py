"""The settings as people read them: by section, from the source of infra/settings.py."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass, field

from pydantic import SecretStr

from infra.settings import Settings, environment_name


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str  # EASYMO_…
    says: str
    default: str  # empty: none
    secret: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that belong together, and what stands above them."""

    title: str
    says: str
    settings: list[Setting] = field(default_factory=list)


def sections() -> list[Section]:
    """Every setting, in the order of the source.

    A comment above a setting begins a section: its first sentence is the title. The text below a setting is
    what people are to know; a test sees to it that each has one.
    """
    source = textwrap.dedent(inspect.getsource(Settings))
    lines = source.splitlines()
    (body,) = [node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    found: list[Section] = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        name = node.target.id
        if name not in Settings.model_fields:
            continue
        if heading := _comment_above(lines, node.lineno):
            title, _, rest = heading.partition(". ")
            found.append(Section(title.rstrip("."), rest))
        found[-1].settings.append(_setting(name, _text(after)))
    return found


def _text(node: ast.stmt | None) -> str:
    """The text that a statement is; empty where it is none."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""


def _comment_above(lines: list[str], line: int) -> str:
    """The comment that ends on the line before (numbered from 1), as one text."""
    comment: list[str] = []
    for text in reversed(lines[: line - 1]):
        if not text.strip().startswith("#"):
            break
        comment.insert(0, text.strip().lstrip("# "))
    return " ".join(comment)


def _setting(name: str, says: str) -> Setting:
    declared = Settings.model_fields[name]
    default = declared.default
    shown = "" if default in (None, "") else str(default)
    return Setting(environment_name(name), says, shown, SecretStr in _types(declared.annotation))


def _types(annotation: object) -> tuple[object, ...]:
    return (annotation, *getattr(annotation, "__args__", ()))
