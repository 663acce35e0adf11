"""How wrong a matrix comes out of a crossbar, cause by cause and time by time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..spec.matvec import checked_inputs, checked_weights
from ..wires.wires import Wires
from .adc import Adc
from .crossbar import Crossbar
from .dac import Dac

YEAR_S = 365.25 * 86400
TIMES_S = (1.0, 3600.0, 86400.0, YEAR_S)
N_VECTORS = 256


@dataclass(frozen=True)
class ErrorsAtTime:
    """Relative errors some time after the reference read [1].

    Parameters
    ----------
    after_s : float
        Time since the reference read, which is at ``t0_s`` of the card after programming [s].
    drift, compensated : float
        Programming error and drift together, without and with the compensation.
    read : float
        Read noise alone, without what it is added to.
    total : float
        Everything that the spec has, at once.
    """

    after_s: float
    drift: float
    compensated: float
    read: float
    total: float


@dataclass(frozen=True)
class ErrorReport:
    """Relative errors of a product: root mean square of the error over that of the exact product [1].

    Parameters
    ----------
    converters, wires, programming : float
        Errors that one cause alone makes at the reference read: rounding of inputs, weights and currents; resistive
        lines; what programming left behind.
    compensation : str
        Kind of the gains behind ``compensated``.
    rows : tuple of ErrorsAtTime
    """

    converters: float
    wires: float
    programming: float
    compensation: str
    rows: tuple[ErrorsAtTime, ...]

    def text(self):
        """Return a table, a line a time."""
        head = f"converters {self.converters:.4f}   wires {self.wires:.4f}   programming {self.programming:.4f}"
        lines = [head, f"{'after':>10}{'drift':>10}{self.compensation:>13}{'read':>10}{'total':>10}"]
        for row in self.rows:
            figures = f"{row.drift:>10.4f}{row.compensated:>13.4f}{row.read:>10.4f}{row.total:>10.4f}"
            lines.append(f"{_duration(row.after_s):>10}{figures}")
        return "\n".join(lines)


def error_report(weights, spec, times_s=TIMES_S, inputs=None, seed=0):
    """Program a matrix once and return its errors, separated by cause.

    All causes meet the same cells: laws and stages are taken away one by one, draws stay.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float
        Matrix W of y = x W.
    spec : TileSpec
        Tiles. Where it compensates nothing, ``compensated`` stands for "global".
    times_s : sequence of float
        Times since the reference read, with which a card begins [s]: 20 s after programming for ``pcm_ibm``, where
        1 s is therefore 21 s after programming.
    inputs : ndarray, shape (n_batch, n_inputs), optional
        Input vectors; by default 256 standard normal ones.
    seed : int
        Reproduces programming, inputs and noise.

    Returns
    -------
    ErrorReport

    Raises
    ------
    InputError
        If a time is beyond the range of the device's card, which the text names.
    """
    weights = checked_weights(weights)
    if inputs is None:
        inputs = np.random.default_rng([seed, 1]).standard_normal((N_VECTORS, len(weights)))
    inputs, _ = checked_inputs(inputs, len(weights))
    exact = inputs @ weights
    size = np.sqrt(np.mean(exact**2))

    def missed(result, against=exact):
        return float(np.sqrt(np.mean((result - against) ** 2)) / size)

    bare = replace(spec, dac=Dac(), adc=Adc(), wires=Wires(), read_noise="none", compensation="none")
    flawless = spec.device.without("programming", "drift", "read_noise", "temperature", "faults", "levels")
    lines = replace(bare, device=flawless, wires=spec.wires)
    converted = replace(spec, device=flawless, wires=Wires(), compensation="none")
    kind = "global" if spec.compensation == "none" else spec.compensation
    noise = "lumped" if spec.read_noise == "none" else spec.read_noise
    variants = (bare, replace(bare, compensation=kind), replace(bare, read_noise=noise), spec)
    crossbars = [Crossbar(weights, variant, seed) for variant in variants]
    rows = []
    for after_s in times_s:
        t_s = spec.device.t0_s + after_s
        drifted, mended, noisy, all_of_it = (each.at(t_s).multiply(inputs, seed) for each in crossbars)
        rows.append(ErrorsAtTime(after_s, missed(drifted), missed(mended), missed(noisy, drifted), missed(all_of_it)))
    alone = (Crossbar(weights, variant, seed).multiply(inputs, seed) for variant in (converted, lines, bare))
    return ErrorReport(*(missed(result) for result in alone), kind, tuple(rows))


def _duration(seconds):
    """Return a time in its largest unit."""
    for unit, name in ((YEAR_S, "y"), (86400.0, "d"), (3600.0, "h")):
        if seconds >= unit:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"
