"""The templates that Meta has to approve: complete, within its limits, and those that the domains send."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from consumers import domain_names
from consumers.core.keywords import Keywords
from consumers.core.words import words_of
from consumers.jobs.notices import Notice
from consumers.runtime.discovery import load_intents
from consumers.sender.rules import TEMPLATE_LANGUAGES
from infra.simulator.templates import Templates, own_templates
from infra.whatsapp import limits
from infra.whatsapp.templates import Defined, defined_templates
from tests.unit.domain_source import Source, sources

BUTTON = 25  # characters; developers.facebook.com, "Template components"
TEMPLATES = defined_templates()
LEADS_TO = {
    "trip_request": "my_trips",
    "trip_update": "my_trips",
    "trip_reminder": "my_trips",
    "job_application_received": "my_jobs",
    "job_application_accepted": "my_applications",
    "job_application_refused": "find_jobs",
    "job_lapsed": "my_jobs",
    "wallet_update": "wallet_home",
    "driver_subscription": "subscription",
}

of_each = pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: f"{t.name}/{t.language}")


def test_each_is_there_once_in_every_language() -> None:
    names = {template.name for template in TEMPLATES}
    wanted = sorted((name, language) for name in names for language in TEMPLATE_LANGUAGES.values())
    assert sorted((t.name, t.language) for t in TEMPLATES) == wanted


@of_each
def test_meta_takes_it(template: Defined) -> None:
    assert limits.TEMPLATE_NAME.fullmatch(template.name)
    assert 0 < len(template.button) <= BUTTON
    assert _variables(template.body) == [str(place + 1) for place in range(len(template.examples))]
    assert all(template.examples)


def test_the_stand_in_for_meta_takes_all_of_them() -> None:
    found = {(template.name, template.language): template for template in Templates(own_templates())}
    assert {(t.name, t.language) for t in TEMPLATES} <= found.keys()
    assert all(t.for_meta()["components"][0]["text"] == t.body for t in TEMPLATES)


@of_each
def test_its_button_leads_to_what_it_is_about(template: Defined) -> None:
    found = Keywords(load_intents().all).choose(words_of(template.button))
    assert found is not None
    assert found.name == LEADS_TO[template.name]


def test_the_domains_send_what_is_defined_with_its_variables() -> None:
    defined = {template.name: len(template.examples) for template in TEMPLATES}
    sent = {use for name in domain_names() for source in sources(name) for use in _uses(source)}
    assert sent == set(defined.items())


def _variables(text: str) -> list[str]:
    return re.findall(r"\{\{(\w+)\}\}", text)


def _uses(source: Source) -> Iterator[tuple[object, int]]:
    """Each template that a module names, and the number of variables that it gives."""
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "tell":
            _, _, *template = call.args
            if template and not isinstance(template[-1], ast.Starred):
                yield source.value(template[0]), len(template) - 1
        elif source.value(call.func) is Notice:
            _, template_name, variables = call.args
            assert isinstance(variables, ast.Tuple)
            yield source.value(template_name), len(variables.elts)
