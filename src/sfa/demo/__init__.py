"""The demo song: composed and synthesised here, so that tempo, key, chords and sections are known."""

from sfa.demo.studio import DemoSong, compose, song, write
from sfa.demo.truth import Key, Truth

__all__ = ["DemoSong", "Key", "Truth", "compose", "song", "write"]
