"""Fixed steps of the fourth order for states of several arrays; rates may be noisy, so no step is judged."""

from __future__ import annotations


def steps(rate, state, step, n_steps):
    """Yield the state at 0, step, 2 step, ... under d state / dt = rate(state).

    Parameters
    ----------
    rate : function of a tuple of ndarray
        Returns the derivatives, a tuple of the same shapes.
    state : tuple of ndarray
        State at time 0.
    step : float
        Time step.
    n_steps : int
        Steps; one state more is yielded.

    >>> *_, (x,) = steps(lambda state: (-state[0],), (1.0,), 0.1, 10)
    >>> round(x, 6)
    0.36788
    """
    yield state
    for _ in range(n_steps):
        rates = [rate(state)]
        for part in (0.5, 0.5, 1.0):
            rates.append(rate(_moved(state, part * step, rates[-1])))
        means = tuple((r1 + 2.0 * r2 + 2.0 * r3 + r4) / 6.0 for r1, r2, r3, r4 in zip(*rates, strict=True))
        state = _moved(state, step, means)
        yield state


def _moved(state, step, rates):
    return tuple(one + step * change for one, change in zip(state, rates, strict=True))
