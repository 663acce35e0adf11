"""Bits that a clock makes of junctions: share, memory, common noise, undecided flip-flops."""

import numpy as np
import pytest

from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.devices.junction.synchroniser import CHUNK, Sampling, synchronised_bits
from spinchip.emulator.spec.errors import InputError

CARD = SmtjCard(1e-9, 4.0)
NEURON_S = float(CARD.correlation_time_s(0.0))
N = CHUNK + 20_000  # more than one chunk


def lag_one(bits):
    signs = 2.0 * bits - 1.0
    signs -= signs.mean(axis=0)
    return (signs[1:] * signs[:-1]).mean() / signs.var()


@pytest.mark.parametrize("drive", [0.0, 0.1])
def test_share_and_memory_are_those_of_the_junction(drive):
    bits = synchronised_bits(CARD, drive, Sampling(NEURON_S), N, 1, 4)
    rate = 1 / float(CARD.correlation_time_s(drive))
    memory = np.exp(-rate * NEURON_S)
    n_eff = bits.size * (1 - memory) / (1 + memory)
    assert abs(bits.mean() - (1 + np.tanh(8 * drive)) / 2) < 5 * 0.5 / np.sqrt(n_eff)
    assert abs(lag_one(bits) - memory) < 5 / np.sqrt(bits.size)
    assert lag_one(bits) > 0.1  # negative control: independent bits have 0 +- 0.002


def test_common_noise_makes_junctions_alike():
    apart, alike = (
        synchronised_bits(CARD, 0.0, Sampling(10 * NEURON_S, common_sd=sd), 20_000, 2, 2) for sd in (0.0, 0.1)
    )
    assert abs(np.corrcoef(apart.T)[0, 1]) < 5 / np.sqrt(20_000)
    assert np.corrcoef(alike.T)[0, 1] > 0.2


def test_undecided_bits_are_fair_and_as_many_as_the_aperture_says():
    plain = synchronised_bits(CARD, 0.2, Sampling(5 * NEURON_S), 20_000, 3, 2)
    late = synchronised_bits(CARD, 0.2, Sampling(5 * NEURON_S, aperture_s=0.2 * NEURON_S), 20_000, 3, 2)
    up, down = CARD.rates_Hz(0.2)
    expected = np.mean(np.where(plain > 0, -np.expm1(-down * 0.2 * NEURON_S), -np.expm1(-up * 0.2 * NEURON_S))) / 2
    changed = np.mean(plain != late)
    assert abs(changed - expected) < 5 * np.sqrt(expected / plain.size)
    assert changed > 0


def test_same_seed_same_bits():
    first, again, other = (synchronised_bits(CARD, 0.0, Sampling(NEURON_S), 500, seed, 3) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("numbers", [(0.0,), (1e-9, -1.0), (1e-9, 0.0, -0.1), (float("nan"),)])
def test_what_cannot_be_is_refused(numbers):
    with pytest.raises(InputError, match="must be"):
        Sampling(*numbers)
