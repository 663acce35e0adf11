"""The embedded p-bit of three transistors and one junction (3T1M): its transfer curve, limited by the transistor.

Junction from the supply to the node, NMOS from the node to ground with the input on its gate, inverter at the node.
The output is high while the node is below the inverter's threshold, so it rises with the input.

References
----------
Camsari, Salahuddin and Datta, IEEE Electron Device Letters 38, 1767 (2017) (circuit); Enz, Krummenacher and Vittoz,
Analog Integr. Circuits Signal Process. 8, 83 (1995) (transistor, from weak to strong inversion).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from scipy.constants import e, k
from scipy.special import ndtr

from ...spec.errors import InputError
from .readout import junction_S

BISECTIONS = 50  # 2^-50 of the supply


@dataclass(frozen=True)
class Transistor:
    """An NMOS; the default numbers are guesses of a small logic device, to be replaced by fitted ones.

    Parameters
    ----------
    specific_A : float
        Specific current 2 n mu C_ox (W / L) U_T^2 [A].
    threshold_V : float
        Threshold voltage [V].
    slope_factor : float
        n, 1 or above [1].
    temperature_K : float
        Temperature [K].

    Raises
    ------
    InputError
        If a number breaks its rule.
    """

    specific_A: float = 1.0e-6
    threshold_V: float = 0.3
    slope_factor: float = 1.2
    temperature_K: float = 300.0

    def __post_init__(self):
        """Refuse what no transistor has."""
        for label in ("specific_A", "temperature_K"):
            value = getattr(self, label)
            if not (isfinite(value) and value > 0):
                raise InputError(f"Transistor {label} must be above 0, not {value!r}")
        if not (isfinite(self.slope_factor) and self.slope_factor >= 1):
            raise InputError(f"Transistor slope_factor must be 1 or above, not {self.slope_factor!r}")
        if not isfinite(self.threshold_V):
            raise InputError(f"Transistor threshold_V must be finite, not {self.threshold_V!r}")

    def drain_A(self, gate_V, drain_V):
        """Return the drain current, source at ground [A]; broadcasts."""
        thermal_V = k * self.temperature_K / e
        pinch_V = (np.asarray(gate_V, dtype=np.float64) - self.threshold_V) / self.slope_factor
        forward = np.logaddexp(0.0, pinch_V / (2.0 * thermal_V)) ** 2
        reverse = np.logaddexp(0.0, (pinch_V - np.asarray(drain_V, dtype=np.float64)) / (2.0 * thermal_V)) ** 2
        return self.specific_A * (forward - reverse)


def embedded_node_V(circuit, transistor, states, input_V):
    """Return the node voltage at which junction and transistor carry one current [V].

    Parameters
    ----------
    circuit : JunctionCircuit
        Junction and supply; its load is not used.
    transistor : Transistor
        Transistor below the node.
    states : array_like, float64
        Component of m along the reference layer, -1 to 1.
    input_V : array_like, float64
        Gate voltage [V]; broadcast against ``states``.

    Returns
    -------
    ndarray, float64
    """
    conductance_S, input_V = np.broadcast_arrays(junction_S(circuit, states), np.asarray(input_V, dtype=np.float64))
    low, high = np.zeros(input_V.shape), np.full(input_V.shape, circuit.supply_V)
    for _ in range(BISECTIONS):  # the junction's current falls with the node voltage, the transistor's rises
        middle = (low + high) / 2.0
        wants_more = (circuit.supply_V - middle) * conductance_S > transistor.drain_A(input_V, middle)
        low, high = np.where(wants_more, middle, low), np.where(wants_more, high, middle)
    return (low + high) / 2.0


def embedded_share_high(circuit, transistor, states, input_V, weights=None):
    """Return the share of time that the output is high: the transfer curve.

    Parameters
    ----------
    circuit : JunctionCircuit
        Its noise smears the inverter's threshold, half the supply plus ``comparator_offset_V``.
    transistor : Transistor
        Limits the window of input in which the junction decides at all.
    states : array_like, shape (n_states,), float64
        Directions that the junction takes: -1 and +1 for a telegraph, samples or a grid of m for a low barrier.
    input_V : array_like, shape (n_inputs,), float64
        Gate voltage [V].
    weights : array_like, shape (n_inputs, n_states) or (n_states,), float64, optional
        Probability of each direction, at each input if the input also drives the junction; equal if absent.

    Returns
    -------
    ndarray, shape (n_inputs,), float64
    """
    states, input_V = np.atleast_1d(states), np.atleast_1d(input_V)
    below = circuit.supply_V / 2.0 + circuit.comparator_offset_V
    below = below - embedded_node_V(circuit, transistor, states[None, :], input_V[:, None])
    high = ndtr(below / circuit.noise_V) if circuit.noise_V > 0 else (below > 0).astype(np.float64)
    weights = np.full(states.size, 1.0 / states.size) if weights is None else np.asarray(weights, dtype=np.float64)
    totals = weights.sum(axis=-1)
    if (weights < 0).any() or not np.allclose(totals, 1.0):
        raise InputError(f"Weights must be 0 or above with sum 1, not {weights.min():g} or above with {totals.min():g}")
    return (high * weights).sum(axis=1)


def decided_window_V(circuit, transistor, span_V=(-2.0, 3.0)):
    """Return the input voltages between which the junction's state, not the transistor alone, sets the output [V]."""
    edges = []
    for state in (-1.0, 1.0):  # the higher resistance crosses first
        low, high = span_V
        for _ in range(BISECTIONS):
            middle = (low + high) / 2.0
            is_high = embedded_node_V(circuit, transistor, state, middle) < circuit.supply_V / 2.0
            low, high = (low, middle) if is_high else (middle, high)
        edges.append((low + high) / 2.0)
    return tuple(edges)
