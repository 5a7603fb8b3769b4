from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.fake_internet import contract

SHIPPED = [
    *(file for folder in ("src", "sql", "templates") for file in (ROOT / folder).rglob("*")),
    ROOT / "web.py",
    ROOT / "workers.py",
    ROOT / "sfa",
]
OF_THE_DOUBLE = re.compile(rb"fake.?internet|fixture\.example|fixture authority|tests\.fake", re.IGNORECASE)


def test_the_clients_are_those_that_the_double_was_written_after():
    assert contract.ours() == contract.OURS, "an upgrade is a deliberate act: see contract.py"


def test_the_downloaders_are_those_that_the_double_was_written_after(downloader):
    assert contract.downloaders() == contract.DOWNLOADERS, "an upgrade is a deliberate act: see contract.py"


@pytest.mark.parametrize("ci, outcome", [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_a_downloader_a_machine_skips_and_one_that_checks_changes_fails(
    tmp_path, monkeypatch, ci, outcome
):
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=r"\./sfa setup --all makes it"):
        contract.require_downloader(tmp_path)


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-spotdl.txt"])
def test_what_gets_installed_is_what_was_agreed(name):
    pinned = dict(
        line.split("==", 1)
        for line in (ROOT / name).read_text().splitlines()
        if "==" in line and ";" not in line
    )
    agreed = contract.OURS if name == "constraints.txt" else contract.DOWNLOADERS
    assert {client: pinned[client] for client in agreed} == agreed


def test_nothing_that_is_shipped_knows_of_the_double():
    files = [file for file in SHIPPED if file.is_file() and "__pycache__" not in file.parts]
    assert len(files) > 100
    assert [file for file in files if OF_THE_DOUBLE.search(file.read_bytes())] == []


def test_no_client_is_patched_or_talked_out_of_its_checks():
    """What would make a test of the double a test of nothing; this file has to spell it out."""
    forbidden = re.compile(
        r"verify\s*=\s*False|InsecureRequestWarning|_create_unverified|monkeypatch\.setattr"
    )
    files = [
        file for file in (ROOT / "tests" / "fake_internet").rglob("*.py") if file.name != "test_contract.py"
    ]
    assert [file.name for file in files if forbidden.search(file.read_text())] == []
