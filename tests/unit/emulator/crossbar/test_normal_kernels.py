"""Normal deviates by counter: each is the quantile of its word, and words are those of SplitMix64."""

import numpy as np
from scipy.special import ndtri
from scipy.stats import kstest

from spinchip.emulator.crossbar.normal_kernels import derived_key, fill_normals, hashed, quantiles
from spinchip.emulator.spec.seeds import splitmix64


def deviates(words):
    out = np.empty(len(words), dtype=np.float32)
    quantiles(words, np.empty(len(words), dtype=np.float32), out)
    return out


def exact(words):
    """Return the quantiles of the probabilities that words stand for, by scipy."""
    below = ndtri(((words >> 1).astype(np.float64) + 0.5) * 2.0**-32)
    return np.where(words & 1, below, -below)


def test_every_part_of_the_quantile():
    """Both ends of the words, every octave, and a million words between."""
    octaves = np.concatenate([2 ** np.arange(1, 32), 2 ** np.arange(1, 32) - 1, 2 ** np.arange(1, 32) + 1])
    drawn = np.random.default_rng(1).integers(0, 2**32, 1_000_000)
    words = np.concatenate([np.arange(64), 2**32 - 1 - np.arange(64), octaves, drawn]).astype(np.uint32)
    found = deviates(words)
    assert np.abs(found - exact(words)).max() < 1e-6
    assert np.abs(found).max() > 6.3
    assert found[0] == -found[1]


def test_words_are_those_of_splitmix64():
    key = 0xFEDCBA9876543210
    for counter in (1, 2, 77, 2**40):
        assert int(hashed(np.uint64(key), np.uint64(counter))) == splitmix64(key, counter)
    assert derived_key(5, 3, 0) == splitmix64(splitmix64(5, 4), 1)


def test_deviates_are_normal_and_a_broken_law_is_not():
    """A width off by 1 % moves the distribution by 0.0024; n such that this is 3.5 critical distances of Kolmogorov."""
    n = int((3.5 * 1.36 / 0.0024) ** 2)
    out = np.empty(n, dtype=np.float32)
    fill_normals(np.uint64(11), out)
    assert kstest(out, "norm").pvalue > 1e-3
    assert kstest(out * 1.01, "norm").pvalue < 1e-6
    assert abs(np.mean(out[1:] * out[:-1])) * np.sqrt(n) < 4  # the two halves of a word, and neighbours


def test_streams_of_near_keys_are_unlike():
    """Correlations of 2000 neighbouring streams with the first: the largest of 2000 normal numbers stays below 5."""
    rows = np.empty((2000, 512), dtype=np.float32)
    for k in range(len(rows)):
        fill_normals(np.uint64(hashed(np.uint64(3), np.uint64(k + 1))), rows[k])
    z = rows[1:] @ rows[0] / np.linalg.norm(rows[0])
    assert np.abs(z).max() < 5
    assert abs(np.mean(z**2) - 1) < 5 * np.sqrt(2 / len(z))


def test_odd_length_is_filled():
    short, longer = np.empty(5, dtype=np.float32), np.empty(6, dtype=np.float32)
    fill_normals(np.uint64(7), short)
    fill_normals(np.uint64(7), longer)
    assert np.array_equal(short, longer[:5])
