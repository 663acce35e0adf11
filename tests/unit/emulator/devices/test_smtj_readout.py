"""Read-out, embedded transistor and drift of junctions with their closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from spinchip.emulator.devices.junction.ageing import BiasDrift
from spinchip.emulator.devices.junction.card import SmtjCard, cycle_drive
from spinchip.emulator.devices.junction.circuit import JunctionCircuit
from spinchip.emulator.devices.junction.readout import junction_S, node_V, read, share_up, thresholds_V
from spinchip.emulator.devices.junction.telegraph import sample_at
from spinchip.emulator.devices.junction.transistor import (
    Transistor,
    decided_window_V,
    embedded_node_V,
    embedded_share_high,
)
from spinchip.emulator.spec.errors import InputError

CARD = SmtjCard(tau0_s=1e-9, barrier_kT=4.0)
CIRCUIT = JunctionCircuit(parallel_ohm=5e3, tmr=1.0, load_ohm=5e3, supply_V=0.6)
EMBEDDED = JunctionCircuit(parallel_ohm=5e4, tmr=1.0, supply_V=0.8)


def test_divider_has_both_levels_and_the_threshold_between():
    assert node_V(CIRCUIT, (-1, 1)).tolist() == pytest.approx([0.2, 0.3])
    assert thresholds_V(replace(CIRCUIT, comparator_offset_V=0.01, comparator_hysteresis_V=0.02)) == pytest.approx(
        (0.25, 0.27)
    )
    assert junction_S(CIRCUIT, 0.0) == pytest.approx((1 / 5e3 + 1 / 10e3) / 2)  # linear in m


@pytest.mark.promise("smtj.telegraph")
@pytest.mark.parametrize(
    "circuit",
    [
        replace(CIRCUIT, noise_V=0.05),
        replace(CIRCUIT, noise_V=0.05, comparator_offset_V=0.02),
        replace(CIRCUIT, noise_V=0.05, comparator_offset_V=0.02, comparator_hysteresis_V=0.06),
    ],
)
def test_reads_have_the_transfer_curve(circuit):
    drive = 0.06
    expected = float(share_up(circuit, CARD, drive))
    ideal = float(share_up(CIRCUIT, CARD, drive))
    assert abs(expected - ideal) > 0.02
    n_devices, n_times = 200, 400
    tau = float(CARD.correlation_time_s(drive))
    states = sample_at(CARD, drive, 20 * tau * np.arange(1, n_times + 1), seed=3, n_devices=n_devices)
    bits = read(circuit, states, np.random.default_rng(4))[20:] > 0
    error = bits.mean(axis=0).std() / math.sqrt(n_devices)
    assert abs(bits.mean() - expected) < 4 * error
    assert abs(bits.mean() - ideal) > 4 * error  # a reader without these faults is told apart


def test_noise_flattens_the_curve_by_the_share_of_misread_states():
    circuit = replace(CIRCUIT, noise_V=0.04)
    misread = norm.sf(0.05 / 0.04)
    drive = np.linspace(-0.3, 0.3, 7)
    expected = 0.5 + (0.5 - misread) * np.tanh(8 * drive)
    assert np.allclose(share_up(circuit, CARD, drive), expected)


def test_hysteresis_keeps_the_last_output():
    circuit = replace(CIRCUIT, comparator_hysteresis_V=0.08)
    ramp = np.array([-1, -0.2, 0.2, 0.9, 0.2, -0.2, -0.5, -1])[:, None]
    assert thresholds_V(circuit) == pytest.approx((0.21, 0.29))
    out = read(circuit, ramp, np.random.default_rng(0))[:, 0]
    assert out.tolist() == [-1, -1, -1, 1, 1, 1, 1, -1]
    plain = read(CIRCUIT, ramp, np.random.default_rng(0))[:, 0]
    assert plain.tolist() == [-1, -1, 1, 1, 1, -1, -1, -1]
    with pytest.raises(InputError, match=r"^Hysteresis must be below the swing of the node, not 0\.2 V"):
        share_up(replace(circuit, comparator_hysteresis_V=0.2), CARD, 0.0)


def test_offset_from_cycle_to_cycle_flattens_the_curve():
    card = replace(CARD, sd_cycle=0.1)
    n, drive = 40_000, 0.15
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    expected = (weights * np.tanh(8 * (drive + 0.1 * nodes))).sum() / weights.sum()
    jittered = cycle_drive(card, np.full((1, n), drive), np.random.default_rng(2))
    states = sample_at(card, jittered, [1e-5], seed=2, n_devices=n)[0]
    error = states.std() / math.sqrt(n)
    assert abs(states.mean() - expected) < 4 * error
    assert abs(states.mean() - np.tanh(8 * drive)) > 8 * error


def test_node_balances_both_currents():
    transistor = Transistor()
    states, inputs = np.linspace(-1, 1, 5)[:, None], np.linspace(0, 0.8, 9)
    node = embedded_node_V(EMBEDDED, transistor, states, inputs)
    junction_A = (0.8 - node) * junction_S(EMBEDDED, states)
    assert np.allclose(junction_A, transistor.drain_A(inputs, node), rtol=1e-8, atol=1e-15)
    assert np.all(np.diff(node, axis=1) < 0)
    assert np.all(np.diff(node, axis=0) > 0)


def test_transistor_has_its_weak_and_strong_limits():
    transistor = Transistor(specific_A=1e-6, threshold_V=0.3, slope_factor=1.2)
    thermal_V = 1.380649e-23 * 300 / 1.602176634e-19
    weak = transistor.drain_A(np.array([-0.1, -0.1 + 1.2 * thermal_V * math.log(10)]), 0.5)
    assert weak[1] / weak[0] == pytest.approx(10, rel=1e-2)  # a decade per n U_T ln 10
    strong = 1e-6 * ((1.5 - 0.3) / (1.2 * 2 * thermal_V)) ** 2
    assert transistor.drain_A(1.5, 1.5) == pytest.approx(strong, rel=1e-4)
    assert transistor.drain_A(0.5, 0.0) == 0.0


def test_transfer_curve_of_an_embedded_junction_is_limited_by_its_transistor():
    transistor = Transistor()
    low, high = decided_window_V(EMBEDDED, transistor)
    assert 0.3 < low < high < 0.6
    inputs = np.array([low - 0.01, (low + high) / 2, high + 0.01])
    telegraph = embedded_share_high(EMBEDDED, transistor, [-1, 1], inputs)
    assert telegraph.tolist() == [0.0, 0.5, 1.0]
    weighted = embedded_share_high(EMBEDDED, transistor, [-1, 1], inputs, weights=[0.8, 0.2])
    assert weighted.tolist() == pytest.approx([0.0, 0.8, 1.0])
    grid = np.linspace(low, high, 9)
    free = embedded_share_high(EMBEDDED, transistor, np.linspace(-1, 1, 2001), grid)  # no barrier: m_z is uniform
    balance_S = transistor.drain_A(grid, 0.4) / 0.4  # at the threshold both carry one current
    conductances = junction_S(EMBEDDED, np.array([-1.0, 1.0]))
    assert np.allclose(free, (balance_S - conductances[0]) / np.diff(conductances), atol=1e-3)
    noisy = embedded_share_high(replace(EMBEDDED, noise_V=0.1), transistor, [-1, 1], inputs)
    assert 0.01 < noisy[0] < 0.5 < noisy[2] < 0.99
    with pytest.raises(InputError, match="^Weights must be 0 or above with sum 1, not "):
        embedded_share_high(EMBEDDED, transistor, [-1, 1], inputs, weights=[0.8, 0.3])


def test_bias_drifts_by_its_law():
    drift = BiasDrift(ageing=0.02, cv_ageing=0.1, onset_s=2.0, wander=0.05, memory_s=3.0)
    n = 40_000
    times_s = np.array([0.0, 1.5, 1.5, 100.0])
    offsets = drift.offsets(times_s, n, np.random.default_rng(6))
    ageing = 0.02 * np.log1p(times_s / 2.0)
    spread = np.hypot(0.05, 0.1 * ageing)
    assert np.all(np.abs(offsets.mean(axis=0 if offsets.shape[0] == n else 1) - ageing) < 4 * spread / math.sqrt(n))
    assert np.allclose(offsets.std(axis=1), spread, rtol=4 / math.sqrt(2 * n))
    assert np.array_equal(offsets[1], offsets[2])
    wander = offsets[:2] - ageing[:2, None]
    correlation = np.corrcoef(wander)[0, 1]
    assert abs(correlation - math.exp(-0.5)) < 4 * (1 - math.exp(-1.0)) / math.sqrt(n) + 2e-3  # ageing's own spread
    assert abs(correlation - math.exp(-0.6)) > 0.03


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: replace(CIRCUIT, tmr=0.0), "Circuit tmr must be above 0, not 0.0"),
        (lambda: replace(CIRCUIT, noise_V=-1.0), "Circuit noise_V must be 0 or above, not -1.0"),
        (
            lambda: replace(CIRCUIT, comparator_offset_V=math.inf),
            "Circuit comparator_offset_V must be finite, not inf",
        ),
        (lambda: Transistor(slope_factor=0.9), "Transistor slope_factor must be 1 or above, not 0.9"),
        (lambda: Transistor(specific_A=0.0), "Transistor specific_A must be above 0, not 0.0"),
        (lambda: BiasDrift(memory_s=0.0), "Drift memory_s must be above 0 s, not 0.0"),
        (lambda: BiasDrift(wander=-1.0), "Drift wander must be 0 or above, not -1.0"),
        (
            lambda: BiasDrift().offsets([1.0, 0.0], 1, np.random.default_rng(0)),
            "Times must be a list that does not descend from 0 s, not [1.0, 0.0]",
        ),
    ],
)
def test_nonsense_circuits_and_drifts_are_refused(make, text):
    with pytest.raises(InputError) as refusal:
        make()
    assert str(refusal.value) == text
