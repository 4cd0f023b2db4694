"""The page: everything it needs lies beside it, and nothing that people wrote is parsed as HTML."""

from __future__ import annotations

import re

import pytest

from infra.simulator.page_routes import CONTENT_TYPES, HEADERS, PAGE

FILES = sorted(PAGE.iterdir())
OUTSIDE = re.compile(r"""(?:src|href)="https?:|url\(["']?https?:|@import|import\(|from "https?:""")
DANGEROUS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_comes_from_outside(path: object) -> None:
    text = PAGE.joinpath(str(path)).read_text()
    assert OUTSIDE.search(text) is None
    assert DANGEROUS.search(text) is None


def test_all_it_refers_to_is_there() -> None:
    names = {path.name for path in FILES}
    for path in FILES:
        text = path.read_text()
        wanted = set(re.findall(r'["(]/page/([\w.]+)', text)) | set(re.findall(r'from "\./([\w.]+)"', text))
        assert wanted <= names, path.name


def test_each_kind_of_file_has_its_type() -> None:
    assert {path.suffix for path in FILES} <= CONTENT_TYPES.keys()
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_files_stay_readable() -> None:
    for path in FILES:
        assert len(path.read_text().splitlines()) < 300, path.name
