from __future__ import annotations

import hashlib
import json
import re

import jinja2.meta
import pytest

from sfa.web.templates import ROOT, STATIC, STATIC_URL, asset, digest_of, make_environment
from tests.conftest import ROOT as REPOSITORY

TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))
PAGES = [name for name in TEMPLATES if "{% extends" in (ROOT / name).read_text()]
SCRIPTS = sorted(STATIC.glob("js/*.js"))
VENDORED = json.loads((STATIC / "vendor" / "vendor.json").read_text())


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles_and_says_what_it_wants(name):
    text = (ROOT / name).read_text()
    assert re.match(r"\{# .+ #\}\n", text), "the first line says what it is and what it wants"
    make_environment().get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_that_is_included_exists(name):
    env = make_environment()
    for other in jinja2.meta.find_referenced_templates(env.parse((ROOT / name).read_text())):
        assert other in TEMPLATES


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_title_and_a_main_part(name):
    text = (ROOT / name).read_text()
    assert "{% block title %}" in text
    assert "{% block main %}" in text


def test_every_template_that_the_code_names_exists():
    named = set()
    for file in (REPOSITORY / "src" / "sfa").rglob("*.py"):
        named |= set(
            re.findall(r'"((?:acts|corrections|studio|errors|plots|runs)/[a-z_]+\.html)"', file.read_text())
        )
    assert named
    assert named <= set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_holds_a_script_or_a_style_of_its_own(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "|safe" not in text


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_every_module_that_is_imported_exists(file):
    for other in re.findall(r'from "\./([\w-]+\.js)"', file.read_text()):
        assert (file.parent / other).is_file()


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_no_script_makes_html_out_of_words(file):
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", file.read_text()
    )


def test_every_file_of_the_vendor_folder_is_the_one_that_was_taken_in():
    listed = {name: digest for package in VENDORED for name, digest in package["files"].items()}
    present = {
        path.relative_to(STATIC / "vendor").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file() and path.name != "vendor.json"
    }
    assert present == listed


def test_every_vendored_package_names_its_version_and_licence():
    for package in VENDORED:
        assert package["version"]
        assert package["licence"] in {"0BSD", "MIT", "OFL-1.1"}
        assert package["integrity"].startswith("sha512-")
        assert any(name.endswith("LICENSE") for other in VENDORED for name in other["files"])


def test_htmx_waits_for_its_extension():
    """A deferred htmx starts at once; where the extension is slower, the page never opens its stream."""
    scripts = re.findall(r"<script[^>]*vendor/htmx[^>]*>", (ROOT / "base.html").read_text())
    assert len(scripts) == 2
    assert not [script for script in scripts if "defer" in script or "async" in script]


def test_an_asset_that_is_not_there_fails_where_it_is_named():
    assert asset("css/base.css") == f"{STATIC_URL}/css/base.css"
    with pytest.raises(FileNotFoundError, match=r"css/none\.css"):
        asset("css/none.css")


def test_the_address_of_static_files_changes_with_any_of_them(tmp_path):
    (tmp_path / "a.js").write_text("1")
    before = digest_of(tmp_path)
    (tmp_path / "a.js").write_text("2")
    assert digest_of(tmp_path) != before
