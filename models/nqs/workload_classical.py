"""Rows of the classical counterpart: the chain against its closed form, and 100 x 100 at low temperature."""

from __future__ import annotations

import numpy as np

from .classical import chain_energy, simulate
from .lattice import Lattice

LARGEST_Z = 4.0
N_BLOCKS = 30


def classical_rows(seed, betas=(10.0, 30.0)):
    """Return energies of the classical Heisenberg magnet beside Fisher's chain and spin waves.

    Two transverse directions a spin share T / 2 each: E / N = -2 + T at low temperature, up to terms of T^2.
    """
    beta = 4.0
    value, error = _mean(simulate(Lattice((200,)), beta, 3000, seed).energies)
    rows = [
        {
            "quantity": "classical Heisenberg chain of 200, beta 4, E / N",
            "value": value,
            "se": error,
            "reference": chain_energy(beta),
            "source": "Fisher 1964",
            "ok": bool(abs(value - chain_energy(beta)) <= LARGEST_Z * error),
        }
    ]
    for beta in betas:
        value, error = _mean(simulate(Lattice((100, 100)), beta, 150, seed, burn_in=200).energies)
        spin_waves = -2.0 + 1.0 / beta
        rows.append(
            {
                "quantity": f"classical Heisenberg 100 x 100, beta {beta:g}, E / N",
                "value": value,
                "se": error,
                "reference": spin_waves,
                "source": "spin waves, up to T^2 / 4",
                "ok": bool(abs(value - spin_waves) <= 0.25 / beta**2 + LARGEST_Z * error),
            }
        )
    return rows


def _mean(series):
    """Return the mean of a series and its error from blocks."""
    blocks = series.reshape(N_BLOCKS, -1).mean(axis=1)
    return float(series.mean()), float(blocks.std(ddof=1) / np.sqrt(N_BLOCKS))
