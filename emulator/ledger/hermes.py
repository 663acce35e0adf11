"""IBM's HERMES: 256 x 256 phase-change pairs, pulse-width inputs, one oscillator-based converter a column.

Published: 1 GHz main clock, 8 bit inputs and outputs, 256 converters, 300 ps a step (core); one or four modulation
phases a product (chip). Throughput and efficiency of the chip give time and energy of one product, which is what the
trace is held against and not what it is made of:

    time = 64 cores x 2 x 256^2 operations / throughput, energy = 2 x 256^2 operations / efficiency.

Assumed: sign and magnitude, so that 8 bits are 2^7 - 1 = 127 slots of one clock; one clock each for the start of a
pulse, the end of a count, the read of the counters, the sum over phases and the accumulation, the least that a clocked
pipeline can do; phases do not overlap, since the converter counts while the pulse lasts.

Energy has one free number, the price of one column for one clock: oscillator, driver and digital share, which were not
published apart. It is a published efficiency in one phase, less the cells' own heat, over the column clocks of the
trace. From the *core*, a separate chip and paper, both figures of the 64-core chip are predictions. From the chip's own
one-phase figure its four-phase figure is one, and the one-phase figure a fit.

References
----------
Khaddam-Aljameh et al., IEEE J. Solid-State Circuits (2022), HERMES-Core: 10.5 TOPS/W, 1 GHz, 300 ps/LSB.
Le Gallo et al., Nature Electronics 6, 680 (2023), doi:10.1038/s41928-023-01010-1: 63.1 and 16.1 TOPS, 9.76 and 2.48
TOPS/W in one and four phases.
"""

from __future__ import annotations

import numpy as np

from ..golden.tile.trace import trace_tile
from ..spec.errors import InputError
from ..spec.tile.timing import TileTiming
from .array_energy import array_energy_J
from .price import Kind, Price, contained_in
from .priced_tile import PricedTile

SIZE = 256  # rows and columns. Source: HERMES-Core, abstract
CLOCK_HZ = 1e9  # Source: HERMES-Core, abstract
INPUT_BITS = 8  # Source: Le Gallo et al. 2023, abstract
STEP_S = 300e-12  # of a converter. Source: HERMES-Core, title
N_CORES = 64  # Source: Le Gallo et al. 2023, abstract
OPERATIONS = 2 * SIZE**2  # of one product: a multiplication and an addition per weight

CHIP_OPERATIONS_PER_S = {1: 63.1e12, 4: 16.1e12}  # by phases. Source: Le Gallo et al. 2023, abstract
CHIP_OPERATIONS_PER_J = {1: 9.76e12, 4: 2.48e12}  # by phases. Source: Le Gallo et al. 2023, abstract
# One-phase efficiency, half a unit of its last digit [1/J], and source, by what the price is fitted to.
EFFICIENCIES = {
    "core": (10.5e12, 0.05e12, "HERMES-Core's 10.5 TOPS/W (JSSC 2022)"),
    "chip": (CHIP_OPERATIONS_PER_J[1], 0.005e12, "the chip's 9.76 TOPS/W in one phase (Le Gallo et al. 2023)"),
}

# The data of a product, for the heat of the cells: 3 % of the total, so that little hangs on it.
READ_V = 0.2  # assumed; usual for phase-change memory
MEAN_PAIR_S = 0.25 * 10.35e-6  # assumed mean weight times the range of one device. Source: aihwkit, HermesNoiseModel
MEAN_DUTY = 0.5  # of inputs spread evenly


def slots():
    """Return the clocks of a full-scale pulse."""
    return 2 ** (INPUT_BITS - 1) - 1


def hermes_timing(n_phases):
    """Return the timing of one core with one or four modulation phases."""
    if n_phases not in (1, 4):
        raise InputError(f"Phases of HERMES must be 1 or 4, not {n_phases!r}")
    return TileTiming(
        SIZE, SIZE, n_planes=n_phases, n_adcs=SIZE, settle_cycles=slots(), pipelined=False, clock_hz=CLOCK_HZ
    )


def array_joules():
    """Return the heat of the cells in one product of typical data [J].

    Four phases spend as much as one: each phase drives one sign of inputs onto one sign of weights.
    """
    on_s = MEAN_DUTY * slots() / CLOCK_HZ
    return array_energy_J(READ_V, np.full((SIZE, SIZE), MEAN_PAIR_S), on_s)


def column_clock_price(fitted_to="core"):
    """Return the price of one column for one clock, from the one-phase efficiency of the "core" or the "chip"."""
    if fitted_to not in EFFICIENCIES:
        raise InputError(f"Price must be fitted to one of {', '.join(EFFICIENCIES)}, not {fitted_to!r}")
    operations_per_J, rounding, source = EFFICIENCIES[fitted_to]
    column_cycles = trace_tile(hermes_timing(1)).events()["column_cycles"]
    figures = (
        (OPERATIONS / (operations_per_J + step) - array_joules()) / column_cycles for step in (rounding, 0.0, -rounding)
    )
    return Price(*figures, Kind.DERIVED, f"{source}, less the heat of the cells, over the column clocks of its trace")


def hermes(n_phases, fitted_to="core"):
    """Return HERMES with 1 or 4 modulation phases, its price as of `column_clock_price`; PricedTile."""
    whole = "column_cycles"
    events = trace_tile(hermes_timing(1)).events()
    prices = {event: contained_in(whole) for event in events} | {whole: column_clock_price(fitted_to)}
    return PricedTile(f"HERMES, {n_phases} phase{'s' if n_phases > 1 else ''}", hermes_timing(n_phases), prices)


def published_time_s(n_phases):
    """Return the time of one product that the chip's throughput implies [s]."""
    return N_CORES * OPERATIONS / CHIP_OPERATIONS_PER_S[n_phases]


def published_energy_J(n_phases):
    """Return the energy of one product that the chip's efficiency implies [J]."""
    return OPERATIONS / CHIP_OPERATIONS_PER_J[n_phases]
