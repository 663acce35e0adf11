"""The computation-in-memory tile of TU Delft: 256 x 256 cells of two levels, shared converters, two-stage pipeline.

Its simulator's configuration gives the delays and energies below; it was published without a measured product, so
there is nothing to hold the trace against but its own parameters. The drive takes one clock, which is assumed.

References
----------
github.com/mahdi-zahedi/Memristor-CIM-tile-architecture-TUDeflt-, V1, 2-stage pipeline, configuration.h.
Zahedi et al., Tile Architecture and Hardware Implementation for Computation-in-Memory (in that repository).
"""

from __future__ import annotations

from ..spec.tile.timing import TileTiming
from .price import Kind, Price, contained_in, unpublished
from .priced_tile import PricedTile

SIZE, N_ADCS = 256, 8
CLOCK_S, READ_S = 2e-9, 10e-9
ADC_J, HOLD_J, FIRST_ADDER_J, THIRD_ADDER_J = 2e-12, 1e-15, 0.01e-12, 0.25e-12
READ_V, LOW_OHM, HIGH_OHM = 0.2, 5e3, 1e6  # for array_energy_J

_SOURCE = "TU Delft tile simulator, configuration.h"


def tu_delft(n_planes=8, n_adcs=N_ADCS):
    """Return the tile for inputs of ``n_planes`` bits; PricedTile. The cells' heat comes from `array_energy_J`."""
    timing = TileTiming(
        SIZE, SIZE, n_planes=n_planes, n_adcs=n_adcs, settle_cycles=round(READ_S / CLOCK_S), clock_hz=1 / CLOCK_S
    )
    prices = {
        "cycles": unpublished("leakage"),
        "products": contained_in("the events of its steps"),
        "row_drives": unpublished("row drivers"),
        "row_cycles": unpublished("row drivers"),
        "column_cycles": contained_in("array_joules"),
        "array_cycles": contained_in("array_joules"),
        "samples": _cited(HOLD_J),
        "conversions": _cited(ADC_J),
        "adc_cycles": contained_in("conversions"),
        "shift_adds": _cited(FIRST_ADDER_J),
        "accumulations": _cited(THIRD_ADDER_J),
    }
    return PricedTile("TU Delft", timing, prices)


def _cited(energy_J):
    return Price(energy_J, energy_J, energy_J, Kind.CITED, _SOURCE)
