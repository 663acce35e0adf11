"""Rows of the classical counterpart: the chain against its closed form, and 100 x 100 at low temperature."""

from __future__ import annotations

from ..workload_row import LARGEST_Z, mean_of_blocks, measured, row
from .classical import chain_energy, simulate
from .lattice import Lattice


def classical_rows(seed, betas=(10.0, 30.0)):
    """Return energies of the classical Heisenberg magnet beside Fisher's chain and spin waves.

    Two transverse directions a spin share T / 2 each: E / N = -2 + T at low temperature, up to terms of T^2.
    """
    value, error = mean_of_blocks(simulate(Lattice((200,)), 4.0, 3000, seed).energies)
    rows = [
        measured("classical Heisenberg chain of 200, beta 4, E / N", value, chain_energy(4.0), error, "Fisher 1964")
    ]
    for beta in betas:
        value, error = mean_of_blocks(simulate(Lattice((100, 100)), beta, 150, seed, burn_in=200).energies)
        spin_waves = -2.0 + 1.0 / beta
        ok = abs(value - spin_waves) <= 0.25 / beta**2 + LARGEST_Z * error
        name = f"classical Heisenberg 100 x 100, beta {beta:g}, E / N"
        rows.append(row(name, value, spin_waves, "spin waves, up to T^2 / 4", ok, error))
    return rows
