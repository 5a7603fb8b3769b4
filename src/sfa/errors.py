"""Everything this program raises on purpose: a sentence for the user, facts for the log.

`CODES` is the one table of what can be wrong with an input or a run. Rows of
`runs` carry the code and the sentence; the command line leaves with the code's
exit status; pages show the sentence and the way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class SfaError(Exception):
    """Base of every error raised on purpose. `str(error)` is a sentence without ids.

    `fix` says what the user can do about it; empty when the sentence says so itself.
    """

    def __init__(self, message: str, *, fix: str = "", **facts: object) -> None:
        super().__init__(message)
        self.fix = fix
        self.facts = facts


class NotFound(SfaError):
    """There is no such thing, or it is not yours."""


class BadSettings(SfaError):
    """The environment does not say what it must."""


class Refused(SfaError):
    """The request cannot be carried out as asked; asking again will not help."""

    def __init__(self, message: str, *, code: str = "refused", fix: str = "", **facts: object) -> None:
        super().__init__(message, fix=fix)
        self.facts = facts
        self.code = code


class ChildFailed(SfaError):
    """A child process died, overran, or left without a result."""

    def __init__(self, message: str, *, code: str = "crashed", evidence: str = "", **facts: object) -> None:
        super().__init__(message)
        self.facts = facts
        self.code = code
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the error table."""

    retry: Literal["never", "again"]  # `again`: the queue tries by itself until the attempts are used up
    exit_status: int  # of the command line
    meaning: str


CODES = {
    "not_audio": Code("never", 65, "The file is not sound in any format that ffmpeg or libsndfile reads."),
    "empty_file": Code("never", 65, "The file has no bytes, or holds no sound at all."),
    "no_sound": Code("never", 65, "The file holds pictures and no sound."),
    "protected": Code("never", 65, "The file is locked by its shop (DRM)."),
    "truncated": Code("never", 65, "The file breaks off before the end that its header promises."),
    "not_numbers": Code("never", 65, "The file holds samples that are not numbers."),
    "unreadable": Code("never", 66, "The file cannot be opened."),
    "gone": Code("never", 66, "The file was there and is not any more."),
    "model_unknown": Code("never", 64, "No model has this name."),
    "weights_missing": Code("never", 69, "The weights of the model are not on this machine."),
    "weights_corrupt": Code("never", 69, "The weights of the model are damaged or not a model."),
    "weights_unreachable": Code("never", 69, "The weights could not be fetched."),
    "engine_missing": Code("never", 69, "The separation engine is not installed."),
    "too_large": Code("never", 65, "The file is larger than this studio takes."),
    "disk_full": Code("again", 74, "There is no room left on the disk."),
    "memory": Code("again", 71, "The step needed more memory than it may use."),
    "timeout": Code("again", 75, "The step took longer than it may."),
    "stalled": Code("again", 75, "The step stopped making progress."),
    "crashed": Code("again", 70, "The step's process died."),
    "busy": Code("again", 75, "As much is being made as this machine is to make at once."),
    "refused": Code("never", 64, "The request cannot be carried out as asked."),
    # What a link leads to, and what keeps it back.
    "bad_url": Code("never", 64, "This is no link, or one that leads nowhere."),
    "unsupported_kind": Code("never", 64, "The link leads to what is no track, album, playlist or artist."),
    "internal_address": Code("never", 77, "The link leads into the network of this machine."),
    "bad_table": Code("never", 65, "The table cannot be read, or a line of it names no song."),
    "not_found_or_private": Code("never", 66, "There is nothing at the link, or its owner keeps it private."),
    "playlist_withheld": Code("never", 77, "Spotify gives the songs of this playlist to its owner only."),
    "needs_login": Code("never", 77, "Somebody has to sign in, or to sign in again."),
    "not_allowlisted": Code("never", 77, "The account is not on the list of the Spotify application."),
    "owner_premium": Code("never", 77, "The owner of the Spotify application has no Premium."),
    "bad_keys": Code("never", 78, "Spotify does not accept the keys of the application."),
    "rate_limited": Code("again", 75, "The far side was asked too often and wants a pause."),
    "quota_exceeded": Code("again", 75, "The share of requests that Spotify gives to these keys is used up."),
    "upstream": Code("again", 69, "The far side answered with an error, or with what cannot be understood."),
    "network": Code("again", 69, "The far side cannot be reached."),
    "tls": Code("again", 69, "The far side could not prove who it is."),
    # Entries of an import that stay behind.
    "track_removed": Code("never", 66, "The song was taken off Spotify."),
    "track_not_playable": Code("never", 66, "Spotify has no licence to play the song here."),
    "local_file": Code("never", 66, "The entry is a file on its owner's own computer."),
    "not_music": Code("never", 65, "The entry is no song."),
    # From a link to its sound.
    "no_match": Code("never", 66, "No sound was found for the song."),
    "match_doubtful": Code("never", 65, "What was found may be another recording; a person has to say."),
    "source_private": Code("never", 77, "The video is private."),
    "source_removed": Code("never", 66, "The video was taken down."),
    "source_region": Code("never", 77, "The video is not shown in this country."),
    "source_age": Code("never", 77, "The video is shown to adults who have signed in."),
    "source_rate_limited": Code("again", 75, "The source takes this machine for a robot and wants a pause."),
    "source_forbidden": Code("again", 69, "The source refuses to send the sound."),
    "source_needs_js": Code("never", 69, "The source wants a script to be run, and nothing here can run it."),
    "live_stream": Code("never", 65, "This is on the air and has no end."),
    "transcode": Code("never", 70, "What was downloaded could not be made into a sound file."),
    "tagging": Code("never", 70, "Title and artist could not be written into the file."),
    "downloader_missing": Code("never", 69, "The downloader is not installed."),
    "ffmpeg_missing": Code("never", 69, "ffmpeg is not installed."),
}
