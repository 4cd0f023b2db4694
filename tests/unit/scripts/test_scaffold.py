"""What `easymo new-domain` and `new-event` write passes the checks of the house, in a copy of the tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.scaffold import domain, event
from scripts.scaffold.naming import Unfit, check_keywords, class_name
from tests.checkout import checkout, run

NAME = "lost_property"
# Of the whole suite, what looks at every domain, event and file.
LOOKING = ("tests/unit/test_tidy.py", "tests/unit/test_domains.py", "tests/unit/schemas/test_registry.py")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("checkout"))


def test_a_domain_and_an_event_pass_as_they_are(copy: Path) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    made = json.loads(
        run(copy, "-m", "scripts.cli", "new-domain", NAME, "--keywords", "lost, bafumu", "--json")
    )
    assert made["published"] == [f"published {NAME}.request_kept/v1"]
    changed = {path.name for path, content in before.items() if path.read_bytes() != content}
    assert changed == {"SHA256SUMS"}, "no existing file is edited, but the list of what is published"

    run(copy, "-m", "scripts.cli", "new-event", "jobs", "job_shared", "--says", "A job was sent to a friend.")

    run(copy, "-m", "ruff", "check", "--no-cache", ".")
    run(copy, "-m", "ruff", "format", "--check", "--no-cache", ".")
    run(copy, "-m", "pytest", "-q", "-p", "no:randomly", f"tests/unit/{NAME}", *LOOKING)


@pytest.mark.parametrize(
    ("name", "keywords", "says"),
    [
        ("jobs", (), "domain jobs already"),
        ("Pharmacies", (), "lower-case letters"),
        ("pharmacies_", (), "lower-case letters"),
        ("../pharmacies", (), "lower-case letters"),
        ("p" * 31, (), "lower-case letters"),
        ("class", (), "something else"),
        ("list", (), "something else"),
        ("texts", (), "something else"),
        ("pharmacies", ("job",), "leads to jobs already"),
        ("pharmacies", ("Pharmacy",), "no keyword"),
        ("pharmacies", ('ph"armacy',), "no keyword"),
        ("pharmacies", ("a", "a"), "given twice"),
    ],
)
def test_what_does_not_fit_is_said_so(name: str, keywords: tuple[str, ...], says: str) -> None:
    with pytest.raises(Unfit, match=says):
        domain.files_of(name, keywords)


@pytest.mark.parametrize(
    ("owner", "name", "sentence", "says"),
    [
        ("nobody", "job_shared", "It was shared.", "no domain nobody"),
        ("jobs", "JobShared", "It was shared.", "lower-case letters"),
        ("jobs", "job_posted", "It was shared.", "there already"),
        ("jobs", "job_shared", 'It was "shared".', "one sentence"),
        ("jobs", "job_shared", "It was\nshared.", "one sentence"),
        ("sender", "message_lost", "It was lost.", "no facts for others"),
    ],
)
def test_an_event_that_does_not_fit_is_said_so(owner: str, name: str, sentence: str, says: str) -> None:
    with pytest.raises(Unfit, match=says):
        event.event_of(owner, name, sentence)


def test_keywords_are_few() -> None:
    with pytest.raises(Unfit, match="1 to 20"):
        check_keywords([f"word{number}" for number in range(21)], {})


def test_classes_are_named_after_events() -> None:
    assert class_name("trip_rated") == "TripRated"
