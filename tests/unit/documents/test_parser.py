"""The AsyncAPI document is valid by AsyncAPI's own parser, where that is installed."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from scripts.documents.__main__ import WORK
from scripts.documents.asyncapi import document
from scripts.documents.npm import NODE, Failed, check_asyncapi, is_installed

pytestmark = pytest.mark.skipif(
    find_spec(NODE) is None or not is_installed(WORK),
    reason="the AsyncAPI parser is not installed: `make docs` installs it, and checks the document, too",
)


def test_the_document_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "asyncapi.json"
    file.write_text(json.dumps(document()))
    remarks = check_asyncapi(file, WORK, tmp_path / "parsed.json")
    assert [remark for remark in remarks if remark["severity"] in ("error", "warning")] == []
    assert json.loads((tmp_path / "parsed.json").read_text())["info"]["title"] == "EasyMO events"


def test_one_that_is_not_valid_is_refused_with_the_place(tmp_path: Path) -> None:
    operation = {"action": "send", "channel": {"$ref": "#/channels/nowhere"}}
    broken = {"asyncapi": "3.0.0", "info": {"title": "x", "version": "1"}, "operations": {"x": operation}}
    file = tmp_path / "asyncapi.json"
    file.write_text(json.dumps(broken))
    with pytest.raises(Failed, match="operations/x/channel"):
        check_asyncapi(file, WORK)
