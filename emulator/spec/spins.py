"""The one place where spins (-1/+1) and bits (0/1) meet."""

import numpy as np


def spins_from_bits(bits):
    """Return int8 spins -1/+1 for bits 0/1, any shape.

    >>> spins_from_bits([0, 1, 1])
    array([-1,  1,  1], dtype=int8)
    """
    return (2 * np.asarray(bits, dtype=np.int8) - 1).astype(np.int8)


def bits_from_spins(spins):
    """Return uint8 bits 0/1 for spins -1/+1, any shape.

    >>> bits_from_spins([-1, 1, 1])
    array([0, 1, 1], dtype=uint8)
    """
    return (np.asarray(spins) > 0).astype(np.uint8)


def words_from_bits(bits, n_word_bits=32):
    """Pack bits, lowest index in the lowest bit, into a list of Python integers.

    >>> words_from_bits([1, 0, 1] + [0] * 30 + [1])
    [5, 2]
    """
    bits = np.asarray(bits, dtype=np.uint8)
    groups = (bits[start : start + n_word_bits] for start in range(0, len(bits), n_word_bits))
    return [int.from_bytes(np.packbits(group, bitorder="little").tobytes(), "little") for group in groups]


def bits_from_words(words, n_bits, n_word_bits=32):
    """Unpack ``n_bits`` bits from words; inverse of `words_from_bits`.

    >>> bits_from_words([5, 2], 34)[[0, 1, 2, 33]]
    array([1, 0, 1, 1], dtype=uint8)
    """
    raw = b"".join(int(word).to_bytes(n_word_bits // 8, "little") for word in words)
    return np.unpackbits(np.frombuffer(raw, dtype=np.uint8), bitorder="little", count=n_bits)


def state_hashes(spins):
    """Return a 64-bit hash of each state, equal for equal states, different for different ones of up to 64 spins.

    Sorting numbers takes a tenth of sorting rows. Of more than 64 spins two states collide with a chance of 2^-63.

    Parameters
    ----------
    spins : ndarray, shape (n_states, n), int8
        States -1/+1, one a row.

    Returns
    -------
    ndarray, shape (n_states,), uint64
    """
    packed = np.packbits(np.asarray(spins) > 0, axis=1)
    words = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    words = words.view(np.uint64)
    odd = np.random.default_rng(0).integers(0, 1 << 63, words.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return (words * odd).sum(axis=1)
