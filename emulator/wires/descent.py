"""Conjugate gradients over the row drops of a crossbar, in few passes over memory; the equations stand in `nodal`.

``lines`` is (row segment, row firsts, column segment, column firsts) [ohm], ``factors`` is (rows, columns, row sums of
the cells, column sums); see `lines`. Arrays have shape (n_rows, n_cols), float64.
"""

import numpy as np
from numba import njit

from .lines import add_row_stiffness, lumped_columns, lumped_drop, solve_columns

MAX_ITERATIONS = 5000
RESTARTS = 6


@njit(cache=True)
def conjugate_gradients(cells, sources, lines, factors, drops, work, tolerance):
    """Solve for both drops in place; return steps, the relative error reached, and the largest residual [A].

    The recursion's residual drifts from the true one by rounding, so the true one is computed when it claims to be
    done, and a run goes on from there if the cells see too much of it: G z^2, where z is what the preconditioner makes
    of it. (Its energy in the wires, which the recursion watches, is rounding where they are almost ideal.)
    ``work`` holds four arrays.
    """
    rows, columns = drops
    residual, z, direction, image = work
    rows[:] = 0.0
    direction[:] = 0.0
    energy = _energy(cells, sources)
    goal = tolerance**2 * energy
    steps, seen = 0, np.inf
    for _ in range(RESTARTS):
        _true_residual(cells, sources, lines, factors, (rows, columns), image, residual)
        power = _advance(lines, factors, (rows, residual, z, direction, image), 0.0)
        before, seen = seen, _seen_by_cells(cells, z)
        if seen <= goal or seen > 0.25 * before or steps >= MAX_ITERATIONS:
            break
        steps += _descend(cells, lines, factors, (rows, residual, z, direction, image), goal, power)
    reached = np.sqrt(seen / energy) if energy > 0 else 0.0
    return steps, reached, _worst_residual(residual, lines)


@njit(cache=True)
def column_currents(cells, sources, drops, currents):
    """Write the sums of the cell currents C - G (drops) over the rows, shape (n_cols,)."""
    rows, columns = drops
    currents[:] = 0.0
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            currents[j] += sources[i, j] - cells[i, j] * (rows[i, j] + columns[i, j])


@njit(cache=True)
def _energy(cells, sources):
    """Return the energy that the sources stand for, the sum of C^2 / G [W]."""
    total = 0.0
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            if cells[i, j] > 0:
                total += sources[i, j] ** 2 / cells[i, j]
    return total


@njit(cache=True)
def _seen_by_cells(cells, z):
    total = 0.0
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            total += cells[i, j] * z[i, j] ** 2
    return total


@njit(cache=True)
def _true_residual(cells, sources, lines, factors, drops, work, residual):
    """Write the column drops that belong to the row drops, and what the rows' law misses."""
    rows, columns = drops
    n_rows, n_cols = cells.shape
    for i in range(n_rows):
        for j in range(n_cols):
            residual[i, j] = sources[i, j] - cells[i, j] * rows[i, j]
            work[i, j] = 0.0
    if lines[2] > 0:
        solve_columns(factors[1], lines[2], residual, columns)
    else:
        lumped_columns(factors[3], lines[3], residual, columns)
    add_row_stiffness(rows, lines[0], lines[1], work)
    for i in range(n_rows):
        for j in range(n_cols):
            residual[i, j] -= cells[i, j] * columns[i, j] + work[i, j]


@njit(cache=True)
def _descend(cells, lines, factors, vectors, goal, power):
    """Run conjugate gradients until the residual's energy reaches ``goal`` or no longer falls; return the steps."""
    z, direction, image = vectors[2:]
    direction[:] = 0.0
    keep, best, since_best, steps = 0.0, power, 0, 0
    while power > goal and steps < MAX_ITERATIONS and since_best < 100:
        step = power / _new_direction(cells, lines, factors, (z, direction, image), keep)
        before, power = power, _advance(lines, factors, vectors, step)
        keep = power / before
        steps += 1
        since_best = 0 if power < best else since_best + 1
        best = min(best, power)
    return steps


@njit(cache=True)
def _new_direction(cells, lines, factors, vectors, keep):
    """Let the direction be z + keep times itself, write the left-hand side for it, and return their product.

    One pass down the columns gathers the cell currents G d, one up them leaves G d - G (column drops) + T_r d.
    """
    direction, image = vectors[1], vectors[2]
    at_column = _down_columns(cells, lines, factors, vectors, keep)
    inverse, n_rows, total = factors[1][0], cells.shape[0], 0.0
    for i in range(n_rows - 1, -1, -1):
        row, into = direction[i], image[i]
        if lines[2] > 0 and i < n_rows - 1:
            for j in range(len(row)):
                at_column[j] = inverse[i, j] * (into[j] + at_column[j])
        for j in range(len(row)):
            into[j] = cells[i, j] * (row[j] - at_column[j])
        add_row_stiffness(direction[i : i + 1], lines[0], lines[1][i : i + 1], image[i : i + 1])
        for j in range(len(row)):
            total += row[j] * into[j]
    return total


@njit(cache=True)
def _down_columns(cells, lines, factors, vectors, keep):
    """Make the new direction, write the first half of the columns' elimination; return the last row's drops."""
    z, direction, image = vectors
    segment, (inverse, last) = lines[2], factors[1]
    gathered = np.zeros(cells.shape[1])
    for i in range(cells.shape[0]):
        row, old, into = z[i], direction[i], image[i]
        if segment > 0:
            before = inverse[i - 1 if i > 0 else 0]
            for j in range(len(row)):
                old[j] = row[j] + keep * old[j]
                gathered[j] = segment * cells[i, j] * old[j] + before[j] * gathered[j]
                into[j] = gathered[j]
        else:
            for j in range(len(row)):
                old[j] = row[j] + keep * old[j]
                gathered[j] += cells[i, j] * old[j]
    for j in range(len(gathered)):
        if segment > 0:
            gathered[j] *= last[j]
        else:
            gathered[j] = lumped_drop(gathered[j], factors[3][j], lines[3][j])
    return gathered


@njit(cache=True)
def _advance(lines, factors, vectors, step):
    """Take the step, write (T_r + G)^-1 of the new residual into z: the preconditioner; return their product."""
    rows, residual, z, direction, image = vectors
    n_rows, n_cols = rows.shape
    total, done = 0.0, n_rows - n_rows % 4 if lines[0] > 0 else 0
    for i in range(0, done, 4):
        total += _advance_four_rows(lines[0], factors[0], vectors, i, step)
    for i in range(done, n_rows):
        for j in range(n_cols):
            residual[i, j] -= step * image[i, j]
        if lines[0] > 0:
            _solve_row(lines[0], factors[0][0][i], factors[0][1][i], residual[i], z[i])
        else:
            z[i] = lumped_drop(residual[i].sum(), factors[2][i], lines[1][i])
        for j in range(n_cols):
            total += residual[i, j] * z[i, j]
    for i in range(n_rows):
        for j in range(n_cols):
            rows[i, j] += step * direction[i, j]
    return total


@njit(cache=True)
def _solve_row(segment, inverse, pivot, residual, z):
    """Write (T + G)^-1 ``residual`` into ``z`` for one row; see `lines.factor_rows`."""
    last = len(residual) - 1
    z[last] = segment * residual[last]
    for j in range(last - 1, -1, -1):
        z[j] = segment * residual[j] + inverse[j + 1] * z[j + 1]
    z[0] *= pivot
    for j in range(1, last + 1):
        z[j] = inverse[j] * (z[j] + z[j - 1])


@njit(cache=True)
def _advance_four_rows(segment, factors, vectors, i, step):
    """Do as `_advance` for four rows at a time, since each node of a row waits for the one before."""
    residual, z, image = vectors[1], vectors[2], vectors[4]
    inverse, pivots = factors
    r_0, r_1, r_2, r_3 = residual[i], residual[i + 1], residual[i + 2], residual[i + 3]
    z_0, z_1, z_2, z_3 = z[i], z[i + 1], z[i + 2], z[i + 3]
    image_0, image_1, image_2, image_3 = image[i], image[i + 1], image[i + 2], image[i + 3]
    inverse_0, inverse_1, inverse_2, inverse_3 = inverse[i], inverse[i + 1], inverse[i + 2], inverse[i + 3]
    a = b = c = d = p = q = r = s = 0.0
    for j in range(len(r_0) - 1, -1, -1):
        r_0[j] -= step * image_0[j]
        r_1[j] -= step * image_1[j]
        r_2[j] -= step * image_2[j]
        r_3[j] -= step * image_3[j]
        a, b = segment * r_0[j] + p * a, segment * r_1[j] + q * b
        c, d = segment * r_2[j] + r * c, segment * r_3[j] + s * d
        p, q, r, s = inverse_0[j], inverse_1[j], inverse_2[j], inverse_3[j]
        z_0[j], z_1[j], z_2[j], z_3[j] = a, b, c, d
    a, b, c, d = a * pivots[i], b * pivots[i + 1], c * pivots[i + 2], d * pivots[i + 3]
    z_0[0], z_1[0], z_2[0], z_3[0] = a, b, c, d
    sum_0, sum_1, sum_2, sum_3 = r_0[0] * a, r_1[0] * b, r_2[0] * c, r_3[0] * d
    for j in range(1, len(r_0)):
        a, b = inverse_0[j] * (z_0[j] + a), inverse_1[j] * (z_1[j] + b)
        c, d = inverse_2[j] * (z_2[j] + c), inverse_3[j] * (z_3[j] + d)
        z_0[j], z_1[j], z_2[j], z_3[j] = a, b, c, d
        sum_0, sum_1, sum_2, sum_3 = sum_0 + r_0[j] * a, sum_1 + r_1[j] * b, sum_2 + r_2[j] * c, sum_3 + r_3[j] * d
    return (sum_0 + sum_1) + (sum_2 + sum_3)


@njit(cache=True)
def _worst_residual(residual, lines):
    """Return the largest residual of a node; a row without resistance is one node, or none if its source holds it."""
    worst = 0.0
    for i in range(residual.shape[0]):
        total = 0.0
        for j in range(residual.shape[1]):
            total += residual[i, j]
            if lines[0] > 0:
                worst = max(worst, abs(residual[i, j]))
        if lines[0] == 0 and lines[1][i] > 0:
            worst = max(worst, abs(total))
    return worst
