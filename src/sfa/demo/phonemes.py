"""The sounds of speech that the singer knows: formants of vowels, and how each consonant is made."""

from __future__ import annotations

from dataclasses import dataclass

Formants = tuple[float, float, float]

# Hz. Source: the means for women in Peterson and Barney, "Control Methods Used in a Study of the Vowels",
# Journal of the Acoustical Society of America 24(2), 1952, Table II.
VOWELS: dict[str, Formants] = {
    "iy": (310, 2790, 3310),
    "ih": (430, 2480, 3070),
    "eh": (610, 2330, 2990),
    "ae": (860, 2050, 2850),
    "aa": (850, 1220, 2810),
    "ao": (590, 920, 2710),
    "uh": (470, 1160, 2680),
    "uw": (370, 950, 2670),
    "ah": (760, 1400, 2780),
    "er": (500, 1640, 1960),
}
# Where a gliding vowel begins and ends.
GLIDES: dict[str, tuple[str, str]] = {
    "ey": ("eh", "iy"),
    "ay": ("aa", "ih"),
    "ow": ("ao", "uh"),
    "aw": ("aa", "uh"),
}


@dataclass(frozen=True, slots=True)
class Consonant:
    """How a consonant is made; levels are relative to a sung vowel's."""

    seconds: float
    formants: Formants  # where the tongue is
    voice: float  # of the glottis
    breath: float = 0.0  # blown through the mouth's formants
    noise: float = 0.0  # made at teeth or lips, past the formants
    noise_hz: tuple[float, float] = (1000, 4000)
    burst: bool = False  # the noise is the release of a closure, not a stream


CONSONANTS: dict[str, Consonant] = {
    "p": Consonant(0.075, (350, 900, 2300), 0, 0.25, 0.35, (500, 2000), True),
    "t": Consonant(0.075, (350, 1800, 2700), 0, 0.3, 0.5, (3200, 7500), True),
    "k": Consonant(0.08, (350, 2000, 2600), 0, 0.3, 0.5, (1500, 3800), True),
    "b": Consonant(0.06, (300, 900, 2300), 0.12, 0, 0.2, (400, 1800), True),
    "d": Consonant(0.055, (300, 1800, 2700), 0.12, 0, 0.3, (2800, 6500), True),
    "g": Consonant(0.06, (300, 2000, 2600), 0.12, 0, 0.3, (1400, 3400), True),
    "s": Consonant(0.105, (350, 1800, 2700), 0, 0, 0.5, (4800, 10500)),
    "sh": Consonant(0.11, (350, 1900, 2600), 0, 0, 0.5, (2300, 6500)),
    "f": Consonant(0.09, (350, 1100, 2300), 0, 0, 0.22, (1800, 9500)),
    "th": Consonant(0.08, (350, 1500, 2600), 0, 0, 0.18, (3000, 9500)),
    "hh": Consonant(0.075, (600, 1500, 2700), 0, 0.8),
    "z": Consonant(0.08, (320, 1800, 2700), 0.35, 0, 0.3, (4800, 10500)),
    "v": Consonant(0.06, (320, 1100, 2300), 0.4, 0, 0.1, (1800, 9000)),
    "dh": Consonant(0.05, (320, 1500, 2600), 0.4, 0, 0.08, (3000, 9000)),
    "m": Consonant(0.075, (270, 1000, 2200), 0.4),
    "n": Consonant(0.07, (270, 1650, 2500), 0.4),
    "ng": Consonant(0.08, (270, 2000, 2500), 0.4),
    "l": Consonant(0.07, (380, 1200, 2800), 0.6),
    "r": Consonant(0.075, (400, 1250, 1750), 0.65),
    "w": Consonant(0.075, (320, 700, 2300), 0.6),
    "y": Consonant(0.065, (300, 2500, 3200), 0.6),
}
