"""Example data of memristors, arrays and converters, drawn from the emulator's own cards; always called synthetic."""

from __future__ import annotations

import numpy as np

from ...emulator.devices.catalogue import device
from ...emulator.devices.memristor.flicker_process import FlickerProcess
from ...emulator.devices.memristor.power_law_drift import PowerLawDrift
from ...emulator.devices.memristor.state_functions import ClippedLog
from ..memristor.crossbar_probing import probing_patterns

DRIFT = PowerLawDrift(
    mean=ClippedLog(slope=-0.0155, offset=0.06, low=0.0, high=0.2),
    spread=ClippedLog(slope=-0.003, offset=0.012, low=0.0, high=0.1),
    scale_S=6e-6,
)
READ_NOISE = 0.01
NOISE_SIGMA = 0.02  # of the conductance, over all time constants
STUCK = ((3, 2), (10, 7))


def drift_rows(seed, n_cells=400, n_times=8):
    """Return reads of cells that drift; header, ndarray (n_cells * n_times, 3)."""
    rng = np.random.default_rng(seed)
    target_S = np.exp(rng.uniform(np.log(2e-6), np.log(20e-6), n_cells))
    _, drawn = DRIFT.begin(target_S, target_S, rng, 20.0)
    times_s = 20.0 * 3.0 ** np.arange(n_times)
    exact = target_S[:, None] * (times_s / 20.0) ** -drawn["nu"][:, None]
    noisy = exact * (1.0 + READ_NOISE * rng.standard_normal(exact.shape))
    cells = np.repeat(np.arange(n_cells), n_times)
    return "cell,time_s,conductance_uS", np.column_stack([cells, np.tile(times_s, n_cells), 1e6 * noisy.ravel()])


def programming_rows(seed, n_cells=2000):
    """Return targets and what IBM's phase-change cells became; header, ndarray (n_cells, 2)."""
    rng = np.random.default_rng(seed)
    card = device("pcm_ibm").without("drift", "read_noise")
    target_S = rng.uniform(5e-6, 25e-6, (n_cells, 1))
    return "target_uS,conductance_uS", 1e6 * np.hstack([target_S, card.program(target_S, rng).programmed_S])


def relaxation_rows(seed, n_cells=2000):
    """Return displacements of technology C; header, ndarray (n_cells * n_times, 4)."""
    rng = np.random.default_rng(seed)
    law, target_S = device("rram_relaxation_c").drift, np.full(n_cells, 8e-6)
    _, drawn = law.begin(target_S, target_S, rng, 0.01)
    times_s = np.array([4.0, 40.0, 400.0, 4000.0, 40000.0])  # the published spreads are linear in ln t from 4 s on
    moved = np.stack([law.displacement_S(target_S, drawn, t) for t in times_s], axis=1)
    cells = np.repeat(np.arange(n_cells), times_s.size)
    rows = [cells, np.tile(times_s, n_cells), 1e6 * moved.ravel(), np.full(moved.size, 8.0)]
    return "cell,time_s,change_uS,target_uS", np.column_stack(rows)


def read_noise_rows(seed, n_samples=8192, interval_s=1e-3):
    """Return one cell read a thousand times a second; header, ndarray (n_samples, 2)."""
    rng = np.random.default_rng(seed)
    process = FlickerProcess(np.array([NOISE_SIGMA]), 1e-5, 1e3, rng)
    found = np.empty(n_samples)
    for k in range(n_samples):
        process.advance(interval_s)
        found[k] = process.deviation[0]
    rows = [interval_s * np.arange(1, n_samples + 1), 10.0 * (1.0 + found)]
    return "time_s,signal_uS", np.column_stack(rows)


def crossbar_arrays(seed, n_rows=48, n_cols=16, noise=0.2):
    """Return patterns, outputs and intended weights of an array with gains, offsets and two stuck cells; dict."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((n_rows, n_cols))
    real = weights * (1.0 + 0.05 * rng.standard_normal(n_cols)) + 0.03 * rng.standard_normal(weights.shape)
    for row, column in STUCK:
        real[row, column] = 4.0
    patterns = probing_patterns(n_rows)
    outputs = patterns @ real + 0.3 * rng.standard_normal(n_cols)
    outputs = outputs + noise * rng.standard_normal(outputs.shape)
    return {"patterns": patterns, "outputs": outputs, "weights": weights}


def adc_rows(seed, n_samples=6000):
    """Return a ramp into an 8-bit converter with 1.5 steps of second order; header, ndarray (n_samples, 2)."""
    x = np.linspace(-0.6, 0.6, n_samples)
    z = x / 0.6
    code = 128.0 + 200.0 * x + 0.75 * (3.0 * z**2 - 1.0) + 0.4 * np.random.default_rng(seed).standard_normal(n_samples)
    return "input_V,code", np.column_stack([x, np.rint(code)])


def dac_rows(seed, n_repeats=40):
    """Return voltages of all codes of a 6-bit converter; header, ndarray (64 * n_repeats, 2)."""
    code = np.repeat(np.arange(64.0), n_repeats)
    z = (code - 31.5) / 31.5
    output = 0.01 * code + 0.002 * (5.0 * z**3 - 3.0 * z) / 2.0
    return "code,output_V", np.column_stack(
        [code, output + 0.002 * np.random.default_rng(seed).standard_normal(code.size)]
    )


MEMRISTOR_EXAMPLES = {
    "drift": drift_rows,
    "programming": programming_rows,
    "relaxation": relaxation_rows,
    "read-noise": read_noise_rows,
    "adc": adc_rows,
    "dac": dac_rows,
}
