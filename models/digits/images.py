"""Pictures of digits with labels: the embedded set, and how a set is divided."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from ...emulator.spec.errors import InputError

FOLDER = files("spinchip") / "examples" / "digits"
N_CLASSES, TEST_SHARE = 10, 0.25


@dataclass(frozen=True, eq=False)
class Images:
    """A set of pictures.

    Parameters
    ----------
    pixels : ndarray, shape (n, side, side), float32
        Grey, 0 to 1.
    labels : ndarray, shape (n,), int64
        Digits, 0 to 9.
    name : str
        Name of the set.
    """

    pixels: np.ndarray
    labels: np.ndarray
    name: str

    def __post_init__(self):
        n = len(self.pixels)
        if self.pixels.ndim != 3 or self.pixels.shape[1] != self.pixels.shape[2] or n == 0:
            raise InputError(f"{self.name}: pictures must be of shape (n, side, side), not {self.pixels.shape}")
        if self.labels.shape != (n,) or self.labels.min() < 0 or self.labels.max() >= N_CLASSES:
            raise InputError(f"{self.name}: labels must be {n} digits 0 ... 9, not of shape {self.labels.shape}")

    def __len__(self):
        return len(self.labels)

    @property
    def side(self):
        """Pixels of a side."""
        return self.pixels.shape[1]

    def chosen(self, which):
        """Return the pictures of those numbers, or of that slice; Images."""
        return Images(self.pixels[which], self.labels[which], self.name)

    def relabelled(self, seed):
        """Return the same pictures with their labels in another order: nothing is left to be learnt."""
        return Images(
            self.pixels, np.random.default_rng(seed).permutation(self.labels), f"{self.name}, labels shuffled"
        )

    def divided(self, share, seed):
        """Return two sets, the second with that share of every digit, both in random order; (Images, Images)."""
        if not 0.0 < share < 1.0:
            raise InputError(f"Share must be between 0 and 1, not {share!r}")
        rng, first, second = np.random.default_rng([seed, 21]), [], []
        for digit in range(N_CLASSES):
            mine = rng.permutation(np.flatnonzero(self.labels == digit))
            cut = round(share * len(mine))
            first.append(mine[cut:])
            second.append(mine[:cut])
        return self.chosen(rng.permutation(np.concatenate(first))), self.chosen(rng.permutation(np.concatenate(second)))


def bundled():
    """Return the embedded set, 1797 digits of 8 x 8 pixels; Images.

    It is the test part of the optical digits of Alpaydin and Kaynak, UCI repository, CC BY 4.0: the set that
    scikit-learn's ``load_digits`` returns, in the same order.
    """
    with (FOLDER / "optical_digits.npz").open("rb") as handle:
        archive = np.load(handle)
        return Images(archive["pixels"].astype(np.float32) / 16.0, archive["labels"].astype(np.int64), "optical digits")


def train_and_test(images, seed=0):
    """Return the set divided for training and testing, a quarter of every digit for the latter; (Images, Images)."""
    return images.divided(TEST_SHARE, seed)
