"""What Meta accepts in an interactive message: lists, reply buttons, links, location requests, flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.simulator.errors import bad_parameter, invalid, missing
from infra.simulator.limits_values import known_keys, mapping, text, url

SECTIONS = 10
ROWS = 10  # in all sections together
SECTION_TITLE = 24
ROW_TITLE = 24
ROW_DESCRIPTION = 72
ROW_ID = 200
LIST_BUTTON = 20
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
HEADER = 60
FOOTER = 60
LIST_BODY = 4096
BODY = 1024
WRONG_LENGTH = 131009  # what Meta answers for a wrong length inside an interactive message

MEDIA_HEADERS = frozenset(("image", "video", "document"))
INTERACTIVE_KEYS = frozenset(("type", "header", "body", "footer", "action"))


def check_interactive(value: Any) -> None:
    """Judge the object under `interactive`. Raises GraphError."""
    content = mapping(value, "interactive")
    known_keys(content, INTERACTIVE_KEYS, "interactive")
    kind = content.get("type")
    if kind is None:
        raise missing("interactive['type']")
    check = ACTIONS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise invalid(f"interactive['type'] must be one of {{{', '.join(sorted(ACTIONS))}}}; got {kind!r}.")
    body = mapping(content.get("body"), "interactive['body']")
    _text(body, "text", "interactive['body']['text']", LIST_BODY if kind == "list" else BODY)
    if "header" in content:
        _check_header(mapping(content["header"], "interactive['header']"), str(kind))
    if "footer" in content:
        footer = mapping(content["footer"], "interactive['footer']")
        _text(footer, "text", "interactive['footer']['text']", FOOTER)
    check(mapping(content.get("action"), "interactive['action']"))


def _text(value: dict[str, Any], key: str, where: str, most: int) -> str:
    return text(value, key, where, most, code=WRONG_LENGTH)


def _check_header(header: dict[str, Any], kind: str) -> None:
    header_type = header.get("type")
    if kind == "location_request_message":
        raise invalid("A location request takes no header.")
    if header_type == "text":
        _text(header, "text", "interactive['header']['text']", HEADER)
    elif header_type in MEDIA_HEADERS and kind != "list":
        media = mapping(header.get(str(header_type)), f"interactive['header']['{header_type}']")
        if ("id" in media) == ("link" in media):
            raise bad_parameter(f"interactive['header']['{header_type}'] needs either 'id' or 'link'.")
    else:
        raise invalid(f"interactive['header']['type'] {header_type!r} does not go with {kind}.")


def _check_list(action: dict[str, Any]) -> None:
    known_keys(action, frozenset(("button", "sections")), "interactive['action']")
    _text(action, "button", "interactive['action']['button']", LIST_BUTTON)
    sections = action.get("sections")
    if not isinstance(sections, list) or not sections:
        raise missing("interactive['action']['sections']")
    if len(sections) > SECTIONS:
        raise invalid(f"A list has at most {SECTIONS} sections; this one has {len(sections)}.")
    rows: list[dict[str, Any]] = []
    for section in sections:
        where = "interactive['action']['sections']"
        known_keys(mapping(section, where), frozenset(("title", "rows")), where)
        if len(sections) > 1 or "title" in section:
            _text(section, "title", f"{where}['title']", SECTION_TITLE)
        found = section.get("rows")
        if not isinstance(found, list) or not found:
            raise missing(f"{where}['rows']")
        rows += found
    if len(rows) > ROWS:
        raise invalid(
            f"Total row count exceeds the maximum: {len(rows)} rows, at most {ROWS} in all sections."
        )
    _check_rows(rows)


def _check_rows(rows: list[dict[str, Any]]) -> None:
    ids: set[str] = set()
    for row in rows:
        where = "interactive['action']['sections']['rows']"
        known_keys(mapping(row, where), frozenset(("id", "title", "description")), where)
        row_id = _text(row, "id", f"{where}['id']", ROW_ID)
        _text(row, "title", f"{where}['title']", ROW_TITLE)
        if "description" in row:
            _text(row, "description", f"{where}['description']", ROW_DESCRIPTION)
        if row_id in ids:
            raise invalid(f"Duplicated row id: {row_id!r}.")
        ids.add(row_id)


def _check_buttons(action: dict[str, Any]) -> None:
    known_keys(action, frozenset(("buttons",)), "interactive['action']")
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not buttons:
        raise missing("interactive['action']['buttons']")
    if len(buttons) > BUTTONS:
        raise invalid(
            f"Invalid buttons count: {len(buttons)}. Min allowed buttons: 1, max allowed: {BUTTONS}."
        )
    ids: set[str] = set()
    titles: set[str] = set()
    for button in buttons:
        where = "interactive['action']['buttons']"
        if mapping(button, where).get("type") != "reply":
            raise invalid(f"{where}['type'] must be 'reply'.")
        reply = mapping(button.get("reply"), f"{where}['reply']")
        button_id = _text(reply, "id", f"{where}['reply']['id']", BUTTON_ID)
        title = _text(reply, "title", f"{where}['reply']['title']", BUTTON_TITLE)
        if button_id != button_id.strip():
            raise invalid(f"Button id {button_id!r} has spaces around it.")
        if button_id in ids or title in titles:
            raise invalid(f"Duplicated button: ids and titles must be unique ({title!r}).")
        ids.add(button_id)
        titles.add(title)


def _check_link(action: dict[str, Any]) -> None:
    if action.get("name") != "cta_url":
        raise invalid("interactive['action']['name'] must be 'cta_url'.")
    parameters = mapping(action.get("parameters"), "interactive['action']['parameters']")
    _text(parameters, "display_text", "interactive['action']['parameters']['display_text']", BUTTON_TITLE)
    url(parameters, "url", "interactive['action']['parameters']['url']")


def _check_location_request(action: dict[str, Any]) -> None:
    known_keys(action, frozenset(("name",)), "interactive['action']")
    if action.get("name") != "send_location":
        raise invalid("interactive['action']['name'] must be 'send_location'.")


def _check_flow(action: dict[str, Any]) -> None:
    if action.get("name") != "flow":
        raise invalid("interactive['action']['name'] must be 'flow'.")
    parameters = mapping(action.get("parameters"), "interactive['action']['parameters']")
    _text(parameters, "flow_cta", "interactive['action']['parameters']['flow_cta']", BUTTON_TITLE)
    if not (parameters.get("flow_id") or parameters.get("flow_name")):
        raise missing("interactive['action']['parameters']['flow_id']")


ACTIONS: dict[str, Callable[[dict[str, Any]], None]] = {
    "list": _check_list,
    "button": _check_buttons,
    "cta_url": _check_link,
    "location_request_message": _check_location_request,
    "flow": _check_flow,
}
