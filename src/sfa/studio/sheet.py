"""Everything that the page of one track shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sfa import analysis, corrections, downloads, separation
from sfa.sql import Conn
from sfa.studio.cards import Card, card_of

_MAIN_CHORDS = 8


@dataclass(frozen=True, slots=True)
class ChordShare:
    label: str
    share: float  # of the time in which there is a chord


@dataclass(frozen=True, slots=True)
class Lane:
    """One voice of the player."""

    id: UUID
    kind: str  # the stem, or mix
    name: str
    audio: str  # addresses
    peaks: str | None  # None before the sound has been read


@dataclass(frozen=True, slots=True)
class Sheet:
    """A track, its stems and its readings."""

    card: Card
    separations: list[separation.Separation]  # all that came to something, the oldest first
    played: separation.Separation | None  # the one that the player plays; else the one that was chosen
    stems: list[separation.Stem]  # of that one
    pack: separation.Pack | None  # these stems, for the player
    song: corrections.Song  # as it was read, and as it was corrected
    places: list[downloads.Place] | None = None  # where its sound may be had, if it came by a link

    @property
    def readings(self) -> analysis.Readings:
        """What holds: the readings with what a person corrected."""
        return self.song.effective

    @property
    def lanes(self) -> list[Lane]:
        """The stems, and below them the original."""
        track = self.card.track.id
        stems = [
            Lane(
                stem.id,
                stem.name,
                stem.name.capitalize(),
                f"/stems/{stem.id}/audio",
                None if stem.energy_share is None else f"/stems/{stem.id}/peaks",
            )
            for stem in self.stems
        ]
        read = f"/tracks/{track}/peaks" if self.readings.by_name else None
        return [*stems, Lane(track, "mix", "Original", f"/tracks/{track}/source", read)]

    @property
    def pack_facts(self) -> dict[str, object] | None:
        """What the player has to know before it asks for any sound."""
        if (pack := self.pack) is None:
            return None
        return {
            "url": f"/separations/{pack.run_id}/pack/{pack.rev}",
            "stems": pack.stems,
            "frames": pack.frames,
            "segmentFrames": pack.segment_frames,
            "gain": pack.gain,
        }

    @property
    def missing(self) -> list[analysis.Reading]:
        """Readings that could not be taken, each with its reason."""
        return [reading for reading in self.readings.by_name.values() if reading.absent is not None]

    @property
    def beats(self) -> str:
        """Times and places in the bar of all beats, for the ruler: "0.512:1 1.021:2 …"."""
        return " ".join(f"{beat.at_s:.3f}:{beat.position}" for beat in self.readings.beats)

    @property
    def main_chords(self) -> list[ChordShare]:
        """The chords that fill most of the song."""
        length_s: dict[str, float] = defaultdict(float)
        for chord in self.readings.chords:
            if chord.label != "N":
                length_s[chord.label] += chord.end_s - chord.start_s
        whole_s = sum(length_s.values())
        ranked = sorted(length_s, key=lambda label: -length_s[label])[:_MAIN_CHORDS]
        return [ChordShare(label, length_s[label] / whole_s) for label in ranked]


async def sheet_of(conn: Conn, *, account_id: UUID, track_id: UUID, run_id: int | None = None) -> Sheet:
    """With the stems of the separation `run_id`, or with "the stems"."""
    card = await card_of(conn, account_id=account_id, track_id=track_id)
    separations = await separation.separations_of_track(conn, account_id=account_id, track_id=track_id)
    chosen = next((one for one in separations if one.chosen), None)
    played = next((one for one in separations if one.run_id == run_id), chosen)
    stems = await separation.stems_of_track(conn, account_id=account_id, track_id=track_id)
    return Sheet(
        card,
        separations,
        played,
        [stem for stem in stems if played and stem.run_id == played.run_id],
        await separation.pack_of_run(conn, account_id=account_id, run_id=played.run_id) if played else None,
        await corrections.song_of(conn, account_id=account_id, track_id=track_id),
        await _places(conn, account_id, card),
    )


async def _places(conn: Conn, account_id: UUID, card: Card) -> list[downloads.Place] | None:
    if not any(run.stage == "fetch" for run in card.runs):
        return None
    return await downloads.candidates_of_track(conn, account_id=account_id, track_id=card.track.id)
