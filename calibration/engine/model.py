"""What is fitted: named parameters, and a function from them to points; formulas and differential equations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.integrate import solve_ivp

from ...emulator.spec.errors import InputError


@dataclass(frozen=True)
class Parameter:
    """One free number of a model.

    Parameters
    ----------
    name : str
        Name, with its unit.
    start : float
        Value at which the search begins.
    low, high : float
        Bounds that the model needs; a result on a bound is refused.
    scale : float, optional
        Typical magnitude, |start| if absent. The search works in units of it, and data that leave the parameter
        uncertain by many of it are refused.
    """

    name: str
    start: float
    low: float = -np.inf
    high: float = np.inf
    scale: float | None = None

    def __post_init__(self):
        if not self.low < self.start < self.high:
            rule = f"inside its bounds {self.low:g} ... {self.high:g}"
            raise InputError(f"Start of parameter {self.name!r} must be {rule}, not {self.start:g}")
        if self.scale is None:
            object.__setattr__(self, "scale", abs(self.start))
        if not 0.0 < self.scale < np.inf:
            raise InputError(f"Scale of parameter {self.name!r} must be above 0 and finite, not {self.scale:g}")


@dataclass(frozen=True, eq=False)
class Model:
    """A formula with free parameters.

    Parameters
    ----------
    name : str
        Short name for records.
    parameters : tuple of Parameter
        The free numbers, in the order in which ``predict`` takes them.
    predict : function of (ndarray (n_parameters,), list of ndarray (n_points,))
        Returns a list with the predicted points of each series, each of shape (n_points, n_columns), from the axis
        of each series. Must be smooth: derivatives are differences.
    """

    name: str
    parameters: tuple[Parameter, ...]
    predict: Callable[[np.ndarray, list[np.ndarray]], list[np.ndarray]]

    def __post_init__(self):
        object.__setattr__(self, "parameters", tuple(self.parameters))
        names = self.names
        if not names or len(set(names)) != len(names):
            raise InputError(f"Parameters of model {self.name!r} must be one or more different names, not {names}")

    @property
    def names(self):
        """Names of the parameters; tuple of str."""
        return tuple(one.name for one in self.parameters)

    def starting_at(self, **starts):
        """Return a copy that begins elsewhere; the scales stay."""
        unknown = sorted(set(starts) - set(self.names))
        if unknown:
            raise InputError(f"Parameter must be one of {', '.join(self.names)}, not {unknown[0]!r}")
        moved = (replace(one, start=float(starts.get(one.name, one.start))) for one in self.parameters)
        return replace(self, parameters=tuple(moved))


def curve_model(name, function, parameters):
    """Return the model of a formula, the same for every series.

    Parameters
    ----------
    name : str
        Short name.
    function : function of (x, *parameters)
        Returns shape (n_points,) or (n_points, n_columns).
    parameters : sequence of Parameter
        In the order of the arguments.

    Returns
    -------
    Model

    Examples
    --------
    >>> line = curve_model("line", lambda x, a, b: a + b * x, [Parameter("a", 1.0), Parameter("b", 1.0)])
    >>> line.predict(np.array([1.0, 2.0]), [np.array([0.0, 3.0])])[0].tolist()
    [[1.0], [7.0]]
    """

    def predict(values, axes):
        found = [np.asarray(function(x, *values)) for x in axes]
        return [points[:, None] if points.ndim == 1 else points for points in found]

    return Model(name, tuple(parameters), predict)


def ode_model(name, slope, initial, parameters, rtol=1e-8):
    """Return the model of a differential equation, solved by SciPy's DOP853 from x = 0 for every series.

    Parameters
    ----------
    name : str
        Short name.
    slope : function of (x, state, parameters)
        Time derivative of the state, shape (n_columns,).
    initial : function of (parameters, number of the series)
        State at x = 0, shape (n_columns,).
    parameters : sequence of Parameter
        The free numbers.
    rtol : float
        Relative tolerance of the solution; differences of parameters are 1e-8, so a looser one roughens derivatives.

    Returns
    -------
    Model
        It predicts NaN, which a search steps back from, where the equation cannot be solved.

    Notes
    -----
    The absolute tolerance is that of the state at x = 0. Axes begin at 0 or later.
    """

    def predict(values, axes):
        found = []
        for number, x in enumerate(axes):
            start = np.asarray(initial(values, number), dtype=np.float64)
            found.append(_solve(lambda t, state: slope(t, state, values), start, x, rtol))
        return found

    return Model(name, tuple(parameters), predict)


def _solve(slope, start, x, rtol):
    if x[0] < 0.0:
        raise InputError(f"Axis of a differential equation must be at least 0, not {x[0]:g}")
    if x[-1] == 0.0:
        return np.tile(start, (x.size, 1))
    absolute = rtol * np.maximum(np.abs(start), 1e-300)
    distinct, where = np.unique(x, return_inverse=True)
    solved = solve_ivp(slope, (0.0, x[-1]), start, "DOP853", distinct, rtol=rtol, atol=absolute)
    return solved.y.T[where] if solved.success else np.full((x.size, start.size), np.nan)
