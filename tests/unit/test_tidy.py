"""The rules of the house that no linter knows; CONTRIBUTING.md and STYLE explain them."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

from consumers import domain_names

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingress", "consumers", "schemas", "infra", "scripts")
FILE_LINES = 400
PRODUCT_FILE_LINES = 300
FUNCTION_LINES = 70
SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
READS_ENVIRONMENT = {"infra/settings.py"}
# An address of a package index in a tracked file would send everybody's downloads there.
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|repo1?\.maven\.|maven\.org|registry\.npmjs|index-url|extra-index|find-links",
    re.IGNORECASE,
)
MENTIONS_REGISTRY = {
    "tests/unit/test_tidy.py",
    "requirements/lock",  # asks uv to leave the address out
}
BINARY = {".png", ".jpg", ".ico", ".woff2", ".pdf", ".mo", ".gz"}
IMPURE_MODULES = {"random", "secrets", "time", "os", "socket", "subprocess", "asyncio", "pathlib"}
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4"}


@cache
def tracked() -> tuple[Path, ...]:
    """Files that git would commit: tracked ones and new ones that are not ignored.

    Without git, or in somebody else's checkout, everything outside hidden and built folders.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - fixed
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = (path for path in ROOT.rglob("*") if not _hidden_or_built(path.relative_to(ROOT).parts))
    else:
        found = (ROOT / line for line in listed.splitlines())
    return tuple(path for path in found if path.is_file())


def _hidden_or_built(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in {"build", "dist", "site", "__pycache__"} for part in parts)


def modules() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def product_modules() -> list[Path]:
    return [path for path in modules() if path.relative_to(ROOT).parts[0] in PACKAGES]


def rules_modules() -> list[Path]:
    """`rules.py`, and what lies in a folder `rules/`."""
    return [path for path in product_modules() if "rules" in {path.stem, path.parent.name}]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


def place(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.expr) -> str:
    """`os.environ` for that expression; empty for anything that is not names and dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def test_files_are_short() -> None:
    def limit(path: Path) -> int:
        return FILE_LINES if path.relative_to(ROOT).parts[0] == "tests" else PRODUCT_FILE_LINES

    long = [
        f"{place(path)} has {lines} lines"
        for path in modules()
        if (lines := len(path.read_text().splitlines())) > limit(path)
    ]
    assert long == []


def test_functions_are_short() -> None:
    long = [
        f"{place(path, node.lineno)} {node.name} has {lines} lines"
        for path in modules()
        for node in functions(path)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_names_say_what_a_module_is_about() -> None:
    vague = [
        place(path)
        for path in modules()
        if SAY_NOTHING & {path.stem, *path.relative_to(ROOT).parts, *path.stem.split("_")}
    ]
    assert vague == []


def test_each_module_says_in_its_first_line_what_it_is() -> None:
    silent = [
        place(path)
        for path in modules()
        if tree(path).body and not (ast.get_docstring(tree(path)) or "").partition("\n")[0].strip()
    ]
    assert silent == []


def test_settings_come_from_one_place() -> None:
    readers = [
        place(path, node.lineno)
        for path in product_modules()
        if str(path.relative_to(ROOT)) not in READS_ENVIRONMENT
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv", "os.environb"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and _imports(node, "environ", "getenv"))
    ]
    assert readers == []


def _imports(node: ast.ImportFrom, *names: str) -> bool:
    return any(alias.name in names for alias in node.names)


def test_tests_wait_for_conditions_not_for_time() -> None:
    """A sleep of fixed length is allowed inside a loop alone, between two looks at a condition."""
    asleep = [
        place(path, node.lineno)
        for path in modules()
        if path.relative_to(ROOT).parts[0] == "tests"
        for node in _outside_loops(tree(path))
        if isinstance(node, ast.Call)
        and dotted(node.func) in {"time.sleep", "asyncio.sleep"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value != 0  # gives way to other tasks, takes no time
    ]
    assert asleep == []


def _outside_loops(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.While | ast.For | ast.AsyncFor):
            yield child
            yield from _outside_loops(child)


def test_no_file_names_a_package_index() -> None:
    named = []
    for path in tracked():
        name = str(path.relative_to(ROOT))
        if path.suffix in BINARY or name in MENTIONS_REGISTRY:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if REGISTRY.search(line):
                named.append(f"{name}:{number}")
    assert named == []


def test_python_lives_in_the_five_packages_and_the_tests() -> None:
    allowed = {*PACKAGES, "tests"}
    assert [place(path) for path in modules() if path.relative_to(ROOT).parts[0] not in allowed] == []


def test_rules_have_no_clock_no_chance_and_no_input() -> None:
    impure = []
    for path in rules_modules():
        for node in ast.walk(tree(path)):
            names: set[str] = set()
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names} & IMPURE_MODULES
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]} & IMPURE_MODULES
            elif isinstance(node, ast.Call):
                names = {dotted(node.func).rpartition(".")[2]} & (IMPURE_CALLS | {"open", "print"})
            impure += [f"{place(path, getattr(node, 'lineno', 1))} {name}" for name in names]
    assert impure == []


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


@pytest.mark.parametrize("domain", domain_names())
def test_a_domain_stands_alone(domain: str) -> None:
    """It imports neither another domain nor the runtime, directly or by way of others."""
    graph = imports()
    foreign = [name for name in (*domain_names(), "runtime") if name != domain]
    reached = [
        " -> ".join(chain)
        for name in foreign
        for chain in graph.find_shortest_chains(f"consumers.{domain}", f"consumers.{name}")
    ]
    assert reached == []
