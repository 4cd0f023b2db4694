"""Valid requests to the Graph API, one of each type, to be spoilt by tests."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
TO = "250788123456"


def a_send(kind: str, content: Any, **more: Any) -> Json:
    """The body of a request that sends something."""
    return {"messaging_product": "whatsapp", "to": TO, "type": kind, kind: content, **more}


def a_list(rows: int = 3, sections: int = 1, **changed: Any) -> Json:
    """A list of so many rows in each section."""
    value: Json = {
        "type": "list",
        "body": {"text": "Which vehicle?"},
        "action": {
            "button": "Choose",
            "sections": [
                {
                    "title": f"Section {section}",
                    "rows": [{"id": f"{section}-{row}", "title": f"Row {row}"} for row in range(rows)],
                }
                for section in range(sections)
            ],
        },
    }
    return a_send("interactive", value | changed)


def buttons(*titles: str, **changed: Any) -> Json:
    """Reply buttons."""
    replies = [
        {"type": "reply", "reply": {"id": f"b{index}", "title": title}} for index, title in enumerate(titles)
    ]
    value: Json = {"type": "button", "body": {"text": "Sure?"}, "action": {"buttons": replies}}
    return a_send("interactive", value | changed)


def a_row(**changed: str) -> Json:
    """A list of one row with these values."""
    row = {"id": "r", "title": "Row"} | changed
    return a_list(action={"button": "Choose", "sections": [{"rows": [row]}]})


def a_link(display_text: str = "Open", url: str = "https://easymo.rw") -> Json:
    """A message with a link button."""
    parameters = {"display_text": display_text, "url": url}
    action = {"name": "cta_url", "parameters": parameters}
    return a_send("interactive", {"type": "cta_url", "body": {"text": "See"}, "action": action})


def a_location_request(body: str = "Where are you?", **changed: Any) -> Json:
    """A message that asks for the location."""
    value: Json = {
        "type": "location_request_message",
        "body": {"text": body},
        "action": {"name": "send_location"},
    }
    return a_send("interactive", value | changed)


def a_template(name: str = "trip_reminder", components: Any = (), language: str = "en") -> Json:
    """A template with its values."""
    return a_send("template", {"name": name, "language": {"code": language}, "components": list(components)})


def values(*texts: str, kind: str = "body") -> Json:
    """The values of a template's component."""
    return {"type": kind, "parameters": [{"type": "text", "text": text} for text in texts]}
