"""The pages that need all rooms: desk, library, playlist, track, and the stream that keeps them true."""

from sfa.studio.pages import acts, bulk, cover, desk, events, library, paste, playlists, track

routes = [
    *desk.routes,
    *paste.routes,
    *library.routes,
    *bulk.routes,
    *cover.routes,
    *playlists.routes,
    *track.routes,
    *acts.routes,
    *events.routes,
]
