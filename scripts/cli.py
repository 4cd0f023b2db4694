"""The `easymo` command: finds the commands beside this file and imports only the one that is asked for."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from scripts.mistakes import explain

FOLDER = Path(__file__).parent
WRONG = 2  # exit code of what the caller can mend
INTERRUPTED = 130
INTRODUCTION = """\
EasyMO: a super-app inside WhatsApp, on Kafka and PostgreSQL.

`easymo up` starts everything on this machine, with stand-ins for Meta; `easymo demo` plays a
conversation through it. Settings come from the environment (`EASYMO_…`); `easymo env` prints those of
the running stack.
"""


class Commands(TyperGroup):
    """One command for each module here that exports `command` (a function) or `app` (a typer.Typer).

    A module's docstring is its help; underscores become dashes. Async functions run on uvloop.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in alphabetical order."""
        return sorted(_documented())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What the overview shows of a command, read from its file without running it."""
        docstring = _documented().get(cmd_name)
        return None if docstring is None else TyperCommand(cmd_name, help=docstring.partition("\n")[0])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is about to run: only now its module is imported."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else load(name), rest


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit. What the caller can mend is one clear line, not a traceback."""
    # Progress and addresses are for people who may wait at a pipe: lines leave at once.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
    try:
        app(arguments, prog_name="easymo")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)  # whoever read has seen enough
    except Exception as error:
        line = explain(error)
        if line is None:
            raise
        _tell(line)
        sys.exit(WRONG)


def load(name: str) -> Any:
    """The click command of a module in this folder. Raises ImportError as the module does."""
    module = importlib.import_module(f"scripts.{name.replace('-', '_')}")
    if isinstance(getattr(module, "app", None), typer.Typer):
        group: typer.Typer = module.app
        group.info.help = group.info.help or inspect.getdoc(module)
        group.info.epilog = _example(module, beside=group.info.help)
    else:
        group = typer.Typer()
        description = inspect.getdoc(module.command) or inspect.getdoc(module)
        example = _example(module, beside=description)
        group.command(name, help=description, epilog=example)(_run_to_the_end(module.command))
    group.pretty_exceptions_enable = False  # it shows local variables, and those hold secrets
    group._add_completion = False
    group.rich_markup_mode = "markdown"
    group.info.context_settings = app.info.context_settings
    loaded = typer.main.get_command(group)
    loaded.name = name
    return loaded


def _example(module: ModuleType, *, beside: str | None) -> str | None:
    """The paragraph of the module's docstring that shows how it is used, unless the help has it already."""
    found = [part for part in (inspect.getdoc(module) or "").split("\n\n") if part.startswith("Example")]
    return found[0] if found and found[0] not in (beside or "") else None


def _run_to_the_end(function: Callable[..., Any]) -> Callable[..., Any]:
    if not inspect.iscoroutinefunction(function):
        return function

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if sys.platform == "win32":
            return asyncio.run(function(*args, **kwargs))
        import uvloop

        return uvloop.run(function(*args, **kwargs))

    return run


def _documented() -> dict[str, str]:
    """Docstrings by command name; modules that export no command are left out."""
    found: dict[str, str] = {}
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_bytes())
        if _exported(tree) & {"command", "app"} and path != Path(__file__):
            found[path.stem.replace("_", "-")] = ast.get_docstring(tree) or ""
    return found


def _exported(tree: ast.Module) -> set[str]:
    """Names that a module binds at its top level by `def` or `=`."""
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _tell(line: str) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True)
    console.print(Text.assemble(("Error: ", "bold red"), line))


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"easymo {version('easymo')}")
        except PackageNotFoundError:
            typer.echo("easymo, run from a checkout that is not installed")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    help=INTRODUCTION,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show it."),
) -> None:
    """Options of `easymo` itself."""


if __name__ == "__main__":
    main()
