"""What one kind of calibration is: the columns that it reads, what it makes of them, what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..emulator.devices.junction.card import SmtjCard
from ..emulator.devices.memristor.card import DeviceCard
from .data.units import Column
from .engine.bootstrap import N_TRIALS
from .engine.record import SMALLEST_P, Calibration


@dataclass(frozen=True)
class Request:
    """How a calibration is run.

    Parameters
    ----------
    seed : int
        Seed of the synthetic data.
    n_trials : int
        Number of synthetic data sets behind the intervals.
    n_coverage : int
        Synthetic experiments on which the intervals are tested; 0 for none.
    name : str
        Name of the card.
    base : DeviceCard, optional
        Card of a memristor that takes the measured model in; one with that model alone is made if absent.
    filter_time, baseline : str
        What a telegraph trace went through; see `model_of`.
    """

    seed: int = 0
    n_trials: int = N_TRIALS
    n_coverage: int = 0
    name: str = "measured"
    base: DeviceCard | None = None
    filter_time: str = ""
    baseline: str = ""


@dataclass(frozen=True, eq=False)
class Curve:
    """Measured points and the model that was fitted to them.

    Parameters
    ----------
    label : str
        Label of the curve; empty for the only one.
    x, y, sigma : ndarray, shape (n_points,), float64
        Points and their standard errors.
    line_x, line_y : ndarray, shape (n,), float64
        Fitted model on a fine grid.
    at_points : ndarray, shape (n_points,), float64
        Fitted model at the points.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    sigma: np.ndarray
    line_x: np.ndarray
    line_y: np.ndarray
    at_points: np.ndarray

    @property
    def scores(self):
        """Residuals in standard errors; shape (n_points,)."""
        return (self.y - self.at_points) / self.sigma


@dataclass(frozen=True, eq=False)
class View:
    """What a picture of a fit shows.

    Parameters
    ----------
    x_label, y_label : str
        Labels of both axes.
    curves : tuple of Curve
        Curves of the picture, one or several.
    log_x, log_y : bool
        Whether an axis is logarithmic.
    """

    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True, eq=False)
class TraceView:
    """A piece of a trace with a path of its hidden states, and all dwell times of the path.

    Parameters
    ----------
    y_label : str
        Label of the samples, with their unit.
    times_s, values, path : ndarray, shape (n,), float64
        Piece of the trace: times [s], samples, levels of the path.
    stays_s : dict of str to ndarray
        Dwell times of the whole path in each state; those at the ends and over samples that were not read left out.
    means_s : dict of str to float
        Mean dwell times of the fit.
    interval_s : float
        Interval between samples [s].
    """

    y_label: str
    times_s: np.ndarray
    values: np.ndarray
    path: np.ndarray
    stays_s: dict[str, np.ndarray]
    means_s: dict[str, float]
    interval_s: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a kind hands over.

    Parameters
    ----------
    calibration : Calibration
        Parameters with intervals.
    view : View
        Data of the picture.
    card : SmtjCard, DeviceCard or None
        What the emulators load, where the data tell enough for one.
    notes : dict
        Figures that stand beside the parameters.
    trace : TraceView, optional
        Piece of a telegraph trace with its path.
    files : tuple of str
        Paths of the files that were written.
    """

    calibration: Calibration
    view: View
    card: SmtjCard | DeviceCard | None = None
    notes: dict = field(default_factory=dict)
    trace: TraceView | None = None
    files: tuple[str, ...] = ()

    @property
    def is_rejected(self):
        """Whether the data reject the model; its intervals then mean nothing."""
        return self.calibration.chi2_p < SMALLEST_P


@dataclass(frozen=True)
class Kind:
    """One kind of calibration.

    Parameters
    ----------
    about : str
        One line for a person.
    columns : tuple of Column
        What a file must hold.
    run : function of (Table, Request)
        Returns an `Outcome`.
    loses : {"row", "sample", "cell"}
        What a masked reading takes with it: its row; nothing, where the fit knows of samples that were not read; or
        all readings of its cell.
    """

    about: str
    columns: tuple[Column, ...]
    run: Callable
    loses: str = "row"
