from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _own_caches(monkeypatch, tmp_path):
    """What this machine may have fetched is none of a test's business, nor is its network."""
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
