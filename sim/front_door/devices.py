"""Devices: fitted to measured data, and in a crossbar that holds a matrix."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...emulator.spec.files.atomic_write import check_folder
from ...emulator.spec.seeds import check_seed


def calibrate(
    kind,
    data,
    *,
    seed=0,
    trials=100,
    coverage=0,
    base=None,
    columns="",
    mask="",
    filter_time="",
    baseline="",
    decimal=None,
    out=None,
):
    """Fit a device to measured data.

    Parameters
    ----------
    kind : str
        Kind of calibration, see ``spinchip calibrate list``.
    data : str or Path
        A file with the columns of that kind.
    seed : int
        Seed of the synthetic data behind the intervals.
    trials : int
        Number of synthetic data sets behind the intervals.
    coverage : int
        Synthetic experiments on which the intervals are tested.
    base : DeviceCard or str, optional
        Memristor whose card takes the measured model in; a device of the catalogue or a JSON file by name.
    columns, mask : str
        ``NAME=HEADER,...`` where headers differ, and which readings are left out; see `calibration.data.table_reader`.
    filter_time, baseline : str
        Time constant of a low-pass in a telegraph trace, shortest period of its slow baseline [s], or "fit" for either.
    decimal : {"comma", "point"}, optional
        Decimal mark of a text, where the file leaves it open.
    out : path, optional
        Folder for calibration, card and pictures; made if absent.

    Returns
    -------
    Outcome
        ``.calibration`` holds the parameters with intervals, ``.card`` what emulators load; ``.is_rejected`` says
        whether the data reject the model, whose intervals then mean nothing.
    """
    from ...calibration.data.table_reader import Reading
    from ...calibration.kind import Request
    from ...emulator.devices.catalogue import device
    from ...emulator.reference.arguments import check_count
    from ...emulator.spec.files.file_names import short_name
    from ..runs.calibrate_run import calibrated

    n_trials, n_coverage = check_count("Trials", trials), check_count("Coverage", coverage, 0)
    card = device(base) if isinstance(base, str) else base
    request = Request(check_seed(seed), n_trials, n_coverage, short_name(data), card, filter_time, baseline)
    return calibrated(kind, data, request, out, Reading(columns, mask, decimal))


def crossbar(
    weights,
    device,
    at_s=0.0,
    *,
    tile=256,
    bits=(8, 8),
    wire_ohm=0.0,
    compensation="global",
    seed=0,
    out=None,
    step=None,
):
    """Program a matrix into emulated memristor tiles, let it drift, and tell the errors and the cost of a product.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float64, or path
        W of y = x W, or an ``.npy`` file of it.
    device : str
        Device of the catalogue by name, or path of a JSON file.
    at_s : float
        Time after the reference read [s].
    tile : int
        Rows and columns of a tile.
    bits : (int, int)
        Bits of inputs and of ADC codes; 0 leaves them exact [bit].
    wire_ohm : float
        One segment of a line [ohm].
    compensation : str
        Compensation of drift: "none", "global", "tile" or "column"; see `TileSpec`.
    seed : int
        Seed of all random numbers; the same seed gives the same result.
    out : path, optional
        Folder for the figures as JSON, and plots; made if absent.
    step : callable, optional
        Gets one line about what is done next.

    Returns
    -------
    result : dict
        The keys of ``spinchip crossbar --json``.
    array : Crossbar
        The programmed crossbar at that time; ``array.multiply(x)`` is a product.
    """
    from ...emulator.spec.matvec import checked_weights
    from ..runs.crossbar_run import crossbar_result, read_weights, save_result, tile_spec

    is_path, say = isinstance(weights, str | Path), step or _silent
    matrix = read_weights(weights) if is_path else checked_weights(np.asarray(weights))
    spec = tile_spec(device, tile, bits, wire_ohm, compensation)
    if out is not None:
        check_folder(out)
    say(f"{matrix.shape[0]} x {matrix.shape[1]} weights on {device}")
    result, array, curve = crossbar_result(matrix, spec, at_s, check_seed(seed))
    if out is not None:
        say("plots")
        result["plots"] = save_result(out, result, array, matrix, curve)
    return result, array


def _silent(line):
    """Tell nobody."""
