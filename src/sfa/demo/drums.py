"""The drum kit, built from swept sines and filtered noise, and its player."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfa.demo.form import SAMPLE_RATE, Bar, Form
from sfa.demo.room import in_room
from sfa.demo.tape import Chance, Sound, Tape, band_pass, high_pass, low_pass, swell, times

_TAKES = 3  # recordings of each hat and snare, so that no two neighbours are the same


@dataclass(frozen=True, slots=True)
class Groove:
    """Where the drums fall in a bar, in beats; the bar's length is the beat count's."""

    kick: tuple[float, ...]
    snare: tuple[float, ...]
    ghost: tuple[float, ...]
    hat_step: float


_GROOVES: dict[tuple[int, str], tuple[Groove, ...]] = {
    (4, "light"): (
        Groove((0, 2.5), (1, 3), (), 0.5),
        Groove((0, 1.75, 2), (1, 3), (), 0.5),
    ),
    (4, "full"): (
        Groove((0, 1.5, 2, 2.75), (1, 3), (1.75, 3.75), 0.5),
        Groove((0, 0.75, 2.5), (1, 3), (2.25,), 0.25),
    ),
    (3, "light"): (Groove((0,), (1, 2), (), 0.5), Groove((0, 1.5), (2,), (), 0.5)),
    (3, "full"): (
        Groove((0, 1.5), (1, 2), (2.75,), 0.5),
        Groove((0, 0.75), (1, 2), (1.75,), 0.25),
    ),
}


class Kit:
    """The recorded strokes: mono, except for the snare, the toms and the crash, which carry their room."""

    def __init__(self, chance: Chance, room: Sound) -> None:
        self.kick = _kick(chance)
        self.snare = [in_room(_snare(chance), room, 0.16) for _ in range(_TAKES)]
        self.stick = [in_room(_stick(chance), room, 0.14) for _ in range(_TAKES)]
        self.closed = [_hat(chance, 0.035) for _ in range(_TAKES)]
        self.open = [_hat(chance, 0.16) for _ in range(_TAKES)]
        self.toms = [in_room(_tom(chance, hz), room, 0.12, pan) for hz, pan in _TOMS]
        self.crash = [in_room(_crash(chance), room, 0.05, pan) for pan in (-0.35, 0.3)]


_TOMS = ((176.0, -0.35), (132.0, 0.05), (98.0, 0.4))


def play_drums(form: Form, room: Sound) -> Sound:
    """The drums' stem, (2, frames)."""
    tape = Tape(form.frames)
    kit = Kit(Chance(form.seed, "kit"), room)
    hands = Chance(form.seed, "drummer")
    for bar in form.bars:
        _play_bar(tape, form, bar, kit, hands)
    return tape.sound


def _play_bar(tape: Tape, form: Form, bar: Bar, kit: Kit, hands: Chance) -> None:
    opens = bar.is_first and bar.section != "intro"
    if opens:
        tape.add(form.frame(bar, 0), kit.crash[bar.turn % 2], 0.5 if bar.section == "chorus" else 0.36)
    if bar.section == "outro" and bar.is_last:
        tape.add(form.frame(bar, 0), kit.crash[1], 0.32)
        tape.add(form.frame(bar, 0), kit.kick, 0.9)
        return
    fill = _fill_start(form, bar)
    if bar.section == "intro":
        _play_count_in(tape, form, bar, kit, hands, fill)
    else:
        style = "full" if bar.section == "chorus" else "light"
        grooves = _GROOVES[form.beats_per_bar, style]
        groove = grooves[(bar.place % 4 == 3) ^ (form.seed // 2 % 2)]
        _play_groove(tape, form, bar, kit, hands, groove, fill)
    if fill < form.beats_per_bar:
        _play_fill(tape, form, bar, kit, hands, fill)


def _fill_start(form: Form, bar: Bar) -> float:
    """The beat from which the toms take over; the bar's end where they stay silent."""
    beats = form.beats_per_bar
    if bar.is_last:
        return beats - (1.0 if bar.section == "verse" else 2.0)
    if bar.section == "outro" and bar.place == bar.bars - 2:
        return beats - 1.0
    return float(beats)


def _play_count_in(tape: Tape, form: Form, bar: Bar, kit: Kit, hands: Chance, stop: float) -> None:
    """The intro: soft hats, then the kick joins on the downbeats."""
    for step in np.arange(0, stop, 1.0 if bar.place < 2 else 0.5):
        accent = 0.19 if step % 1 == 0 else 0.11
        tape.add(form.frame(bar, step), kit.closed[int(step * 2) % _TAKES], hands.around(accent, 0.02), 0.3)
    if bar.place >= 2:
        tape.add(form.frame(bar, 0), kit.kick, 0.8)


def _play_groove(
    tape: Tape, form: Form, bar: Bar, kit: Kit, hands: Chance, groove: Groove, stop: float
) -> None:
    full = bar.section == "chorus"
    for beat in groove.kick:
        if beat < stop:
            tape.add(form.frame(bar, beat), kit.kick, hands.around(1.0 if beat == 0 else 0.84, 0.04))
    strokes, level = (kit.snare, 0.62) if full else (kit.stick, 0.5)
    for number, beat in enumerate(groove.snare):
        if beat < stop:
            take = (bar.index + number) % _TAKES
            tape.add(form.frame(bar, beat), strokes[take], hands.around(level, 0.03))
    for beat in groove.ghost:
        if beat < stop:
            tape.add(form.frame(bar, beat), kit.snare[bar.index % _TAKES], hands.around(0.09, 0.02))
    for number, step in enumerate(np.arange(0, stop, groove.hat_step)):
        accent = 0.24 if step % 1 == 0 else (0.17 if step % 0.5 == 0 else 0.1)
        # In the chorus the hat opens after the last beat of every bar: a lift into the next downbeat.
        lifted = full and step == form.beats_per_bar - 0.5
        hat = (kit.open if lifted else kit.closed)[number % _TAKES]
        tape.add(form.frame(bar, step), hat, hands.around(accent * (1.3 if full else 1.0), 0.025), 0.3)


def _play_fill(tape: Tape, form: Form, bar: Bar, kit: Kit, hands: Chance, start: float) -> None:
    """Sixteenths down the toms, growing into the next section."""
    steps = np.arange(start, form.beats_per_bar, 0.25)
    for number, step in enumerate(steps):
        grown = 0.42 + 0.3 * number / len(steps)
        frame = form.frame(bar, step)
        if number % 4 == 0:
            tape.add(frame, kit.snare[0], hands.around(grown * 0.8, 0.03))
        elif number % 4 != 1 or bar.section == "chorus":
            tape.add(frame, kit.toms[number * 3 // len(steps)], hands.around(grown, 0.04))
    tape.add(form.frame(bar, start), kit.kick, 0.8)


def _swept(frames: int, low_hz: float, high_hz: float, fall_s: float) -> Sound:
    """A sine that falls from `high_hz` to `low_hz`."""
    hz = low_hz + (high_hz - low_hz) * np.exp(-times(frames) / fall_s)
    return np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE)


def _kick(chance: Chance) -> Sound:
    frames = round(0.36 * SAMPLE_RATE)
    clock = times(frames)
    body = _swept(frames, 47, 190, 0.028) * np.exp(-clock / 0.11)
    click = low_pass(high_pass(chance.noise(frames), 1200), 5500) * np.exp(-clock / 0.004)
    return np.tanh(1.6 * (body + 0.5 * click)) * swell(frames, 0.0005, 0.08)


def _snare(chance: Chance) -> Sound:
    frames = round(0.3 * SAMPLE_RATE)
    clock = times(frames)
    head = _swept(frames, 186, 260, 0.02) * np.exp(-clock / 0.055)
    head += 0.5 * _swept(frames, 331, 380, 0.02) * np.exp(-clock / 0.035)
    wires = high_pass(chance.noise(frames), 900) * np.exp(-clock / 0.085)
    snap = high_pass(chance.noise(frames), 4000) * np.exp(-clock / 0.006)
    return np.tanh(0.8 * head + 0.75 * wires + 0.6 * snap) * swell(frames, 0.0005, 0.08)


def _stick(chance: Chance) -> Sound:
    """A stick laid across the rim: short, dry wood."""
    frames = round(0.12 * SAMPLE_RATE)
    clock = times(frames)
    wood = np.sin(2 * np.pi * 1720 * clock) + 0.7 * np.sin(2 * np.pi * 2590 * clock)
    knock = _swept(frames, 420, 520, 0.01) * np.exp(-clock / 0.022)
    noise = band_pass(chance.noise(frames), 1500, 5000) * np.exp(-clock / 0.008)
    return (0.35 * wood * np.exp(-clock / 0.011) + 0.8 * knock + noise) * swell(frames, 0.0004, 0.04)


def _hat(chance: Chance, decay_s: float) -> Sound:
    """Noise and six square-ish partials that share no common fundamental, above 6 kHz."""
    frames = round(6 * decay_s * SAMPLE_RATE)
    clock = times(frames)
    metal = sum(np.sign(np.sin(2 * np.pi * hz * clock)) for hz in (2053, 3079, 3702, 5407, 5951, 8219))
    sound = high_pass(chance.noise(frames) + 0.16 * np.asarray(metal), 6800, 4)
    return sound * np.exp(-clock / decay_s) * swell(frames, 0.0008, 2 * decay_s)


def _tom(chance: Chance, hz: float) -> Sound:
    frames = round(0.5 * SAMPLE_RATE)
    clock = times(frames)
    skin = _swept(frames, hz * 0.92, hz * 1.35, 0.05) * np.exp(-clock / 0.13)
    stick = band_pass(chance.noise(frames), 800, 5000) * np.exp(-clock / 0.006)
    return (skin + 0.5 * stick) * swell(frames, 0.0005, 0.2)


def _crash(chance: Chance) -> Sound:
    frames = round(1.9 * SAMPLE_RATE)
    clock = times(frames)
    bright = high_pass(chance.noise(frames), 5200) * np.exp(-clock / 0.38)
    dark = band_pass(chance.noise(frames), 2200, 6000) * np.exp(-clock / 0.55)
    return (0.6 * bright + 0.55 * dark) * swell(frames, 0.002, 0.9)
