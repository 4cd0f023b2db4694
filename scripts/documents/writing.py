"""How a command writes a document: JSON or YAML, to the terminal or into a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON; so it does unless told otherwise.")]
AsYaml = Annotated[bool, typer.Option("--yaml", help="Write YAML; needs PyYAML.")]
OutputFile = Annotated[
    Path | None, typer.Option("--output", help="The file to write, instead of printing.", dir_okay=False)
]


class NotWritten(Exception):
    """A document could not be written; the message says why, and what to do."""


def write(document: Any, *, as_json: bool, as_yaml: bool, output: Path | None) -> None:
    """Print a document, or write it into a file; the same document gives the same text.

    Raises NotWritten.
    """
    if as_json and as_yaml:
        raise NotWritten("Give --json or --yaml, not both.")
    text = to_yaml(document) if as_yaml else to_json(document)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotWritten(
            f"Cannot write {output}: {error.strerror}. Give --output a file in a folder that is there."
        ) from error
    typer.echo(f"wrote {output}", err=True)


def to_json(document: Any) -> str:
    """In the document's own order, which is meant for people."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def to_yaml(document: Any) -> str:
    """The same as YAML. Raises NotWritten where PyYAML is not installed."""
    try:
        import yaml  # type: ignore[import-untyped]  # a development dependency: JSON is YAML, too
    except ImportError:
        raise NotWritten(
            "--yaml needs PyYAML, which is not installed: pip install pyyaml. Or leave it out: every JSON "
            "document is YAML."
        ) from None

    class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # untyped
        """Texts of several lines as people would write them."""

    def shown(dumper: Any, text: str) -> Any:
        style = "|" if "\n" in text else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, shown)
    rendered: str = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
    return rendered
