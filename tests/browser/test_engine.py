"""The audio engine, rendered without a sound card and compared to the sample with what went into the pack."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from sfa import media
from sfa.web.templates import STATIC_URL
from tests.web.make import RATE, Song, add_song

pytestmark = pytest.mark.browser

SECONDS = 5.3
LIMITER = 127  # frames
QUANTUM = 128
NAMES = ("vocals", "drums", "bass", "other")
SCRIPTS = (Path(__file__).parent / "engine.js").read_text()


def noise(seconds: float, peak: float = 0.2, **how) -> Song:
    """Every sample of every stem is another: a single one in the wrong place is seen."""
    rng = np.random.default_rng(0)
    frames = round(seconds * RATE)
    whole = rng.integers(-int(peak * 32768), int(peak * 32768), (4, frames, 2))
    return Song(dict(zip(NAMES, (whole / 32768).astype(np.float32), strict=True)), **how)


@pytest.fixture
def song() -> Song:
    return noise(SECONDS)


class Engine:
    """A page without anything on it, and the engine's modules."""

    def __init__(self, screen, pack) -> None:
        self.screen = screen
        self.pack = pack

    async def do(self, name: str, **told):
        """Carry out a function of engine.js with the pack."""
        return await self.screen.page.evaluate(
            f"(async told => {{ {SCRIPTS}; return await {name}(told); }})",
            {"base": f"{STATIC_URL}/js/engine", "pack": self.pack, **told},
        )

    async def render(self, frames: int, plan=(), **told) -> np.ndarray:
        """What leaves the master, shape (frames, 2): `plan` says at which frame to do what."""
        sound = await self.sound("render", frames=frames + LIMITER, plan=list(plan), **told)
        return sound[LIMITER:]

    async def sound(self, name: str, **told) -> np.ndarray:
        text = await self.do(name, **told)
        return np.frombuffer(base64.b64decode(text), np.float32).reshape(2, -1).T


@pytest.fixture
async def engine(screen, pool, settings, account, song):
    track = await add_song(pool, settings, account, song, "Song.flac")
    async with pool.connection() as conn:
        row = await conn.execute(
            "select run_id, sha256, frames, segment_frames, gain from packs where track_id = %s", [track]
        )
        run, sha256, frames, segment, gain = await row.fetchone()
    await screen.page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    await screen.open("/healthz")
    facts = {"url": f"/separations/{run}/pack/{sha256[:16]}", "stems": list(NAMES)}
    made = Engine(screen, facts | {"frames": frames, "segmentFrames": segment, "gain": gain})
    made.file = media.blob(settings, sha256)
    made.sent = song
    return made


@pytest.fixture
async def heard(engine) -> Song:
    """The song as the browser decodes it: some take 32767 for full scale above zero, and 32768 below."""
    stems = {
        name: (await engine.sound("decoded", stem=place))[: engine.pack["frames"]]
        for place, name in enumerate(NAMES)
    }
    return Song(stems)


def line(song: Song, *stretches: tuple[int, int]) -> np.ndarray:
    """Stretches of the mix one after the other."""
    mix = np.concatenate([song.mix, np.zeros((1 << 16, 2), np.float32)])
    return np.concatenate([mix[first:last] for first, last in stretches])


def fade(sound: np.ndarray, *, into: int | None = None, out: int | None = None) -> np.ndarray:
    """The quantum from frame `into` on grows, the one from `out` on shrinks."""
    faded = sound.copy()
    ramp = (np.arange(QUANTUM) / QUANTUM)[:, None].astype(np.float32)
    if into is not None:
        faded[into : into + QUANTUM] *= ramp
    if out is not None:
        faded[out : out + QUANTUM] *= 1 - ramp - 1 / QUANTUM
    return faded


async def test_the_pack_is_decoded_to_the_stems_within_a_step_of_16_bits(engine, heard):
    for name in NAMES:
        np.testing.assert_allclose(heard.stems[name], engine.sent.stems[name], atol=1.01 / 32768)


def same(found: np.ndarray, wanted: np.ndarray) -> None:
    """To the sample: neighbours are 3e-5 apart and more, and float32 sums depend on their order by 6e-8."""
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-7)


WAYS = pytest.mark.parametrize("worklet", [True, False], ids=["worklet", "buffers"])


@WAYS
async def test_all_stems_together_are_the_mix_to_the_sample(engine, heard, worklet):
    frames = len(heard.mix) + 500 if worklet else 100_000  # of which nothing is planned ahead in real time
    same(await engine.render(frames, worklet=worklet), line(heard, (0, frames)))


async def test_each_stem_alone_is_that_stem_and_a_mute_is_silence(engine, heard):
    for name in NAMES:
        sound = await engine.render(30_000, before=[["solo", name]])
        same(sound, heard.stems[name][:30_000])
    silent = await engine.render(3000, before=[["mute", name] for name in NAMES])
    assert not silent.any()


async def test_seeks_land_on_the_sample_and_leave_no_drift(engine, heard):
    at, to = 100 * QUANTUM, 123_457
    sound = await engine.render(40_000, [[at, "seek", to]])
    wanted = line(heard, (0, at + QUANTUM), (to, to + 40_000))[:40_000]
    wanted = fade(wanted, out=at, into=at + QUANTUM)
    np.testing.assert_allclose(sound, wanted, atol=1e-6)
    exact = np.r_[0:at, at + 2 * QUANTUM : 40_000]
    same(sound[exact], wanted[exact])


@WAYS
async def test_a_loop_has_no_gap_and_is_exact_to_the_sample(engine, heard, worklet):
    a, b = 20_011, 47_777
    sound = await engine.render(4 * (b - a), loop=[a, b], worklet=worklet)
    wanted = line(heard, (0, b), *[(a, b)] * 4)[: 4 * (b - a)]
    same(sound, wanted)


async def test_a_loop_may_be_shorter_than_a_quantum_of_the_sound_card_twice(engine, heard):
    a, b = 1000, 1000 + 513
    sound = await engine.render(20_000, loop=[a, b])
    same(sound, line(heard, (0, b), *[(a, b)] * 40)[:20_000])


@WAYS
async def test_a_loop_closed_behind_its_end_goes_on_in_time(engine, heard, worklet):
    a, b, at = 5000, 12_000, 100 * QUANTUM
    sound = await engine.render(40_000, [[at, "loop", a, b]], worklet=worklet)
    turned = at + (QUANTUM if worklet else 882)  # 20 ms ahead is planned already
    frames = a + (np.arange(turned, 40_000) - b) % (b - a)
    wanted = np.concatenate([heard.mix[:turned], heard.mix[frames]])
    exact = np.r_[0 : turned - QUANTUM, turned + 2 * QUANTUM : 40_000]  # between them it fades
    same(sound[exact], wanted[exact])


@WAYS
async def test_a_loop_closed_before_the_ear_is_at_its_end_turns_whatever_is_made_already(engine, worklet):
    seen = np.array(await engine.do("closeLoop", latencyS=0.3, closedS=0.1, worklet=worklet))
    assert seen.max() < 0.1
    assert (np.diff(seen) < -0.3).sum() >= 2


async def test_letting_go_of_a_loop_plays_on(engine, heard):
    a, b = 10_000, 12_000
    sound = await engine.render(30_000, [[20 * QUANTUM * 5, "loop", None]], loop=[a, b])
    turned = (12_800 - a) // (b - a)
    here = 12_800 - turned * (b - a)
    same(sound, line(heard, (0, b), (a, here), (here, 40_000))[:30_000])


async def test_seeks_within_a_loop_keep_turning_without_drift(engine, heard):
    a, b = 30_000, 50_000
    plan = [[40 * QUANTUM, "seek", 45_000], [200 * QUANTUM, "seek", 31_234]]
    sound = await engine.render(90_000, plan, loop=[a, b])
    ends = 200 * QUANTUM + 2 * QUANTUM
    frames = 31_234 + QUANTUM + np.arange(90_000 - ends)
    frames = np.where(frames < b, frames, a + (frames - b) % (b - a))
    same(sound[ends:], heard.mix[frames])


async def test_the_end_of_the_song_is_the_end(engine, heard):
    sound = await engine.render(30_000, start=len(heard.mix) - 5000)
    same(sound[QUANTUM:5000], heard.mix[-5000 + QUANTUM :])
    assert not sound[5000:].any()


@pytest.mark.parametrize("rate", [0.5, 0.75, 1.26, 2.0])
async def test_another_speed_bends_the_pitch_and_nothing_else(engine, rate):
    sound = (await engine.sound("bent", rate=rate, hz=441.0))[4096:-4096, 0]
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(len(sound)))) ** 2
    bin_hz = RATE / len(sound)
    peak = int(spectrum.argmax())
    assert peak * bin_hz == pytest.approx(441 * rate, abs=bin_hz)
    tone = spectrum[peak - 6 : peak + 7].sum()
    assert 10 * np.log10(tone / (spectrum.sum() - tone)) > 60


async def test_a_pan_moves_one_stem_and_a_gain_scales_it(engine, heard):
    before = [["pan", "vocals", -1.0], ["gain", "drums", 0.5], ["mute", "bass"], ["mute", "other"]]
    sound = await engine.render(20_000, before=before)
    left = heard.stems["vocals"].sum(axis=1) + 0.5 * heard.stems["drums"][:, 0]
    np.testing.assert_allclose(sound[:, 0], left[:20_000], atol=1e-5)
    np.testing.assert_allclose(sound[:, 1], 0.5 * heard.stems["drums"][:20_000, 1], atol=1e-5)


async def test_what_would_clip_is_limited_and_comes_back(engine, heard):
    sound = await engine.render(60_000, before=[["gain", name, 3.0] for name in NAMES[:2]])
    assert 0.9 < np.abs(sound).max() <= 1.0


async def test_two_decks_on_one_clock_stay_together(engine, heard):
    sound = await engine.render(30_000, decks=2, before=[["gain", name, 0.5] for name in NAMES])
    same(sound, heard.mix[:30_000])


async def test_segments_come_in_aligned_bursts_and_few_are_kept(engine):
    found = await engine.do("hold")
    assert found["first"] == [[0, 0], [1, 1]]
    assert found["isAligned"]
    assert set(found["sizes"]) <= {1, 2, 4, 8, 16}
    assert max(found["sizes"]) >= 4
    assert found["most"] <= 40


async def test_what_is_late_is_waited_for_by_all_stems_and_nothing_is_left_out(engine):
    size, late, frames = 1 << 14, 200 * QUANTUM, 40_000
    found = await engine.do("hole", late=late, frames=frames)
    sound = np.frombuffer(base64.b64decode(found["sound"]), np.float32).reshape(4, -1).T
    signs = np.array([1, -1, 2, -2], np.float32)
    before, after = np.arange(1, size + 1)[:, None] * signs, np.arange(size + 1, frames + 1)[:, None] * signs
    np.testing.assert_allclose(sound[:size], fade(before, out=size - QUANTUM), rtol=1e-6)
    assert not sound[size:late].any()
    np.testing.assert_allclose(sound[late:], fade(after, into=0)[: frames - late], rtol=1e-6)
    assert found["said"].count("sounds") == 2
    assert "waits" in found["said"]


async def test_after_a_seek_nobody_hears_of_the_place_before(engine):
    places = [4.0, 1.0, 3.0, 0.5]
    found = await engine.do("seekAbout", places=places)
    for place, seen in zip(places, found["found"], strict=True):
        assert min(seen) >= place
        assert place < max(seen) < place + 0.5
        assert seen == sorted(seen)
    assert found["status"] == "stopped"
    assert found["moved"] < 0.2


async def test_a_stretch_that_cannot_be_decoded_is_silent_and_named(engine, heard):
    content = bytearray(engine.file.read_bytes())
    segment = int.from_bytes(content[0:4], "little")
    content[16 : 16 + segment] = bytes(segment)
    engine.file.chmod(0o644)
    engine.file.write_bytes(content)
    found = await engine.do("damage")
    assert found == [{"stem": "vocals", "fromS": 0, "toS": 16_384 / RATE}]
    sound = await engine.render(30_000)
    rest = sum(heard.stems[name] for name in NAMES[1:])
    same(sound[: 1 << 14], rest[: 1 << 14])
    same(sound[1 << 14 :], heard.mix[1 << 14 : 30_000])
