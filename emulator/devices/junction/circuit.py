"""The circuit around a junction: series resistor or transistor, read-out noise, comparator."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from ...spec.errors import InputError


@dataclass(frozen=True)
class JunctionCircuit:
    """A junction of two resistances between the supply and a node, a load below it, a comparator at the node.

    Parameters
    ----------
    parallel_ohm : float
        Resistance of state +1 [ohm].
    tmr : float
        Tunnel magnetoresistance (R_AP - R_P) / R_P [1]; state -1 has ``parallel_ohm`` (1 + tmr).
    load_ohm : float
        Resistor from the node to ground [ohm]. The geometric mean of both resistances gives the widest swing.
    supply_V : float
        Voltage across the divider [V].
    noise_V : float
        Standard deviation of the voltage that the comparator sees, at each read [V].
    comparator_offset_V : float
        Threshold beyond the middle of both node voltages [V].
    comparator_hysteresis_V : float
        Distance of the threshold upwards from the threshold downwards [V].

    Raises
    ------
    InputError
        If a number breaks its rule.
    """

    parallel_ohm: float = 5.0e3
    tmr: float = 1.0
    load_ohm: float = 7.07e3
    supply_V: float = 0.2
    noise_V: float = 0.0
    comparator_offset_V: float = 0.0
    comparator_hysteresis_V: float = 0.0

    def __post_init__(self):
        """Refuse what no circuit has."""
        for label in ("parallel_ohm", "tmr", "load_ohm", "supply_V"):
            value = getattr(self, label)
            if not (isfinite(value) and value > 0):
                raise InputError(f"Circuit {label} must be above 0, not {value!r}")
        for label in ("noise_V", "comparator_hysteresis_V"):
            value = getattr(self, label)
            if not (isfinite(value) and value >= 0):
                raise InputError(f"Circuit {label} must be 0 or above, not {value!r}")
        if not isfinite(self.comparator_offset_V):
            raise InputError(f"Circuit comparator_offset_V must be finite, not {self.comparator_offset_V!r}")
