"""The pages of the site: complete, linked, and nothing is fetched from elsewhere."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from infra.settings import Settings, environment_name
from schemas.publishing import event_models
from scripts.documents import npm
from scripts.documents.__main__ import ROOT
from scripts.documents.fields import parts
from scripts.documents.generated import settings_page
from scripts.documents.handwritten import for_the_site
from scripts.documents.npm import Failed, NodeMissing
from scripts.documents.settings_listed import sections
from scripts.documents.site import navigation, remote_sources, write_pages
from scripts.documents.traffic import Traffic

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, str]:
    """Every page, as without Node.js."""
    return write_pages(ROOT, folder, modules=None)


def test_every_setting_has_a_text_and_is_on_the_page() -> None:
    listed = [setting for section in sections() for setting in section.settings]
    assert [setting.name for setting in listed if not setting.says] == []
    assert {setting.name for setting in listed} == {environment_name(name) for name in Settings.model_fields}
    page = settings_page()["settings.md"]
    assert all(f"| `{setting.name}` |" in page for setting in listed)


def test_secrets_are_marked_and_have_no_default() -> None:
    secrets = {each.name: each.default for section in sections() for each in section.settings if each.secret}
    assert secrets["EASYMO_META_APP_SECRETS"] == ""
    assert set(secrets.values()) == {""}


def test_every_event_has_a_page_that_says_who_writes_and_reads_it(pages: dict[str, str]) -> None:
    for model in event_models().values():
        page = pages[f"events/{model.subject()}.md"]
        assert f"<code>{model.event_type}</code>" in page
        assert "```json" in page
    posted = pages["events/wallet.posted.md"]
    assert "<dt>Who writes it</dt><dd>wallet</dd>" in posted
    assert "<dt>Who reads it</dt><dd>mobility, payments</dd>" in posted


def test_every_field_of_an_event_is_on_its_page(pages: dict[str, str]) -> None:
    for model in event_models().values():
        for part in parts(model.model_json_schema(), model.version()):
            for field in part.fields:
                assert f"| `{field.name}` |" in pages[f"events/{model.subject()}.md"]


def test_every_topic_is_on_its_page(pages: dict[str, str]) -> None:
    assert [topic.name for topic in Traffic().topics if f"\n## {topic.name} " not in pages["topics.md"]] == []


def test_every_page_is_in_the_navigation(pages: dict[str, str]) -> None:
    led_to = set(re.findall(r"[\w./-]+\.md", json.dumps(navigation(pages))))
    assert led_to == {name for name in pages if name.endswith(".md")}


def test_every_link_leads_to_a_file(pages: dict[str, str], folder: Path) -> None:
    broken = [
        f"{name}: {link}"
        for name, text in pages.items()
        if name.endswith(".md")
        for link in LINK.findall(re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL))
        if "://" not in link and not (folder / name).parent.joinpath(link).exists()
    ]
    assert broken == []


def test_what_github_takes_for_a_list_is_one_on_the_site() -> None:
    written = "Three things:\n- one\n  of them\n- two\n   - within\n\n| a | b |\n| - | - |\n"
    expected = "Three things:\n\n- one\n  of them\n- two\n    - within\n\n| a | b |\n| - | - |\n"
    assert for_the_site(written) == expected


def test_code_is_left_as_it_is() -> None:
    fenced = "```sh\necho x\n- no list\n| no table\n```\n"
    assert for_the_site(fenced) == fenced


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<script src="https://cdn.example.org/x.js"></script>', 1),
        ('<link rel="stylesheet" href="//fonts.example.org/a.css">', 1),
        ('<img src="assets/x.png"><a href="https://example.org">a link is no fetch</a>', 0),
        ('<link rel="canonical" href="https://example.org/page.html">', 0),
    ],
)
def test_what_would_be_fetched_from_elsewhere_is_found(tmp_path: Path, html: str, found: int) -> None:
    (tmp_path / "page.html").write_text(html)
    assert len(remote_sources(tmp_path)) == found


def test_without_nodejs_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "NODE", "no_such_package")
    with pytest.raises(NodeMissing, match="make docs"):
        npm.install(tmp_path)


@pytest.mark.skipif(find_spec(npm.NODE) is None, reason="`make docs` installs Node.js")
def test_what_fails_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no-such-document"):
        npm.check_asyncapi(tmp_path / "no-such-document.json", tmp_path)


def test_the_lock_has_hashes_and_no_address() -> None:
    locked = json.loads((npm.SOURCE / "package-lock.json").read_text())
    packages = [each for name, each in locked["packages"].items() if name]
    assert all("integrity" in each and "resolved" not in each for each in packages)


def test_a_type_in_words_leads_to_the_part_of_its_own_version() -> None:
    schema = {
        "properties": {
            "at": {"type": "string", "format": "date-time", "description": "when it was"},
            "moved": {"type": "array", "items": {"$ref": "#/$defs/Moved"}, "maxItems": 3},
            "note": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}], "default": None},
            "state": {"enum": ["held", "free"], "default": "free"},
            "value": {"title": "Value"},
        },
        "required": ["at"],
        "$defs": {"Moved": {"description": "One.", "properties": {}}},
    }
    own, moved = parts(schema, "v2")
    assert [(each.name, each.type, each.needed, each.says) for each in own.fields] == [
        ("at", "string (date-time)", True, "when it was."),
        ("moved", "list of [Moved](#moved-v2)", False, "at most 3."),
        ("note", "string", False, "at most 9 characters."),
        ("state", "`held` or `free`", False, "Unless given: `free`."),
        ("value", "any", False, ""),
    ]
    assert (moved.name, moved.says, moved.fields) == ("Moved", "One.", ())
