"""The pages that people wrote, in the Markdown that the site's generator reads."""

from __future__ import annotations

import re
from pathlib import Path

ROOT_PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
FOLDERS = ("infra/decisions", "infra/deploy/runbooks")

_ITEM = re.compile(r"^( *)([-*]|\d+\.) ")
_TABLE = re.compile(r"^ *\|")
_UPRIGHT = re.compile(r"^flowchart LR$")  # GitHub shows them as wide as a screen; a column is narrow
_FENCE = re.compile(r"^ *```")


def pages(root: Path) -> list[str]:
    """Their paths in the checkout; on the site they have the same, so that their links hold."""
    found = [name for name in ROOT_PAGES if (root / name).exists()]
    for folder in FOLDERS:
        found += [f"{folder}/{path.name}" for path in sorted((root / folder).glob("*.md"))]
    return found


def title_of(text: str) -> str:
    """The first heading, without marks."""
    for line in text.splitlines():
        if line.startswith("# "):
            return line.removeprefix("# ").replace("`", "")
    return ""


def for_the_site(text: str) -> str:
    """GitHub's Markdown as Python-Markdown reads it: a list or table begins after an empty line, and what
    stands within a list is indented by four."""
    lines: list[str] = []
    fenced = False
    within: list[int] = []  # the indents of the items around
    for source in text.splitlines():
        line = source
        if _FENCE.match(line):
            fenced = not fenced
        line = _UPRIGHT.sub("flowchart TB", line) if fenced else line
        item = None if fenced else _ITEM.match(line)
        before = lines[-1] if lines else ""
        if not fenced and _begins(line, item, before, within):
            lines.append("")
        if item is not None:
            indent = len(item[1])
            within = [*(other for other in within if other < indent), indent]
            lines.append("    " * (len(within) - 1) + line.lstrip())
            continue
        if line and not line.startswith(" ") and not fenced:
            within = []
        lines.append(line)
    return "\n".join(lines) + "\n"


def _begins(line: str, item: re.Match[str] | None, before: str, within: list[int]) -> bool:
    """Whether a list or a table begins here, right below a paragraph."""
    if not before or within:
        return False
    if item is not None:
        return True
    return _TABLE.match(line) is not None and _TABLE.match(before) is None
