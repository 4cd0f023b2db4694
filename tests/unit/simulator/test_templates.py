"""Templates: which may be sent, and how they read with their values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.simulator.errors import GraphError
from infra.simulator.templates import Status, Template, Templates, read_templates
from tests.unit.simulator.payloads import a_template, values

REMINDER = Template(
    "trip_reminder",
    "en",
    body="Hello {{1}}, your {{2}} leaves soon.",
    header="Trip",
    buttons=("Cancel trip", "Keep it"),
)
NAMED = Template("named", "en", body="Hello {{first_name}}, welcome.")


def filled(template: Template, components: Any, **changed: str) -> dict[str, Any]:
    """What a person reads."""
    wanted = {"name": template.name, "language": template.language} | changed
    return Templates([template]).fill(a_template(wanted["name"], components, wanted["language"])["template"])


def test_values_are_put_in() -> None:
    shown = filled(REMINDER, [values("Aline", "moto")])
    assert shown["body"] == "Hello Aline, your moto leaves soon."
    assert shown["buttons"] == [
        {"text": "Cancel trip", "payload": "Cancel trip"},
        {"text": "Keep it", "payload": "Keep it"},
    ]


def test_values_have_names() -> None:
    parameter = {"type": "text", "parameter_name": "first_name", "text": "Aline"}
    assert filled(NAMED, [{"type": "body", "parameters": [parameter]}])["body"] == "Hello Aline, welcome."


def test_a_button_carries_its_payload() -> None:
    button = {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "1",
        "parameters": [{"type": "payload", "payload": "mobility:keep:7"}],
    }
    shown = filled(REMINDER, [values("Aline", "moto"), button])
    assert shown["buttons"][1] == {"text": "Keep it", "payload": "mobility:keep:7"}


@pytest.mark.parametrize(
    ("components", "changed", "code"),
    [
        ([values("A", "b")], {"name": "another"}, 132001),
        ([values("A", "b")], {"language": "fr"}, 132001),
        ([values("A")], {}, 132000),
        ([values("A", "b", "c")], {}, 132000),
        ([values("A", "b"), values("x", kind="header")], {}, 132000),
        ([], {}, 132000),
        ([values("A", "b\nc")], {}, 132018),
        ([values("A", "b     c")], {}, 132018),
        ([values("A", "")], {}, 131008),
        ([values("A", "b" * 1024)], {}, 132005),
        ([{"type": "body", "parameters": [{"type": "payload", "payload": "x"}]}], {}, 132012),
        ([values("A", "b"), {"type": "button", "index": "2", "parameters": []}], {}, 131009),
        ([values("A", "b"), {"type": "button", "parameters": []}], {}, 131008),
    ],
)
def test_refused(components: Any, changed: dict[str, str], code: int) -> None:
    with pytest.raises(GraphError) as refusal:
        filled(REMINDER, components, **changed)
    assert refusal.value.code == code, refusal.value


@pytest.mark.parametrize(
    ("status", "code"), [("PENDING", 132001), ("REJECTED", 132001), ("PAUSED", 132015), ("DISABLED", 132016)]
)
def test_only_approved_ones_are_sent(status: Status, code: int) -> None:
    with pytest.raises(GraphError) as refusal:
        filled(Template("t", "en", body="Hello", status=status), [])
    assert refusal.value.code == code


def test_templates_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "templates.json"
    path.write_text('[{"name": "t", "language": "fr", "body": "Bonjour {{1}} !", "buttons": ["Oui"]}]')
    assert read_templates(path) == [Template("t", "fr", "Bonjour {{1}} !", buttons=("Oui",))]
    for wrong in ('{"a": 1}', '[{"nom": "t"}]', "[1]", "x"):
        path.write_text(wrong)
        with pytest.raises(ValueError, match=r"."):
            read_templates(path)


@pytest.mark.parametrize("body", ["{{1}} is here", "Hello {{1}}", "x" * 1025])
def test_what_meta_would_not_let_in(body: str) -> None:
    with pytest.raises(ValueError, match="template t"):
        Template("t", "en", body=body)
