"""Published figures beside what the trace says, and whether that was a prediction or a fit."""

from __future__ import annotations

from dataclasses import dataclass

from . import hermes as hermes_tile
from . import isaac as isaac_tile


@dataclass(frozen=True)
class Comparison:
    """One published figure.

    Parameters
    ----------
    quantity, unit : str
        What, and in which unit.
    published, traced : float
        The figure, and what the cycle-exact trace and the price list give.
    standing : str
        "prediction": nothing that goes in was taken from this figure. "check": its parts go in, their sum and the
        trace's counts come out. "fit": a price was set by it.
    """

    quantity: str
    unit: str
    published: float
    traced: float
    standing: str

    @property
    def deviation(self):
        """Relative deviation of the traced value."""
        return self.traced / self.published - 1


def comparisons():
    """Return all comparisons; list of Comparison."""
    return [*_hermes(), *_isaac()]


def _hermes():
    """Return the comparisons of HERMES: times, and energies by what their price was fitted to."""
    heat_J = hermes_tile.array_joules()
    rows = []
    for n_phases in (1, 4):
        tile = hermes_tile.hermes(n_phases)
        published_s, traced_s = hermes_tile.published_time_s(n_phases), tile.trace().latency_s
        rows.append(Comparison(f"{tile.name}, time of a product", "s", published_s, traced_s, "prediction"))
    for fitted_to in hermes_tile.EFFICIENCIES:
        for n_phases in (1, 4):
            tile = hermes_tile.hermes(n_phases, fitted_to)
            traced_J = tile.bill(tile.trace(), heat_J).total_J[1]
            standing = "fit" if (fitted_to, n_phases) == ("chip", 1) else "prediction"
            quantity = f"{tile.name}, energy, price from the {fitted_to}"
            rows.append(Comparison(quantity, "J", hermes_tile.published_energy_J(n_phases), traced_J, standing))
    return rows


def _isaac():
    """Return the comparisons of ISAAC, in steady state; the cycle with reads too short to set it."""
    tile = isaac_tile.isaac()
    three, four = tile.trace(3), tile.trace(4)
    product_J = tile.bill(four).total_J[1] - tile.bill(three).total_J[1]
    power_W = isaac_tile.N_ARRAYS * product_J / four.interval_s
    cycle_s = isaac_tile.isaac(read_s=0.1 * isaac_tile.CYCLE_S).trace(4).interval_s / tile.timing.n_planes
    adc_J = tile.bill(tile.trace()).energy_J("conversions") / tile.timing.n_planes
    parts_W = isaac_tile.UNIT_W - isaac_tile.REGISTERS_W
    return [
        Comparison("ISAAC, cycle, reads of 10 ns", "s", isaac_tile.CYCLE_S, cycle_s, "prediction"),
        Comparison("ISAAC, converter's energy in a cycle", "J", isaac_tile.ADC_W * isaac_tile.CYCLE_S, adc_J, "check"),
        Comparison("ISAAC, power of a unit without registers", "W", parts_W, power_W, "check"),
    ]


def table():
    """Return the comparisons as text."""
    lines = [f"{'figure':<44}{'published':>12}{'traced':>12}{'deviation':>11}  standing"]
    for row in comparisons():
        figures = f"{row.published:>10.4g} {row.unit}{row.traced:>10.4g} {row.unit}{row.deviation:>+11.1%}"
        lines.append(f"{row.quantity:<44}{figures}  {row.standing}")
    return "\n".join(lines)
