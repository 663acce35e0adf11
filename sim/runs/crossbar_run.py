"""A matrix from a file on emulated crossbar tiles: errors by cause, clocks, seconds and joules."""

from __future__ import annotations

from dataclasses import replace
from tokenize import TokenError
from zipfile import BadZipFile
from zlib import error as ZlibError

import numpy as np

from ...emulator.crossbar.adc import Adc
from ...emulator.crossbar.crossbar import Crossbar
from ...emulator.crossbar.dac import Dac
from ...emulator.crossbar.error_report import error_report
from ...emulator.crossbar.heat import heat_J
from ...emulator.crossbar.tile_spec import TileSpec
from ...emulator.devices.catalogue import device
from ...emulator.ledger.hermes import column_clock_price, hermes, hermes_timing
from ...emulator.ledger.priced_tile import PricedTile
from ...emulator.reference.arguments import check_count, check_number
from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import made_folder
from ...emulator.spec.files.input_files import check_regular
from ...emulator.spec.files.shipped_files import shipped_or_own
from ...emulator.spec.files.strict_json import write_json
from ...emulator.spec.matvec import checked_weights
from ...emulator.wires.wires import Wires

# What numpy raises on files that are no arrays, or on damaged ones.
DAMAGED = (
    ValueError,
    EOFError,
    SyntaxError,
    TokenError,
    MemoryError,
    OverflowError,
    RuntimeError,
    BadZipFile,
    ZlibError,
)
N_HEAT = 64  # vectors over which the cells' heat is averaged
PRICES = "HERMES, prices derived from its core's published efficiency"


def read_weights(path):
    """Return the matrix of an ``.npy`` file; ndarray, float64.

    Raises
    ------
    InputError
        If the file is missing, no array file, or holds no finite real matrix; the text names it.
    """
    path = shipped_or_own(path)
    check_regular(path, "file")
    try:
        array = np.load(path, allow_pickle=False)
    except OSError as error:
        raise InputError(f"{path}: file must be readable ({error.strerror or error})") from None
    except DAMAGED:
        raise InputError(f"{path}: file must be a numpy array (.npy) of numbers, not another format") from None
    if not isinstance(array, np.ndarray):
        raise InputError(f"{path}: file must hold one array (.npy), not an archive")
    try:
        return checked_weights(array)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def tile_spec(device_name, tile, bits, wire_ohm, compensation):
    """Return a tile of square arrays whose inputs are pulses of varied length.

    Parameters
    ----------
    device_name : str
        Device of the catalogue by name, or path of a JSON file.
    tile : int
        Number of rows and of columns of a tile.
    bits : tuple of (int, int)
        Bits of inputs and of ADC codes; 0 leaves them exact [bit].
    wire_ohm : float
        One segment of a line [ohm].
    compensation : str
        Compensation of drift: "none", "global", "tile" or "column"; see `TileSpec`.
    """
    try:
        input_bits, code_bits = bits
    except (TypeError, ValueError):
        raise InputError(f"Bits must be a pair, of inputs and of ADC codes, not {bits!r:.60}") from None
    tile, wire_ohm, card = check_count("Tile size", tile), check_number("Wire", wire_ohm), device(device_name)
    dac = Dac(input_bits or None, "pwm") if card.is_linear or not wire_ohm else Dac(input_bits or None)
    spec = TileSpec(card, tile, tile, Wires(wire_ohm, wire_ohm), dac, Adc(code_bits or None), compensation=compensation)
    return replace(spec, read_voltage_V=min(spec.read_voltage_V, card.v_max_V))


def priced_tile(tile, input_bits):
    """Return a tile of this size with the stages and prices of HERMES in one phase; PricedTile."""
    slots = 2 ** ((input_bits or 8) - 1) - 1
    timing = replace(hermes_timing(1), n_rows=tile, n_columns=tile, n_adcs=tile, settle_cycles=max(1, slots))
    prices = hermes(1).prices | {"column_cycles": column_clock_price("core")}
    return PricedTile(f"{tile} x {tile}", timing, prices)


def crossbar_result(weights, spec, at_s, seed):
    """Return the promised keys of `spinchip crossbar`, the crossbar at that time, and errors at several times.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float64
        Matrix W of y = x W.
    spec : TileSpec
        Parameters of the crossbar tiles.
    at_s : float
        Time after the reference read [s].
    seed : int
        Seed of all random numbers; the same seed gives the same result.

    Returns
    -------
    result : dict
    crossbar : Crossbar
    curve : ErrorReport
        At the time asked for and at a few before it.
    """
    if not check_number("Time", at_s) >= 0:
        raise InputError(f"Time must be 0 s or more after the reference read, not {at_s:g} s")
    times = sorted({float(t) for t in (1.0, 60.0, 3600.0, 86400.0, 604800.0, 2592000.0, 31557600.0) if t < at_s})
    curve = error_report(weights, spec, (*times, float(at_s)), seed=seed)
    last = curve.rows[-1]
    programmed = Crossbar(weights, spec, seed)
    crossbar = programmed.at(spec.device.t0_s + at_s)
    tile = priced_tile(spec.n_rows, spec.dac.bits)
    trace = tile.trace()
    vectors = np.random.default_rng([seed, 2]).standard_normal((N_HEAT, len(weights)))
    cells_J = heat_J(crossbar, vectors, tile.timing.settle_cycles / tile.timing.clock_hz) / N_HEAT
    bill = tile.bill(trace)
    low, best, high = (crossbar.n_tiles * part + cells_J for part in bill.total_J)
    result = {
        "relative_error": {
            "programming": curve.programming,
            "drift": last.drift,
            "compensated": last.compensated,
            "read": last.read,
            "converters": curve.converters,
            "wires": curve.wires,
            "total": last.total,
        },
        "cycles": trace.latency_cycles,
        "seconds": trace.latency_s,
        "joules": best,
        "joules_range": [low, high],
        "cell_joules": cells_J,
        "tiles": crossbar.n_tiles,
        "prices": PRICES,
        "device": spec.device.name,
        "citation": spec.device.citation,
        "at_s": float(at_s),
        "shape": list(weights.shape),
        "seed": seed,
    }
    return result, crossbar, curve


def save_result(folder, result, crossbar, weights, curve):
    """Write ``crossbar.json`` and the plots into a folder, made if absent.

    Parameters
    ----------
    folder : path
        Folder to write into.
    result, crossbar, curve
        What `crossbar_result` returned.
    weights : ndarray, shape (n_inputs, n_outputs), float64
        Matrix W of y = x W.

    Returns
    -------
    list of str
        Paths of the plots.
    """
    from ..report.crossbar_plots import save_plots

    write_json(made_folder(folder) / "crossbar.json", result)
    return save_plots(folder, crossbar, weights, curve, result["seed"])
