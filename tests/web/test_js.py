from __future__ import annotations

import shutil
import subprocess

from tests.conftest import ROOT, leave_out


def test_the_scripts_of_the_pages_pass_their_own_tests():
    node = shutil.which("node")
    if node is None:
        leave_out("node is not installed: the tests in tests/js did not run")
    files = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))
    assert len(files) >= 5
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
