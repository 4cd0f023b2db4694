"""The OpenAPI document against the code: its routes and its errors, in both directions."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from starlette.routing import Route

import ingress
from infra.settings import Settings
from ingress.gate import Gate
from ingress.openapi import document
from ingress.openapi.errors import ERRORS
from ingress.openapi.posts import PROVIDERS
from ingress.pages import Pages
from ingress.providers.chosen import KNOWN, methods_of
from ingress.sources import WhatsApp

DOCUMENT = document()
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def test_every_route_is_documented_and_nothing_else_is() -> None:
    switched_off = {path: "A_SETTING" for known in KNOWN.values() for path in known.paths}
    pages = Pages(
        WhatsApp.paths,
        gate=Gate(Settings()),
        publisher=None,  # type: ignore[arg-type]  # no request is made
        verify_token="x",
        switched_off=switched_off,
    )
    routes = {
        (route.path, method)
        for route in pages.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"  # as GET, without the body
    }
    routes |= {(path, method) for path in WhatsApp.paths for method in methods_of(path)}
    assert {(path, method.upper()) for path, method, _ in OPERATIONS} == routes


def test_every_provider_is_described() -> None:
    assert PROVIDERS.keys() == KNOWN.keys()


def refusals() -> set[tuple[int, str]]:
    """The status and code of each refusal that the source of the ingress names."""
    found = set()
    for path in Path(ingress.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            values = [part.value for part in node.args if isinstance(part, ast.Constant)]
            if node.func.id == "Refusal" and len(values) > 1 and isinstance(values[0], int):
                found.add((values[0], str(values[1])))
            elif node.func.id == "UnreadableBody" and values:
                found.add((400, str(values[0])))
    return found


def test_every_error_of_the_source_is_documented_and_no_other() -> None:
    by_the_router = {(404, "not_found"), (405, "method_not_allowed")}
    assert {(error.status, error.code) for error in ERRORS} == refusals() | by_the_router


def test_every_error_is_an_answer_of_some_operation() -> None:
    answers = [answer for _, _, operation in OPERATIONS for answer in operation["responses"].values()]
    answers += DOCUMENT["components"]["responses"].values()
    shown = {
        code
        for answer in answers
        for code in answer.get("content", {}).get("application/json", {}).get("examples", {})
    }
    assert shown == {error.code for error in ERRORS}


def examples() -> list[tuple[str, Any, Any]]:
    found = []
    for path, method, operation in OPERATIONS:
        contents = [("request", operation.get("requestBody", {}).get("content", {}))]
        contents += [(status, answer.get("content", {})) for status, answer in operation["responses"].items()]
        for name, content in contents:
            for media in content.values():
                values = [media["example"]] if "example" in media else []
                values += [each["value"] for each in media.get("examples", {}).values()]
                found += [(f"{method} {path} {name}", media["schema"], value) for value in values]
    return found


@pytest.mark.parametrize(("schema", "value"), [each[1:] for each in examples()])
def test_examples_fit_their_schemas(schema: Any, value: Any) -> None:
    whole = schema | {"components": DOCUMENT["components"]}
    assert [error.message for error in jsonschema_rs.iter_errors(whole, value)] == []


def test_the_document_is_the_same_at_every_call() -> None:
    assert document() == DOCUMENT
