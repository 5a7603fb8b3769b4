"""Every moment of a piece against every other: a map of what comes again, and of what stays the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MOST, FEWEST = 512, 8
HARMONY_SHARE, CONTRAST_FALL = 0.5, 1.0
CONTEXT_S = 2.0
UNLIKE_PERCENTILE, ALIKE_PERCENTILE = 10.0, 98.5
LEVELS = 64
METHOD = (
    "beat-wise notes (cosine) and MFCC with level (Gaussian of the distance), averaged along the diagonals "
    "over two seconds (after Foote 1999 and Serra 2009)"
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cell (i, j): how alike the sound is around `i * hop_s` and `j * hop_s`."""

    hop_s: float
    values: npt.NDArray[np.uint8]  # (n, n): 0 as unlike as a tenth of all pairs are, 255 as the most alike


def read_likeness(edges_s: Array, harmony: Array, timbre: Array, *, duration_s: float) -> Likeness | None:
    """Compare a piece with itself; None where it is too short to.

    Parameters
    ----------
    edges_s : array, shape (n + 1,), seconds
        Ends of the beats.
    harmony : array, shape (n, any), >= 0
        Strength of the notes in each beat.
    timbre : array, shape (n, any)
        Mean MFCC and level of each beat, in comparable units (dB).

    Notes
    -----
    At most 512 cells a side, so that an hour costs no more than a song: then a cell is several beats.

    Source
    ------
    J. Foote, "Visualizing music and audio using self-similarity", ACM Multimedia 1999; for the diagonals
    J. Serrà, X. Serra, R. G. Andrzejak, "Cross recurrence quantification for cover songs", 2009.
    """
    beats = len(harmony)
    if beats < FEWEST:
        return None
    cells = min(MOST, beats)
    hop_s = duration_s / cells
    notes = _unit(np.sqrt(_on_cells(harmony, edges_s, cells, hop_s)))
    sound = _on_cells(timbre, edges_s, cells, hop_s)
    alike = HARMONY_SHARE * (notes @ notes.T) + (1 - HARMONY_SHARE) * _near(sound)
    alike = _along_diagonals(alike, reach=round(0.5 * CONTEXT_S / hop_s))
    low, high = np.percentile(alike, [UNLIKE_PERCENTILE, ALIKE_PERCENTILE])
    shares = np.clip((alike - low) / max(high - low, 1e-9), 0, 1)
    # So many levels are all that a colour tells, and what repeats is packed better.
    return Likeness(hop_s, np.round(np.round(shares * (LEVELS - 1)) * (255 / (LEVELS - 1))).astype(np.uint8))


def _on_cells(rows: Array, edges_s: Array, cells: int, hop_s: float) -> Array:
    """Mean of the rows over even stretches of time, each weighted by how long it lasts there."""
    running = np.concatenate(
        [np.zeros((1, rows.shape[1])), np.cumsum(rows * np.diff(edges_s)[:, None], axis=0)]
    )
    at = np.clip(np.arange(cells + 1) * hop_s, edges_s[0], edges_s[-1])
    totals = np.stack([np.interp(at, edges_s, column) for column in running.T], axis=1)
    return np.asarray(np.diff(totals, axis=0) / np.maximum(np.diff(at), 1e-9)[:, None])


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _near(rows: Array) -> Array:
    """exp(-d^2 / scale) of all pairs; the scale is what lies between typical cells."""
    square = np.sum(rows**2, axis=1)
    apart = np.maximum(square[:, None] + square[None, :] - 2 * rows @ rows.T, 0)
    return np.asarray(np.exp(-CONTRAST_FALL * apart / max(float(np.median(apart)), 1e-9)))


def _along_diagonals(alike: Array, *, reach: int) -> Array:
    """Mean over `reach` cells before and after in both times at once: what goes on alike stands out."""
    total, count = np.zeros_like(alike), np.zeros_like(alike)
    n = len(alike)
    for shift in range(-min(reach, n - 1), min(reach, n - 1) + 1):
        here = slice(max(0, -shift), n - max(0, shift))
        there = slice(max(0, shift), n - max(0, -shift))
        total[here, here] += alike[there, there]
        count[here, here] += 1
    return total / count
