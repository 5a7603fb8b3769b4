"""Tracks in an order of one's own, and crates: filters with a name."""

from sfa.playlists.store import Crate, Item, Playlist, append, crate, crates, items, make, playlist, playlists

__all__ = ["Crate", "Item", "Playlist", "append", "crate", "crates", "items", "make", "playlist", "playlists"]
