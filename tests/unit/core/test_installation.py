"""Home menus and the assistant, compiled from what the domains declare."""

from __future__ import annotations

from consumers.core.installation import COMPILED_LIMIT, Installation, installation_of
from consumers.domain import Intent, Intents, MenuRow
from consumers.replies import Raw
from schemas.content import ListContent
from tests.unit.core.installed import intents_of


def a_row(domain: str, name: str, priority: int = 0, *countries: str) -> Intent:
    return Intent(domain, name, (), 0, MenuRow(name.title(), "", priority, frozenset(countries)))


MENU = Intents(
    (
        a_row("core", "profile", -10),
        a_row("mobility", "ride", 50),
        a_row("insurance", "motor", 40, "RW"),
        a_row("jobs", "board", 50),
        Intent("jobs", "find", ("find",), 0),
    )
)


def ids(menu: Raw) -> list[str]:
    assert isinstance(menu.content, ListContent)
    return [row.id for row in menu.content.sections[0].rows]


def test_rows_stand_by_priority_then_name() -> None:
    home = Installation(MENU).home("RW", "en")
    assert ids(home) == ["jobs:board", "mobility:ride", "insurance:motor", "core:profile"]


def test_motor_insurance_is_for_rwanda_only() -> None:
    for country in ("UG", "KE", "TZ", "BI", "CD", "US"):
        assert "insurance:motor" not in ids(Installation(MENU).home(country, "en"))


def test_menus_are_rendered_once_a_language_and_kind_of_country() -> None:
    installation = Installation(MENU)
    assert installation.home("UG", "en") is installation.home("KE", "en")
    assert installation.home("RW", "en") is installation.home("RW", "en")
    assert installation.home("RW", "en") is not installation.home("UG", "en")
    assert installation.home("RW", "fr").content != installation.home("RW", "en").content
    assert installation.home("RW", "en", lost=True).content != installation.home("RW", "en").content


def test_the_assistant_is_there_when_its_domain_is() -> None:
    assert Installation(MENU).rules.assistant is None
    assert Installation(intents_of("agents")).rules.assistant == ("agents", "start")
    both = Intents((Intent("agents", "memory", (), 0), Intent("agents", "ask", (), 0)))
    assert Installation(both).rules.assistant == ("agents", "ask")


def test_what_is_offered() -> None:
    installation = Installation(MENU)
    assert installation.offers("jobs", "find")
    assert not installation.offers("wallet", "balance")
    assert installation.rules.domains == {"core", "mobility", "insurance", "jobs"}
    assert installation.topics["jobs"] == "intents.jobs"


def test_an_installation_is_compiled_once() -> None:
    assert installation_of(MENU) is installation_of(MENU)
    others = [Intents(MENU.all) for _ in range(COMPILED_LIMIT + 1)]
    made = [installation_of(other) for other in others]
    assert len({id(installation) for installation in made}) == len(others)
