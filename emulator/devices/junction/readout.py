"""Read-out of junctions: divider voltage, noise, comparator with offset and hysteresis, and the curve they make."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from ...spec.errors import InputError


def node_V(circuit, states):
    """Return the node voltage of the divider for each state [V].

    Parameters
    ----------
    circuit : JunctionCircuit
        Junction on the supply, load to ground.
    states : array_like, float64
        -1 (antiparallel), +1 (parallel), or the component of m along the reference layer between them; the
        conductance is linear in it.

    Returns
    -------
    ndarray, float64
    """
    conductance_S = junction_S(circuit, states)
    return circuit.supply_V * conductance_S / (conductance_S + 1.0 / circuit.load_ohm)


def junction_S(circuit, states):
    """Return the conductance of a junction whose layers make the angle arccos(``states``) [S] (Slonczewski 1989)."""
    parallel_S = 1.0 / circuit.parallel_ohm
    swing_S = parallel_S - parallel_S / (1.0 + circuit.tmr)
    return parallel_S - swing_S * (1.0 - np.asarray(states, dtype=np.float64)) / 2.0


def thresholds_V(circuit):
    """Return the voltages below which an output of +1 falls and above which one of -1 rises [V]."""
    middle = node_V(circuit, (-1.0, 1.0)).mean() + circuit.comparator_offset_V
    half = circuit.comparator_hysteresis_V / 2.0
    return middle - half, middle + half


def read(circuit, states, rng, previous=None):
    """Read junctions in successive cycles.

    Parameters
    ----------
    circuit : JunctionCircuit
        Noise is drawn anew at each read.
    states : ndarray, shape (n_times, n_devices), int8 or float64
        States of the junctions at each time, as for `node_V`.
    rng : numpy.random.Generator
        Source of the noise.
    previous : array_like, shape (n_devices,), int8, optional
        Outputs of the comparators before the first cycle; -1 if absent.

    Returns
    -------
    ndarray, shape (n_times, n_devices), int8
        Outputs -1 or +1.
    """
    voltage_V = node_V(circuit, states)
    voltage_V = voltage_V + circuit.noise_V * rng.standard_normal(voltage_V.shape)
    low_V, high_V = thresholds_V(circuit)
    output = np.full(voltage_V.shape[1], -1, dtype=np.int8)
    output[:] = -1 if previous is None else previous
    outputs = np.empty(voltage_V.shape, dtype=np.int8)
    for k, row in enumerate(voltage_V):
        output = np.where(row > np.where(output > 0, low_V, high_V), 1, -1).astype(np.int8)
        outputs[k] = output
    return outputs


def share_up(circuit, junctions, drive):
    """Return the share of reads that give +1, for reads many correlation times apart.

    With hysteresis the output remembers its last value; successive reads then make a chain of two states, whose
    stationary share is returned.

    Parameters
    ----------
    circuit : JunctionCircuit
        Circuit that reads the junction.
    junctions : SmtjCard or SmtjPopulation
        Junctions that are read.
    drive : array_like, float64
        Broadcast against the devices [drive unit].

    Returns
    -------
    ndarray, float64

    Raises
    ------
    InputError
        If the hysteresis is so wide that an output never changes.
    """
    mean = junctions.mean(junctions.reduced_drive(drive))
    low_V, high_V = thresholds_V(circuit)
    stay, rise = (_above(circuit, mean, threshold) for threshold in (low_V, high_V))
    change = 1.0 - stay + rise
    if np.any(change <= 0.0):
        raise InputError(
            f"Hysteresis must be below the swing of the node, not {circuit.comparator_hysteresis_V!r} V: "
            "the output never changes"
        )
    return rise / change


def _above(circuit, mean, threshold_V):
    """Return the probability that a read exceeds a threshold, over both states."""
    beyond = node_V(circuit, (1.0, -1.0)) - threshold_V
    chance = ndtr(beyond / circuit.noise_V) if circuit.noise_V > 0 else (beyond > 0).astype(np.float64)
    return (1.0 + mean) / 2.0 * chance[0] + (1.0 - mean) / 2.0 * chance[1]
