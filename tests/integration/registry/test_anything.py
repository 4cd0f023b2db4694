"""Whatever is sent, the server answers in JSON, and never with an error of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.registry.catalogue import Catalogue
from infra.registry.folder import Folder
from infra.registry.registry import SchemaRegistry
from tests.integration.registry.serving import ask, serve

PATHS = (
    "/subjects/{0}",
    "/subjects/{0}/versions",
    "/subjects/{0}/versions/{1}",
    "/subjects/{0}/versions/{1}/schema",
    "/schemas/ids/{1}",
    "/config/{0}",
    "/mode/{0}",
    "/compatibility/subjects/{0}/versions",
    "/compatibility/subjects/{0}/versions/{1}",
    "/{0}?limit={1}",
)
FIELDS = ("schema", "schemaType", "version", "id", "references", "metadata", "compatibility", "mode")
NAMES = st.one_of(st.sampled_from(["a", "latest", "1", "-1"]), st.text(min_size=1, max_size=20))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(["JSON", "FULL", "NONE", "READONLY", "READWRITE", "{}", '{"type": "string"}', "true"])
BODIES = st.one_of(
    st.binary(max_size=50),
    st.dictionaries(st.sampled_from(FIELDS), WORDS | ANY_JSON, max_size=4),
    st.builds(lambda document: {"schemaType": "JSON", "schema": json.dumps(document)}, ANY_JSON),
)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        Folder(tmp_path_factory.mktemp("registry")) as folder,
        serve(SchemaRegistry(Catalogue(), folder=folder)) as address,
    ):
        yield address


@settings(max_examples=200)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=st.sampled_from(PATHS),
    names=st.tuples(NAMES, NAMES),
    body=BODIES,
)
def test_whatever_is_sent_is_answered(
    ground: str, method: str, path: str, names: tuple[str, str], body: object
) -> None:
    sent = None if method in ("GET", "DELETE") else body
    quoted = [quote(name, safe="", errors="surrogatepass") for name in names]
    answer = ask(ground, method, path.format(*quoted), sent)
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        assert int(str(answer.code)[:3]) == answer.status
        assert answer.message
