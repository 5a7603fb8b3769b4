"""Every page and state, dark and light, on a desk and on a phone: sound to axe, silent on the console."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.browser import looks
from tests.browser.conftest import Screen
from tests.browser.songs import furnish
from tests.conftest import ROOT

VENDOR = ROOT / "tests" / "vendor"
AXE = VENDOR / "axe-core-4.14.1" / "axe.min.js"
DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RUN = """async rules => {
    const found = await axe.run(document, { resultTypes: ["violations"], ...rules });
    return found.violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target, failureSummary }) =>
        `${id} (${impact}) at ${target.join(" ")}: ${failureSummary.replace(/\\s+/g, " ")}`));
}"""


@pytest.fixture
def shots(tmp_path) -> Path:
    """Where pictures go: SFA_TEST_SHOTS, to keep them."""
    folder = Path(os.environ.get("SFA_TEST_SHOTS") or tmp_path / "shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def look(screen: Screen, name: str, shots: Path) -> list[str]:
    """Everything that is wrong with what is on the screen, in either set of colours."""
    wrong = [f"{over} px wider than the screen"] if (over := await screen.overflow()) > 0 else []
    for colours, rules in (("dark", {}), ("light", {"runOnly": ["color-contrast"]})):
        await screen.page.emulate_media(color_scheme=colours)
        wrong += [f"{one} [{colours}]" for one in await screen.page.evaluate(RUN, rules)]
        await screen.page.screenshot(path=shots / f"{name}-{colours}.png", full_page=True)
    wrong += screen.complaints
    return [f"{name}: {one}" for one in wrong]


@pytest.mark.browser
@pytest.mark.parametrize("device", ["desk", "phone"])
async def test_every_page_is_sound(browser, address, pool, settings, account, shots, device):
    size = DESK if device == "desk" else PHONE
    context = await browser.new_context(**size, color_scheme="dark", reduced_motion="reduce")
    await context.add_init_script(path=AXE)
    wrong: list[str] = []
    few = asyncio.Semaphore(3)

    async def visit(name, go, studio) -> None:
        async with few:
            screen = Screen(await context.new_page(), address)
            await go(screen, studio)
            if name in looks.REFUSED:
                screen.complaints = [said for said in screen.complaints if "the server responded" not in said]
            wrong.extend(await look(screen, f"{name}-{device}", shots))
            await screen.page.close()

    async def visit_all(states, studio=None) -> None:
        await asyncio.gather(*(visit(name, go, studio) for name, go in states.items()))

    await visit_all(looks.EMPTY)
    studio = await furnish(pool, settings, account)
    await visit_all(looks.FULL | looks.REFUSED, studio)
    await visit_all(looks.CHANGED, studio)
    await context.close()
    assert not wrong, "\n".join(wrong)


def test_every_file_of_the_vendor_folder_of_tests_is_the_one_that_was_taken_in():
    packages = json.loads((VENDOR / "vendor.json").read_text())
    listed = {name: digest for package in packages for name, digest in package["files"].items()}
    present = {
        file.relative_to(VENDOR).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.rglob("*")
        if file.is_file() and file.name != "vendor.json"
    }
    assert present == listed
    assert all(package["licence"] == "MPL-2.0" for package in packages)
