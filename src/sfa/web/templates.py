"""Jinja, set up once: what every template may use, and where browsers find our files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import jinja2

from sfa import names
from sfa.web import words

# In the wheel the folder travels inside the package; in a checkout it stands at the root.
_PACKAGE = Path(__file__).parents[1]
_PACKED = _PACKAGE / "_templates"
ROOT = _PACKED if _PACKED.is_dir() else _PACKAGE.parents[1] / "templates"
STATIC = _PACKAGE / "static"


def digest_of(folder: Path) -> str:
    """Eight letters that change whenever a file of the folder does."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(folder)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


# All of static/ lies below one address that changes with its content: browsers may keep every file for
# ever, and modules import each other by plain relative paths.
STATIC_URL = f"/static/{digest_of(STATIC)}"


def asset(path: str) -> str:
    """The address of a file of static/; a file that is not there fails where it is named."""
    if not (STATIC / path).is_file():
        raise FileNotFoundError(f"static/{path} is named by a template and does not exist.")
    return f"{STATIC_URL}/{path}"


def make_environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals["asset"] = asset
    env.filters.update(
        clock=names.clock,
        left=words.left,
        span=words.span,
        number=words.number,
        size=words.size,
        key=words.key,
        share=words.share,
        count=words.count,
        day=words.day,
    )
    return env
