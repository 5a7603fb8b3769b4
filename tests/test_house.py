"""The house rules, kept by a machine rather than by memory."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import psycopg
import pytest

from sfa.errors import CODES
from sfa.queue import app
from tests.conftest import ROOT

PYTHON = [*sorted((ROOT / "src" / "sfa").rglob("*.py")), ROOT / "web.py", ROOT / "workers.py"]
SQL_HOMES = {"store.py", "put.py", "migrate.py"}
SQL_IN_PYTHON = re.compile(r"""["'](select |insert into |update \w+ set |delete from )""", re.IGNORECASE)


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", PYTHON, ids=name)
def test_no_file_outgrows_a_reader(file):
    assert len(file.read_text().splitlines()) <= 400


@pytest.mark.parametrize("file", PYTHON, ids=name)
def test_no_function_outgrows_a_screen(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 60, node.name


@pytest.mark.parametrize("file", PYTHON, ids=name)
def test_every_module_says_what_it_is_for(file):
    assert ast.get_docstring(ast.parse(file.read_text()))


@pytest.mark.parametrize("file", [f for f in PYTHON if "cli" not in f.parts], ids=name)
def test_only_settings_read_the_environment(file):
    allowed = {"settings.py", "protocol.py"}
    if file.name not in allowed:
        reads = re.findall(r"os\.environ(?:\.get)?[\[(]", file.read_text())
        assert len(reads) <= 2, "pass it by hand, or add it to Settings"


@pytest.mark.parametrize("file", [f for f in PYTHON if f.name not in SQL_HOMES], ids=name)
def test_sql_lives_in_sql_files(file):
    text = file.read_text()
    assert not [m for m in SQL_IN_PYTHON.findall(text) if m], "put it into sql/queries"


@pytest.mark.parametrize("file", sorted((ROOT / "sql").rglob("*.sql")), ids=name)
def test_every_sql_file_begins_with_its_purpose(file):
    if file.name != "schema.sql":
        assert file.read_text().startswith("-- ")


def test_every_stage_has_a_task_that_carries_it_out(scratch):
    app.perform_import_paths()
    with psycopg.connect(scratch) as conn:
        stages = {task for (task,) in conn.execute("select task from stages")}
    assert stages <= set(app.tasks)


def test_every_error_code_in_the_source_is_in_the_table():
    used = set()
    for file in PYTHON:
        text = file.read_text()
        used |= set(re.findall(r'code="(\w+)"', text))
        used |= set(re.findall(r'(?:AddressRefused|BadSound|CannotDo|BadModel)\(\s*"(\w+)"', text))
        used |= set(re.findall(r'^\w+: Skip = \("(\w+)"', text, re.MULTILINE))
    assert used <= set(CODES)


def test_the_error_table_is_in_sentences_and_in_the_statuses_of_sysexits():
    for word, code in CODES.items():
        assert re.fullmatch(r"[a-z_]+", word)
        assert re.fullmatch(r"[A-Zf].*[^.]\.", code.meaning), word
        assert 64 <= code.exit_status <= 78, word


@pytest.mark.parametrize("library, home", [("spotipy", "spotify.py")])
def test_each_far_side_has_one_door(library, home):
    """What a library of theirs cannot do right is taken out of its hands there, and nowhere else."""
    spoken_to = [
        file.name for file in PYTHON if re.search(rf"^\s*(?:import|from) {library}\b", file.read_text(), re.M)
    ]
    assert spoken_to == [home]


def test_no_picture_or_sentence_of_this_project_names_a_machine():
    for file in [*PYTHON, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "sfa"]:
        if file.exists():
            assert not re.search(r"/(work|root|home)/", file.read_text()), file
