"""The review of schemas: what counts as a change, whom it breaks, and how it is shown."""

from __future__ import annotations

import json
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer

from schemas.compatibility import Mode
from scripts.contracts.review import review as command
from scripts.review import before, page
from scripts.review.changes import OTHERWISE, Change, Review, What, instead, review

TEXT = {"type": "string"}


def a_schema(required: tuple[str, ...] = ("person",), **properties: Any) -> str:
    said = {"type": "object", "properties": {"person": TEXT, **properties}, "required": list(required)}
    return json.dumps(said, indent=2)


ONE = a_schema()
WIDER = a_schema(note=TEXT)
NARROWER = a_schema(("person", "note"), note=TEXT)


def reviewed(
    was: dict[str, str], now: dict[str, str], unpublished: dict[str, str] | None = None
) -> dict[str, Change]:
    found = review("abc", was, now, unpublished or {}, lambda _: Mode.FULL_TRANSITIVE)
    return {change.name: change for change in found.changes}


def test_nothing_has_changed() -> None:
    assert reviewed({"jobs.posted/v1": ONE}, {"jobs.posted/v1": ONE}) == {}


@pytest.mark.parametrize(
    ("was", "now", "unpublished", "name", "expected"),
    [
        ({}, {"jobs.posted/v1": ONE}, {}, "jobs.posted/v1", (What.NEW_EVENT, False)),
        ({}, {}, {"jobs.posted/v1": ONE}, "jobs.posted/v1", (What.NEW_EVENT, False)),
        ({}, {"jobs.posted/v1": "{"}, {}, "jobs.posted/v1", (What.NEW_EVENT, True)),
        ({"jobs.posted/v1": ONE}, {"jobs.posted/v1": WIDER}, {}, "jobs.posted/v1", (What.ALTERED, True)),
        ({"jobs.posted/v1": ONE}, {}, {}, "jobs.posted/v1", (What.REMOVED, True)),
        ({"jobs.posted/v1": ONE}, {}, {"jobs.posted/v1": ONE}, "jobs.posted/v1", (What.REMOVED, True)),
        ({"j.p/v1": ONE}, {"j.p/v1": ONE, "j.p/v2": WIDER}, {}, "j.p/v2", (What.NEW_VERSION, False)),
        ({"j.p/v1": ONE}, {"j.p/v1": ONE}, {"j.p/v2": NARROWER}, "j.p/v2", (What.NEW_VERSION, True)),
    ],
)
def test_what_became_of_a_version(
    was: dict[str, str],
    now: dict[str, str],
    unpublished: dict[str, str],
    name: str,
    expected: tuple[What, bool],
) -> None:
    found = reviewed(was, now, unpublished)
    assert found.keys() == {name}
    assert (found[name].what, found[name].breaking) == expected
    assert found[name].published == (name in now or expected[0] is What.REMOVED)


def test_a_new_version_is_held_against_all_before_it() -> None:
    three = {"j.p/v1": ONE, "j.p/v2": WIDER, "j.p/v3": a_schema(note={"type": "integer"})}
    (change,) = reviewed({"j.p/v1": ONE, "j.p/v2": WIDER}, three).values()
    assert change.before_name == "j.p/v2"
    assert {sentence.split(",")[0] for sentence in change.broken} == {"Against v2"}
    assert change.further == (), "the differences from v2 are shown one by one"


def test_each_difference_that_breaks_somebody_has_an_advice() -> None:
    (change,) = reviewed({"j.p/v1": ONE}, {"j.p/v1": ONE, "j.p/v2": NARROWER}).values()
    (broken,) = [each for each in change.differences if change.forbidden(each)]
    assert broken.pointer == "#/properties/note"
    assert "default" in instead(broken)
    unknown = type(broken)("SOMETHING_ELSE", "#", broken.breaks, "")
    assert instead(unknown) == OTHERWISE


class _Addresses(HTMLParser):
    """Everything that a browser would fetch, and every script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe"):
            self.found.append(tag)
        self.found += [value or "" for name, value in attrs if name in ("src", "href") and value[:1] != "#"]  # type: ignore[index]


def a_review(text: str) -> tuple[Review, list[page.Shown]]:
    found = review("abc", {"core.opted_in/v1": ONE}, {"core.opted_in/v1": text}, {}, lambda _: Mode.FULL)
    return found, page.shown(found, lambda _: ('{"person": "<script>1</script>"}', None))


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    found, shown = a_review(a_schema(note={"type": "string", "description": "<img src=x> & <script>"}))
    parser = _Addresses()
    parser.feed(page.html(found, shown))
    assert parser.found == []


def test_both_pages_and_json_say_the_same() -> None:
    found, shown = a_review(NARROWER)
    said = json.loads(page.as_json(found, shown))
    assert said["breaking"] is True
    (change,) = said["changes"]
    assert (change["schema"], change["readers"]) == ("core.opted_in/v1", ["sender"])
    for text in (page.markdown(found, shown), page.html(found, shown)):
        for words in ("core.opted_in/v1", "never changes", "read by sender", "Instead"):
            assert words.lower() in text.lower().replace("<dt>", "").replace("</dt><dd>", " ")


def test_lines_stand_beside_each_other() -> None:
    rows = list(page.side_by_side("a\nb\nc\nd\ne\nf\ng\nh", "a\nB\nc\nd\ne\nf\ng\nh\ni"))
    assert [(row.mark, row.old, row.new) for row in rows if row.mark not in ("same", "gap")] == [
        ("changed", "b", "B"),
        ("added", "", "i"),
    ]


# The command, in a repository of its own ----------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One commit, on a branch `main`."""
    folder = tmp_path / "schemas" / "registry" / "jobs.posted"
    folder.mkdir(parents=True)
    (folder / "v1.json").write_text(ONE)
    git(tmp_path, "init", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "One")
    monkeypatch.setattr(before, "ROOT", tmp_path)
    return tmp_path


def test_the_base_is_where_the_branch_left_main(checkout: Path) -> None:
    one = before.base_revision("main")
    assert before.base_revision(None) == one, "the only commit there is"
    git(checkout, "switch", "-c", "change")
    git(checkout, "commit", "--allow-empty", "-m", "Two")
    assert before.base_revision(None) == one
    git(checkout, "switch", "main")
    git(checkout, "merge", "change")
    assert before.base_revision(None) == one, "on main itself, the commit before the last"
    (checkout / "schemas" / "new").write_text("")
    assert before.base_revision(None) == before.base_revision("HEAD")


def test_schemas_of_a_revision(checkout: Path) -> None:
    assert before.schemas_of("HEAD") == {"jobs.posted/v1": ONE}
    assert before.example_of("HEAD", "jobs.posted/v1") is None


@pytest.mark.usefixtures("checkout")
def test_a_revision_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stopped:
        command("--upload-pack=x")
    assert stopped.value.exit_code == 2
    assert "no revision '--upload-pack=x'" in capsys.readouterr().err


def test_outside_a_checkout_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(before, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    command(None)
    assert "no git checkout" in capsys.readouterr().err
    with pytest.raises(typer.Exit) as stopped:
        command("main")
    assert stopped.value.exit_code == 2
