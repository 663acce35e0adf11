"""Programming of the arrays that hold one digit of a block, with healthy devices taking over from stuck ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

SIGNS = (1.0, -1.0)


@dataclass(frozen=True, eq=False)
class ProgrammedDigit:
    """Arrays after programming; never changed afterwards.

    Parameters
    ----------
    arrays : tuple of Cells
        The positive array and, of pairs, the negative one, each of shape (n_pairs, n_rows, n_columns).
    worth : float or ndarray, shape (1, n_columns)
        Weight of one step.
    step_S : float
        Conductance difference of one step, all parallel pairs together [S].
    middle_steps : float
        Conductance of a middle device in steps, 0 for pairs; see `Encoding.nominal`.
    """

    arrays: tuple
    worth: float | np.ndarray
    step_S: float
    middle_steps: float


def program_digit(spec, digits, worth, rng):
    """Program the arrays of one digit.

    Parameters
    ----------
    spec : TileSpec
        Device, encoding, and whether stuck cells are remapped.
    digits : ndarray, shape (n_rows, n_columns), float64
        Signed digits to program.
    worth : float or ndarray
        Weight of one step.
    rng : numpy.random.Generator
        Source of all draws.

    Returns
    -------
    ProgrammedDigit
    """
    encoding, device = spec.encoding, spec.device
    targets = [np.repeat(t[None], encoding.n_pairs, axis=0) for t in encoding.targets(digits, device)]
    arrays = [device.program(target, rng) for target in targets]
    if spec.remap:
        wanted_S = (targets[0] - targets[1]).sum(axis=0)
        arrays = _rewritten(device, arrays, _taken_over(device, arrays, wanted_S), rng)
    step_S, middle_steps = encoding.nominal(device, spec.read_voltage_V)
    return ProgrammedDigit(tuple(arrays), worth, step_S * encoding.n_pairs, middle_steps)


def _taken_over(device, arrays, wanted_S):
    """Return new targets with which each weight's healthy devices make up for its stuck ones, as far as they can.

    What is missing is shared by the healthy devices of the weight, both signs and all parallel ones; what the window
    of one does not hold goes to the others in the next round. Weights without a stuck device keep their targets.

    Source of the idea, a mapping that uses the free choice of a pair: Xia et al., IEEE JETCAS 8, 102 (2018).
    """
    stuck = [cells.stuck for cells in arrays]
    targets = [np.where(cells.stuck, cells.programmed_S, cells.target_S) for cells in arrays]
    hurt = (stuck[0] | stuck[1]).any(axis=0)
    for _ in range(2 * len(stuck[0])):  # a round fills at least one device, or there is nothing left to share
        missing_S = np.where(hurt, wanted_S - (targets[0] - targets[1]).sum(axis=0), 0.0)
        room = []
        for sign, target, ill in zip(SIGNS, targets, stuck, strict=True):
            end_S = np.where(sign * missing_S > 0, device.g_max_S, device.g_min_S)
            room.append(~ill & (target != end_S))
        sharing = np.maximum(sum(free.sum(axis=0) for free in room), 1)
        for k, sign in enumerate(SIGNS):
            moved = targets[k] + sign * missing_S / sharing * room[k]
            targets[k] = np.where(room[k], np.clip(moved, device.g_min_S, device.g_max_S), targets[k])
    return targets


def _rewritten(device, arrays, targets, rng):
    """Return the arrays after another programming of those devices whose targets changed."""
    healthy, found = device.without("faults"), []
    for cells, target in zip(arrays, targets, strict=True):
        changed = ~cells.stuck & (target != cells.target_S)
        wanted_S = np.where(changed, target, cells.target_S)
        fresh = healthy.program(wanted_S, rng)
        drawn = {name: np.where(changed, fresh.drawn[name], old) for name, old in cells.drawn.items()}
        programmed_S = np.where(changed, fresh.programmed_S, cells.programmed_S)
        found.append(replace(cells, target_S=wanted_S, programmed_S=programmed_S, drawn=drawn))
    return found
