"""ISAAC: 128 x 128 cells of 2 bits, inputs bit by bit, one 8 bit converter for all columns of an array.

Published: 1.28 GS/s converters of 2 mW, 1 bit drivers of 4 mW for 8 x 128 rows, sample-and-holds of 10 uW for 8 x 128
columns, eight arrays of 2.4 mW and four shift-adders of 0.2 mW in an in-situ unit of 24.08 mW, 16 bit inputs in 16
cycles of 100 ns, in which an array is read while the values read before are converted.

The clock of the trace is that of the converter, so one clock is one conversion. That a cycle takes 100 ns follows from
128 columns at 1.28 GS/s; the array's own read time is an input (``read_s``), and the cycle stays the same for any read
that is shorter. A unit's power is a check of the trace's counts and of full use of the converters, since its parts are
inputs; the unit's input and output registers, 1.24 and 0.23 mW, are outside the tile. Converters, drivers and
shift-adders are quoted after the component library of Accelergy (`hwcomponents-library`, isaac.py); the other powers of
the table were not looked up again, but add up to the unit's 24.08 mW with these.

References
----------
Shafiee et al., ISCA 2016, doi:10.1109/ISCA.2016.12, table of the power of one tile.
"""

from __future__ import annotations

from ..spec.errors import InputError
from ..spec.tile.timing import TileTiming
from .price import Kind, Price, contained_in, unpublished
from .priced_tile import PricedTile

SIZE = 128
CONVERSIONS_PER_S = 1.28e9
CYCLE_S = 100e-9
INPUT_BITS = 16
N_ARRAYS = 8  # in one in-situ unit
UNIT_W, REGISTERS_W = 24.08e-3, 1.24e-3 + 0.23e-3  # whole unit; its input and output registers
ADC_W, DRIVERS_W, HOLDS_W, ARRAYS_W, SHIFT_ADDERS_W = 2e-3, 4e-3, 10e-6, 2.4e-3, 0.2e-3
TABLE_CONVERSIONS_PER_S = 1.2e9  # the table's rate, where the text says 1.28 GS/s

_TABLE = "Shafiee et al., ISCA 2016, power table"


def isaac_timing(read_s=CYCLE_S):
    """Return the timing of one array whose read, from drive to sample, takes ``read_s`` [s], at most one cycle."""
    clocks = round(read_s * CONVERSIONS_PER_S)
    if not 3 <= clocks <= SIZE:
        raise InputError(f"Read must take 3..{SIZE} conversions of {1 / CONVERSIONS_PER_S:.3g} s, not {read_s!r} s")
    return TileTiming(
        SIZE, SIZE, n_planes=INPUT_BITS, settle_cycles=clocks - 2, pipelined=True, clock_hz=CONVERSIONS_PER_S
    )


def isaac_prices():
    """Return the price list; dict of str to Price. Powers are turned into energies at full use, as published."""
    adc_J = ADC_W / CONVERSIONS_PER_S
    slow_J = ADC_W / TABLE_CONVERSIONS_PER_S
    return {
        "cycles": unpublished("leakage of one array"),
        "products": contained_in("the events of its steps"),
        "row_drives": contained_in("row_cycles"),
        "row_cycles": _exact(DRIVERS_W / (N_ARRAYS * SIZE) / CONVERSIONS_PER_S, "4 mW for 8 x 128 drivers, per clock"),
        "column_cycles": contained_in("array_cycles"),
        "array_cycles": _exact(ARRAYS_W / N_ARRAYS / CONVERSIONS_PER_S, "2.4 mW for 8 arrays, per clock"),
        "samples": _exact(HOLDS_W / (N_ARRAYS * SIZE) * CYCLE_S, "10 uW for 8 x 128 sample-and-holds, per cycle"),
        "conversions": Price(adc_J, adc_J, slow_J, Kind.DERIVED, f"{_TABLE}: 2 mW at 1.28 GS/s (table: 1.2 GS/s)"),
        "adc_cycles": contained_in("conversions"),
        "shift_adds": _exact(SHIFT_ADDERS_W / (N_ARRAYS * CONVERSIONS_PER_S), "0.2 mW for 8 converters' codes"),
        "accumulations": contained_in("shift_adds"),
    }


def isaac(read_s=CYCLE_S):
    """Return one ISAAC array; PricedTile. Its cells' heat is priced by the clock, so leave ``array_joules`` at zero."""
    return PricedTile("ISAAC", isaac_timing(read_s), isaac_prices())


def _exact(energy_J, how):
    return Price(energy_J, energy_J, energy_J, Kind.DERIVED, f"{_TABLE}: {how}")
