r"""Many macrospins by the stochastic Landau-Lifshitz-Gilbert equation, Stratonovich, Heun.

.. math::
    \dot m = -\gamma\, m \times (B + a\, m \times p + B_\mathrm{th}) + \alpha\, m \times \dot m, \qquad
    \langle B_i(t) B_j(t') \rangle = \frac{2 \alpha k T}{\gamma M_s V} \delta_{ij} \delta(t - t')

with the spin-transfer torque a towards p. Heun converges to the Stratonovich solution; each step ends on the sphere.

References
----------
Brown, Phys. Rev. 130, 1677 (1963) (noise strength); Garcia-Palacios and Lazaro, Phys. Rev. B 58, 14937 (1998) (Heun);
Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996) (torque).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ...spec.errors import InputError
from .magnet import GYROMAGNETIC_Hz_per_T
from .random import junction_streams, load, normal, store

ANGLE_PER_STEP = 0.1  # rad of precession; with it Delta is sampled as if 0.7 % higher, which falls as the step does
THERMAL_SHARE = 0.6  # standard deviation of a step's thermal angle over that
ANGLE_MAX = 0.3  # rad; beyond it Heun is refused
UP, DOWN = 0.5, -0.5  # projection beyond which a junction counts as up or down


class MacrospinEnsemble:
    """Junctions with one kind of magnet, each with its own field, torque and random stream.

    Parameters
    ----------
    magnet : Magnet
        Magnet of each junction.
    n_junctions : int
        Number of junctions.
    seed : int
        Stream of junction i is that of (seed, i).
    field_T, torque_T : array_like, broadcast to (n_junctions, 3), float64
        Applied field, and torque field times the unit vector of the polariser (`Magnet.torque_T`) [T].
    initial : array_like, broadcast to (n_junctions, 3), float64, optional
        First directions, made unit vectors; the easy axis if absent.
    step_s : float, optional
        Time step [s]; `step_for` if absent.

    Attributes
    ----------
    m : ndarray, shape (n_junctions, 3), float64
        Direction of each magnetisation now, a unit vector.

    Raises
    ------
    InputError
        If the step turns the moment by more than 0.3 rad.
    """

    def __init__(self, magnet, n_junctions, seed, field_T=0.0, torque_T=0.0, initial=None, step_s=None):
        self.magnet = magnet
        self.field_T = np.array(np.broadcast_to(field_T, (n_junctions, 3)), dtype=np.float64)
        self.torque_T = np.array(np.broadcast_to(torque_T, (n_junctions, 3)), dtype=np.float64)
        longest = step_for(magnet, self.field_T, self.torque_T, ANGLE_MAX)
        self.step_s = step_s or step_for(magnet, self.field_T, self.torque_T)
        if not 0 < self.step_s <= longest:
            raise InputError(f"Step must be above 0 and at most {longest:.3g} s for this field, not {self.step_s!r}")
        first = np.eye(3)[magnet.easy_axis] if initial is None else np.asarray(initial, dtype=np.float64)
        self.m = np.array(np.broadcast_to(first, (n_junctions, 3)), dtype=np.float64)
        self.m /= np.linalg.norm(self.m, axis=1, keepdims=True)
        self._streams = junction_streams(seed, n_junctions)
        self._sides = np.zeros(n_junctions, dtype=np.int8)

    def advance(self, n_steps):
        """Run all junctions for ``n_steps`` steps; return their directions, an array that later calls overwrite."""
        _advance(self._constants(), n_steps, self.field_T, self.torque_T, self.m, self._streams)
        return self.m

    def record(self, n_records, n_steps):
        """Run for ``n_records`` times ``n_steps`` steps.

        Returns
        -------
        ndarray, shape (n_records, n_junctions), float64
            Projection on the easy axis after every ``n_steps`` steps.
        """
        axis = self.magnet.easy_axis
        return np.stack([self.advance(n_steps)[:, axis].copy() for _ in range(n_records)])

    def watch(self, n_steps):
        """Run for ``n_steps`` steps and count completed dwells on either side of the easy axis.

        A junction is up from the moment its projection exceeds 0.5 until it falls below -0.5, and the reverse, so that
        a return from the saddle is not a flip. Time before the first such moment is not counted. The path is looked at
        once a step, so a crossing is found 0.58 standard deviations of a step late.

        Returns
        -------
        seconds : ndarray, shape (n_junctions, 2), float64
            Time spent up and down [s].
        flips : ndarray, shape (n_junctions, 2), int64
            Completed dwells, up and down; seconds over flips is the maximum-likelihood dwell time.
        """
        steps = np.zeros((len(self.m), 2), dtype=np.int64)
        flips = np.zeros((len(self.m), 2), dtype=np.int64)
        watched = (self.magnet.easy_axis, self._sides, steps, flips)
        _watch(self._constants(), n_steps, self.field_T, self.torque_T, self.m, self._streams, watched)
        return steps * self.step_s, flips

    def _constants(self):
        """Return gamma dt / (1 + alpha^2), alpha, noise field, anisotropy."""
        alpha = self.magnet.damping
        turn = GYROMAGNETIC_Hz_per_T * self.step_s / (1.0 + alpha**2)
        return (turn, alpha, noise_T(self.magnet, self.step_s), *map(float, self.magnet.anisotropy_T))


def noise_T(magnet, step_s):
    """Return the standard deviation of each component of the thermal field held over one step [T]."""
    return math.sqrt(2.0 * magnet.damping * magnet.thermal_field_T / (GYROMAGNETIC_Hz_per_T * step_s))


def step_for(magnet, field_T=0.0, torque_T=0.0, angle=ANGLE_PER_STEP):
    """Return the step that precession turns by ``angle``, or thermal noise by 0.6 of it, whichever is shorter [s]."""
    strongest = max(map(abs, magnet.anisotropy_T)) + np.abs(field_T).max() * 3**0.5 + np.abs(torque_T).max() * 3**0.5
    deterministic = GYROMAGNETIC_Hz_per_T * strongest
    thermal = 2.0 * magnet.damping * GYROMAGNETIC_Hz_per_T * magnet.thermal_field_T  # rad^2 per second
    return float(min(angle / max(deterministic, 1e-300), (THERMAL_SHARE * angle) ** 2 / thermal))


@njit(cache=True, inline="always")
def _slope(constants, m, field, torque):
    """Return the step's change of m in the full field: -turn (m x B + alpha m x (m x B)), B with torque and noise."""
    turn, alpha, _, k_x, k_y, k_z = constants
    x, y, z = m
    p_x, p_y, p_z = torque
    b_x = k_x * x + field[0] + y * p_z - z * p_y
    b_y = k_y * y + field[1] + z * p_x - x * p_z
    b_z = k_z * z + field[2] + x * p_y - y * p_x
    c_x, c_y, c_z = y * b_z - z * b_y, z * b_x - x * b_z, x * b_y - y * b_x
    return (
        -turn * (c_x + alpha * (y * c_z - z * c_y)),
        -turn * (c_y + alpha * (z * c_x - x * c_z)),
        -turn * (c_z + alpha * (x * c_y - y * c_x)),
    )


@njit(cache=True, inline="always")
def _heun(constants, m, field, torque, stream):
    """Return m after one step and the next random state; both slopes see the same noise, then m is a unit vector."""
    noise = constants[2]
    g_x, stream = normal(stream)
    g_y, stream = normal(stream)
    g_z, stream = normal(stream)
    total = (field[0] + noise * g_x, field[1] + noise * g_y, field[2] + noise * g_z)
    s_x, s_y, s_z = _slope(constants, m, total, torque)
    e_x, e_y, e_z = _slope(constants, (m[0] + s_x, m[1] + s_y, m[2] + s_z), total, torque)
    x, y, z = m[0] + 0.5 * (s_x + e_x), m[1] + 0.5 * (s_y + e_y), m[2] + 0.5 * (s_z + e_z)
    scale = 1.0 / math.sqrt(x * x + y * y + z * z)
    return (x * scale, y * scale, z * scale), stream


@njit(cache=True)
def _advance(constants, n_steps, fields, torques, directions, streams):
    """Run each junction in turn, its direction and random state in registers."""
    for i in range(directions.shape[0]):
        m = (directions[i, 0], directions[i, 1], directions[i, 2])
        field = (fields[i, 0], fields[i, 1], fields[i, 2])
        torque = (torques[i, 0], torques[i, 1], torques[i, 2])
        stream = load(streams, i)
        for _ in range(n_steps):
            m, stream = _heun(constants, m, field, torque, stream)
        directions[i, 0], directions[i, 1], directions[i, 2] = m
        store(streams, i, stream)


@njit(cache=True)
def _watch(constants, n_steps, fields, torques, directions, streams, watched):
    """Run as `_advance` does and count steps and completed dwells on either side."""
    axis, sides, steps, flips = watched
    for i in range(directions.shape[0]):
        m = (directions[i, 0], directions[i, 1], directions[i, 2])
        field = (fields[i, 0], fields[i, 1], fields[i, 2])
        torque = (torques[i, 0], torques[i, 1], torques[i, 2])
        stream = load(streams, i)
        side = sides[i]
        for _ in range(n_steps):
            m, stream = _heun(constants, m, field, torque, stream)
            along = m[axis]
            if side <= 0 and along > UP:
                flips[i, 1] += -side
                side = 1
            elif side >= 0 and along < DOWN:
                flips[i, 0] += side
                side = -1
            if side != 0:
                steps[i, (1 - side) // 2] += 1
        sides[i] = side
        directions[i, 0], directions[i, 1], directions[i, 2] = m
        store(streams, i, stream)
