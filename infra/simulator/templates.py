"""Message templates: which exist, whether they are approved, and how they read with their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import orjson

from infra.simulator.errors import GraphError, invalid, missing
from infra.whatsapp.templates import defined_templates

Status = Literal["PENDING", "APPROVED", "REJECTED", "PAUSED", "DISABLED"]
Category = Literal["MARKETING", "UTILITY", "AUTHENTICATION"]

BODY = 1024
HEADER = 60
TEMPLATES = 6_000  # what a verified business may have
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
UNFIT = re.compile(r"[\n\t]| {5,}")
NOT_USABLE: dict[str, int] = {"PENDING": 132001, "REJECTED": 132001, "PAUSED": 132015, "DISABLED": 132016}


@dataclass(frozen=True, slots=True)
class Template:
    """One template in one language. Variables are `{{1}}` or `{{name}}`, neither first nor last."""

    name: str
    language: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()  # titles of quick replies
    category: Category = "UTILITY"
    status: Status = "APPROVED"

    def __post_init__(self) -> None:
        """Raise ValueError for what Meta would not let in."""
        if len(self.body) > BODY or len(self.header) > HEADER:
            raise ValueError(f"template {self.name}: body at most {BODY} characters, header {HEADER}")
        body = self.body.strip()
        found = list(VARIABLE.finditer(body))
        if found and (found[0].start() == 0 or found[-1].end() == len(body)):
            raise ValueError(f"template {self.name}: a variable stands first or last")


class Templates:
    """The templates of the business account, by name and language."""

    def __init__(self, templates: Iterable[Template] = ()) -> None:
        self._templates: dict[tuple[str, str], Template] = {}
        for template in (HELLO_WORLD, *templates):
            self.add(template)

    def add(self, template: Template) -> None:
        """Add or replace. Raises ValueError when there are too many."""
        if len(self._templates) >= TEMPLATES:
            raise ValueError(f"at most {TEMPLATES} templates")
        self._templates[template.name, template.language] = template

    def __iter__(self) -> Iterator[Template]:
        return iter(tuple(self._templates.values()))

    def fill(self, content: dict[str, Any]) -> dict[str, Any]:
        """What a person reads of a checked `template` object, as `{name, header, body, footer, buttons}`.

        Raises GraphError: 132001 (unknown or not approved), 132015, 132016, 132000 (number of values),
        132012 (kind of a value), 132018 (line breaks in one), 132005 (too long with the values).
        """
        name, language = content["name"], content["language"]["code"]
        template = self._templates.get((name, language))
        if template is None:
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        if template.status != "APPROVED":
            code = NOT_USABLE[template.status]
            raise GraphError(code, f"template name ({name}) in {language} is {template.status}")
        components = content.get("components", [])
        header = _filled(template.header, _values(components, "header"), "header")
        body = _filled(template.body, _values(components, "body"), "body")
        if len(body) > BODY or len(header) > HEADER:
            raise GraphError(132005, f"Translated text too long: body {len(body)}, header {len(header)}")
        return {
            "name": name,
            "category": template.category,
            "header": header,
            "body": body,
            "footer": template.footer,
            "buttons": _buttons(template, components),
        }


def own_templates() -> list[Template]:
    """The product's own, as approved by Meta."""
    return [
        Template(t.name, t.language, t.body, buttons=(t.button,), category=cast(Category, t.category))
        for t in defined_templates()
    ]


def read_templates(path: Path) -> list[Template]:
    """Templates from a JSON file, a list of objects with Template's fields. Raises ValueError, OSError."""
    try:
        return [
            Template(**{**found, "buttons": tuple(found.get("buttons", ()))})
            for found in orjson.loads(path.read_bytes())
        ]
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{path} holds no list of templates: {error}") from None


def _values(components: list[dict[str, Any]], kind: str) -> dict[str, str]:
    """The text values given for a component, by variable name or position from "1"."""
    values: dict[str, str] = {}
    for component in components:
        if component["type"] != kind:
            continue
        for position, parameter in enumerate(component.get("parameters", ()), start=1):
            parameter_type = parameter.get("type")
            if parameter_type in ("image", "video", "document", "location"):
                continue
            if parameter_type not in ("text", "currency", "date_time"):
                raise GraphError(132012, f"{kind}: a parameter of type {parameter_type!r} does not fit")
            value = parameter.get("text")
            if parameter_type != "text":
                value = (parameter.get(parameter_type) or {}).get("fallback_value")
            if not isinstance(value, str) or not value:
                raise missing(f"template['components']['{kind}']['parameters']['text']")
            if UNFIT.search(value):
                raise GraphError(
                    132018, "Param text cannot have new-line/tab or more than 4 consecutive spaces"
                )
            values[str(parameter.get("parameter_name", position))] = value
    return values


def _filled(text: str, values: dict[str, str], kind: str) -> str:
    wanted = set(VARIABLE.findall(text))
    if wanted != values.keys():
        raise GraphError(
            132000,
            f"{kind}: number of localizable_params ({len(values)}) does not match the expected number of "
            f"params ({len(wanted)}); expected {sorted(wanted)}, got {sorted(values)}",
        )
    return VARIABLE.sub(lambda match: values[match.group(1)], text)


def _buttons(template: Template, components: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Quick replies with their payloads; without one given, the payload is the title."""
    payloads: dict[int, str] = {}
    for component in components:
        if component["type"] != "button":
            continue
        try:
            index = int(component["index"])
        except (KeyError, TypeError, ValueError):
            raise missing("template['components']['button']['index']") from None
        if not 0 <= index < len(template.buttons):
            raise invalid(f"template {template.name} has no button {index}")
        for parameter in component.get("parameters", ()):
            payloads[index] = str(parameter.get("payload", parameter.get("text", "")))
    return [
        {"text": title, "payload": payloads.get(index) or title}
        for index, title in enumerate(template.buttons)
    ]


HELLO_WORLD = Template(
    name="hello_world",
    language="en_US",
    header="Hello World",
    body="Welcome and congratulations!! This message demonstrates your ability to send a WhatsApp message.",
    footer="WhatsApp Business Platform sample message",
)
