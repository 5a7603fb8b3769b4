"""Every query, prepared against the real schema; its columns against its row class."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re

import psycopg
import pytest

import sfa
from sfa.sql import EVERY, ROOT, Nothing

for module in pkgutil.walk_packages(sfa.__path__, "sfa."):
    if module.name.endswith((".store", ".put", ".events")):
        importlib.import_module(module.name)


def numbered(text):
    names = []

    def number(match):
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return re.sub(r"%\((\w+)\)s", number, text).replace("%%", "%")


@pytest.mark.parametrize("query", EVERY, ids=lambda query: query.name)
def test_query_fits_the_schema(scratch, query):
    with psycopg.connect(scratch) as conn:
        prepared = conn.pgconn.prepare(b"q", numbered(query.text).encode())
        assert prepared.status == psycopg.pq.ExecStatus.COMMAND_OK, prepared.error_message.decode()
        shape = conn.pgconn.describe_prepared(b"q")
    columns = [shape.fname(i).decode() for i in range(shape.nfields)]
    expected = [] if query.row is Nothing else [field.name for field in dataclasses.fields(query.row)]
    assert columns == expected


def test_every_statement_is_used():
    written = {
        f"{file.stem}.{name}"
        for file in (ROOT / "queries").glob("*.sql")
        for name in re.findall(r"^-- name: (\w+)$", file.read_text(), re.MULTILINE)
    }
    assert written == {query.name for query in EVERY}
