"""Build the site of the documents.

Example: `python -m scripts.documents`, or `make docs`.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from scripts.documents.npm import Failed, NodeMissing

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "documents"  # what the site is made of; may be thrown away
WRONG = 2


def command(
    output: Annotated[Path, typer.Option("--output", help="The folder of the site.")] = ROOT / "site",
    without_node: Annotated[
        bool,
        typer.Option("--without-node", help="Without diagrams, and without the viewers of both documents."),
    ] = False,
) -> None:
    """Build README, architecture, events, topics, settings, AsyncAPI, OpenAPI, runbooks and decisions into
    one static site that needs no network. A broken link or a document that is not valid fails it.

    Example: `python -m scripts.documents --output /tmp/site`
    """
    if find_spec("mkdocs") is None:
        _fail("mkdocs is not installed: `make docs` installs it with the rest of requirements/dev.txt.")
    from scripts.documents.site import build  # imports every domain

    try:
        remarks = build(ROOT, WORK, output, with_node=not without_node)
    except (NodeMissing, Failed) as error:
        _fail(str(error))
    for remark in remarks:
        typer.echo(f"AsyncAPI {remark['severity']}: {remark['place']}: {remark['message']}")
    pages = len([*output.rglob("*.html")])
    typer.echo(f"{pages} pages in {output}. To read them: python3 -m http.server -b 127.0.0.1 -d {output}")


def _fail(message: str) -> None:
    typer.echo(f"Error: {message}", err=True)
    sys.exit(WRONG)


if __name__ == "__main__":
    typer.run(command)
