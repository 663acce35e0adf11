"""Two digits in 4 x 4 black and white pixels, without those pictures that stand for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.spec.errors import InputError

SIDE = 4


@dataclass(frozen=True, eq=False)
class PixelTask:
    """Pictures of two digits.

    Parameters
    ----------
    bits : ndarray, shape (n, 16), int8
        Pixels, 1 where bright.
    labels : ndarray, shape (n,), float32
        +1 for the first digit, -1 for the second.
    n_unique, n_contradictory : int
        Different pictures before any was removed, and how many of these stood for both digits.
    """

    bits: np.ndarray
    labels: np.ndarray
    n_unique: int
    n_contradictory: int

    @property
    def majority(self):
        """Share of the more frequent digit: what a classifier gets that looks at nothing."""
        return float(max((self.labels > 0).mean(), (self.labels < 0).mean()))

    def divided(self, share, seed):
        """Return bits and labels for training, and for the test, which gets that share; two pairs."""
        order = np.random.default_rng([seed, 5]).permutation(len(self.labels))
        cut = round(share * len(order))
        return tuple((self.bits[part], self.labels[part]) for part in (order[cut:], order[:cut]))


def pixel_task(images, digits=(3, 6)):
    """Return the task of two digits of a set; means of blocks of pixels, bright above 1/2.

    Parameters
    ----------
    images : Images
        Images whose side is a multiple of 4.
    digits : (int, int)
        The two digits.
    """
    if images.side % SIDE:
        raise InputError(f"Side of the pictures must be a multiple of {SIDE}, not {images.side}")
    kept = np.isin(images.labels, digits)
    block = images.side // SIDE
    means = images.pixels[kept].reshape(-1, SIDE, block, SIDE, block).mean(axis=(2, 4))
    bits = (means.reshape(len(means), -1) > 0.5).astype(np.int8)
    labels = np.where(images.labels[kept] == digits[0], 1.0, -1.0).astype(np.float32)
    unique, which = np.unique(bits, axis=0, return_inverse=True)
    which = which.reshape(-1)
    both = np.array([len(set(labels[which == k])) > 1 for k in range(len(unique))], dtype=bool)
    clear = ~both[which]
    return PixelTask(bits[clear], labels[clear], len(unique), int(both.sum()))
