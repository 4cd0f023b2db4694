"""What a bulk write says of its table is true: else two of them in one statement would not see each other."""

from __future__ import annotations

import re
import sys

from consumers.runtime.discovery import load_intents
from infra.postgres.session import BulkWrite

_TABLE = re.compile(
    r"\b(?:INTO|UPDATE|FROM|USING|JOIN)\s+(?!unnest\b|json_to_recordset\b|SET\b|\()([a-z_.]+)", re.IGNORECASE
)


def declared() -> dict[str, BulkWrite]:
    """Every bulk write that names its table, of every module that the domains bring in."""
    load_intents()
    return {
        f"{name}.{key}": value
        for name, module in list(sys.modules.items())
        if name.startswith(("consumers.", "infra."))
        for key, value in vars(module).items()
        if isinstance(value, BulkWrite) and value.table
    }


def test_a_bulk_write_that_names_its_table_looks_at_no_other() -> None:
    found = declared()
    assert "consumers.runtime.tables.ADD_PROCESSED" in found
    others = {
        name: named
        for name, kind in found.items()
        if (named := set(_TABLE.findall(kind.sql))) != {kind.table} or "RETURNING" in kind.sql
    }
    assert not others
