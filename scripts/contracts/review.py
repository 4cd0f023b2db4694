"""`easymo schemas review`: the change of schemas since a git revision, for people and for CI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BREAKING, NOT_REVIEWED = 1, 2


def review(
    base: Annotated[
        str | None, typer.Argument(help="A git revision; where this branch left main unless given.")
    ] = None,
    *,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Write Markdown there instead of printing it.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write one self-contained page there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of Markdown.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing where nothing breaks.")] = False,
) -> None:
    """Compare the published schemas, and models that are not published yet, with a git revision.

    Says of each event what has changed, whom it breaks, who writes and reads it, and what to do instead. On
    main itself it compares with the last commit, or with the one before where nothing is uncommitted. Exit
    codes: 0 nothing breaks, 1 somebody cannot read on, 2 there is nothing to compare with. Outside a git
    checkout there is no history: that is said, and is no error.

    Examples:

    `easymo schemas review`

    `easymo schemas review v0.1.0 --html review.html`
    """
    # Late: models, templates and the comparison are wanted here alone.
    from schemas.publishing import Registry
    from scripts.review import before, page
    from scripts.review.changes import Change
    from scripts.review.changes import review as compare

    try:
        revision = before.base_revision(base)
        was = before.schemas_of(revision)
    except before.NoCheckout as error:
        typer.echo(
            f"Schemas not reviewed: {error} `easymo schemas check` compares versions without it.", err=True
        )
        if base is not None:
            raise typer.Exit(NOT_REVIEWED) from None
        return
    except before.CannotReview as error:
        typer.echo(f"Schemas not reviewed: {error}", err=True)
        raise typer.Exit(NOT_REVIEWED) from None
    from schemas.compatibility import mode_of

    registry = Registry()
    now = registry.published()
    unpublished = {name: registry.text_of(name) for name in registry.models.keys() - now.keys()}
    found = compare(revision, was, now, unpublished, mode_of)

    def examples(change: Change) -> tuple[str | None, str | None]:
        example = registry.example(change.name) if change.after is not None else None
        old = before.example_of(revision, change.before_name) if change.before_name else None
        return old, example.decode() if example else None

    changes = page.shown(found, examples) if found.changes else []
    if html is not None:
        html.write_text(page.html(found, changes), encoding="utf-8")
        typer.echo(f"wrote {html}", err=True)
    text = page.as_json(found, changes) if as_json else page.markdown(found, changes)
    if markdown is not None:
        markdown.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {markdown}", err=True)
    elif not quiet or found.breaking:
        typer.echo(text)
    if found.breaking:
        raise typer.Exit(BREAKING)
