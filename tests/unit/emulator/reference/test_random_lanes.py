"""Random lanes: published outputs, seeds, and no word twice."""

import numpy as np
import pytest
from numba import njit

from spinchip.emulator.kernels.lanes import load, store
from spinchip.emulator.kernels.random_lanes import advance, stream_words
from spinchip.emulator.spec.seeds import splitmix64

# First outputs from the state 1, 2, 3, 4. Source: rand_xoshiro, src/xoshiro128plusplus.rs and xoshiro256plusplus.rs,
# whose tests cite Vigna's C code.
PUBLISHED = {
    np.uint32: (641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011),
    np.uint64: (
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205,
        9973669472204895162,
        14011001112246962877,
        12406186145184390807,
        15849039046786891736,
    ),
}


@njit
def draw(state, out):
    a, b, c, d = load(state, 0, 8), load(state, 8, 8), load(state, 16, 8), load(state, 24, 8)
    for k in range(len(out) // 8):
        word, a, b, c, d = advance(a, b, c, d)
        store(out, 8 * k, word)


@pytest.mark.parametrize("dtype", PUBLISHED)
def test_words_are_the_published_ones(dtype):
    state = np.repeat(np.array([1, 2, 3, 4], dtype=dtype), 8)
    out = np.zeros((len(PUBLISHED[dtype]), 8), dtype=dtype)
    draw(state, out.ravel())
    assert out[:, 0].tolist() == list(PUBLISHED[dtype])
    assert (out == out[:, :1]).all()


def test_streams_are_splitmix_words():
    words = stream_words(seed=5, streams=[0, 3], n_words=4)
    for stream, row in zip((0, 3), words.tolist(), strict=True):
        key = splitmix64(splitmix64(5, 1), stream + 1)
        assert row == [splitmix64(key, k + 1) for k in range(4)]
    assert (stream_words(5, [0, 3], 4, np.uint32) == words >> np.uint64(32)).all()


def test_streams_share_no_word():
    """2^16 words of 64 bits collide by chance with probability 2^-33."""
    words = np.concatenate([stream_words(seed, np.arange(1 << 10), 32) for seed in (0, 1)])
    assert len(np.unique(words)) == words.size == 1 << 16
