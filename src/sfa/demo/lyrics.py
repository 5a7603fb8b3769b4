"""The words, as sounds, and the tune they are sung to, as contours over the scale."""

from __future__ import annotations

from dataclasses import dataclass

# One syllable a word, its sounds joined by dots, in the ARPAbet's names.
# Late in the workshop the embers glow / I hear the rain and the radio /
# You left a song on the window sill / And I can hear it, it's humming still
_VERSE = (
    "l.ey.t ih.n dh.ah w.er.k sh.aa.p dh.iy eh.m b.er.z g.l.ow",
    "ay hh.iy.r dh.ah r.ey.n ae.n dh.ah r.ey d.iy ow",
    "y.uw l.eh.f.t ah s.ao.ng ao.n dh.ah w.ih.n d.ow s.ih.l",
    "ae.n.d ay k.ae.n hh.iy.r ih.t ih.t.s hh.ah m.ih.ng s.t.ih.l",
)
# Copper and silver and smoke and wine / Break it in pieces and make it mine
_HALF_VERSE = (
    "k.aa p.er ae.n s.ih.l v.er ae.n s.m.ow.k ae.n w.ay.n",
    "b.r.ey.k ih.t ih.n p.iy s.ih.z ae.n m.ey.k ih.t m.ay.n",
)
# Turn, turn the lead to gold / Let the fire take hold / Turn, turn the lead to gold / Never let it go cold
_CHORUS = (
    "t.er.n t.er.n dh.ah l.eh.d t.uw g.ow.l.d",
    "l.eh.t dh.ah f.ay y.er t.ey.k hh.ow.l.d",
    "t.er.n t.er.n dh.ah l.eh.d t.uw g.ow.l.d",
    "n.eh v.er l.eh.t ih.t g.ow k.ow.l.d",
)
_OUTRO = ("l.eh.d t.uw g.ow.l.d", "l.eh.d t.uw g.ow.l.d")

# Steps of the scale from the tonic of the singer's middle octave, one for each syllable.
_VERSE_TUNE = (
    (2, 2, 1, 2, 3, 2, 4, 3, 2),
    (4, 4, 3, 4, 3, 2, 3, 2, 1),
    (2, 2, 1, 2, 3, 4, 5, 4, 5),
    (5, 5, 4, 5, 4, 3, 4, 3, 4),
)
_CHORUS_TUNE = (
    (5, 7, 6, 7, 6, 8),
    (7, 7, 9, 8, 7, 7),
    (5, 7, 6, 7, 6, 8),
    (6, 8, 7, 6, 8, 7),
)
_OUTRO_TUNE = ((5, 4, 4), (4, 6, 7))

# Place and length in beats of each syllable of a phrase of two bars.
_TIMES = {
    (4, 9): ((0, 0.5), (0.5, 0.5), (1, 0.5), (1.5, 1), (2.5, 0.5), (3, 0.5), (3.5, 1), (4.5, 0.5), (5, 2.4)),
    (4, 6): ((0, 1.4), (1.5, 1), (2.5, 0.5), (3, 1.5), (4.5, 0.5), (5, 2.6)),
    (4, 3): ((2, 1), (3, 1), (4, 3.2)),
    (3, 9): (
        (0, 0.5),
        (0.5, 0.5),
        (1, 0.5),
        (1.5, 0.5),
        (2, 0.5),
        (2.5, 0.5),
        (3, 0.5),
        (3.5, 0.5),
        (4, 1.6),
    ),
    (3, 6): ((0, 1), (1, 1), (2, 0.5), (2.5, 1), (3.5, 0.5), (4, 1.7)),
    (3, 3): ((1, 1), (2, 1), (3, 2.4)),
}


@dataclass(frozen=True, slots=True)
class Syllable:
    beat: float  # from the start of its phrase
    beats: float
    degree: int  # of the scale; the contour, not yet fitted to the chord
    sounds: tuple[str, ...]


def phrases(section: str, bars: int, beats_per_bar: int) -> list[list[Syllable]]:
    """What is sung in a section, a list of syllables for each two bars; empty where nobody sings."""
    texts, tunes = {
        ("verse", 8): (_VERSE, _VERSE_TUNE),
        ("verse", 4): (_HALF_VERSE, _VERSE_TUNE[2:]),
        ("chorus", 8): (_CHORUS, _CHORUS_TUNE),
        ("outro", 4): (_OUTRO, _OUTRO_TUNE),
    }.get((section, bars), ((), ()))
    return [_phrase(text, tune, beats_per_bar) for text, tune in zip(texts, tunes, strict=True)]


def _phrase(text: str, tune: tuple[int, ...], beats_per_bar: int) -> list[Syllable]:
    words = text.split()
    places = _TIMES[beats_per_bar, len(words)]
    return [
        Syllable(beat, beats, degree, tuple(word.split(".")))
        for (beat, beats), degree, word in zip(places, tune, words, strict=True)
    ]
