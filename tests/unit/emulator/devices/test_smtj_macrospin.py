"""The stochastic LLG with the zero-barrier law, published points, and the Boltzmann law of the angle."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.constants import k, mu_0

from spinchip.emulator.devices.junction.diffusion import solve
from spinchip.emulator.devices.junction.macrospin import MacrospinEnsemble, noise_T, step_for
from spinchip.emulator.devices.junction.magnet import EllipticLayer, GYROMAGNETIC_Hz_per_T, Magnet
from spinchip.emulator.spec.errors import InputError

# Source: OPUSLab/Spin-Circuit-Designs, FPE and sLLG benchmark: alpha .01, Ms 1100 emu/cc, 30 x 30 x 2 nm, kT 26 meV.
FREE = Magnet(1.1e6, 1.8e-24, 0.01, temperature_K=26e-3 * 1.6e-19 / k)
# The same place, mean m_z of its sLLG run in SPICE: time [ns] and value, read off a plot.
PUBLISHED = [
    (0.2604, -0.9987), (8.594, -0.9341), (18.229, -0.8812), (28.906, -0.8127), (39.063, -0.7579), (49.479, -0.7031),
    (62.240, -0.6365), (76.042, -0.5719), (91.667, -0.5113), (108.073, -0.4545), (118.750, -0.4134), (133.594, -0.3625),
    (150.521, -0.3292), (169.010, -0.2900), (183.333, -0.2568), (198.177, -0.2196), (213.281, -0.1922),
    (221.615, -0.1824),
]  # fmt: skip


def with_barrier(delta, temperature=1.0, damping=0.3):
    """Return a magnet whose easy axis is z and whose barrier is ``delta`` at 300 K, at a multiple of 300 K."""
    cold = Magnet(1.1e6, 1e-24, damping)
    magnet = replace(cold, anisotropy_T=(0.0, 0.0, 2 * delta * cold.thermal_field_T))
    return replace(magnet, temperature_K=300.0 * temperature)


def decayed(magnet, n, seed, step_s=0.5e-9):
    """Return m_z of ``n`` junctions that began at -1, after 135 ns."""
    ensemble = MacrospinEnsemble(magnet, n, seed, initial=(0, 0, -1), step_s=step_s)
    return ensemble.advance(round(135e-9 / step_s))[:, 2].copy()


@pytest.mark.promise("smtj.macrospin")
def test_zero_barrier_magnet_decays_as_it_must():
    assert pytest.approx(135.2e-9, abs=0.1e-9) == FREE.relaxation_s
    expected = -math.exp(-135e-9 / FREE.relaxation_s)
    wrong = -math.exp(-135e-9 / FREE.relaxation_s * 1.1)  # 10 % in damping or noise power must be seen
    second = 1 / 3 + 2 / 3 * math.exp(-3 * 135e-9 / FREE.relaxation_s)
    n = math.ceil(64 * (second - expected**2) / (wrong - expected) ** 2)
    mean = decayed(FREE, n, seed=1).mean()
    error = abs(wrong - expected) / 8
    assert abs(mean - expected) < 4 * error
    hot = decayed(replace(FREE, temperature_K=1.1 * FREE.temperature_K), n, seed=2).mean()
    assert abs(hot - expected) > 4 * error


@pytest.mark.promise("smtj.macrospin")
def test_published_points_lie_on_the_simulated_curve():
    times_s, published = 1e-9 * np.array(PUBLISHED).T[0], np.array(PUBLISHED).T[1]
    n = 10_000  # 0.6 / sqrt(n) is 0.006 at most; the points scatter by as much about the exact law
    ensemble = MacrospinEnsemble(FREE, n, seed=3, initial=(0, 0, -1), step_s=1e-9 / 4)
    record = np.concatenate([[-1.0], ensemble.record(250, 4).mean(axis=1)])
    clock_s = 1e-9 * np.arange(251)

    def rms(stretch):
        return np.sqrt(np.mean((np.interp(stretch * times_s, clock_s, record) - published) ** 2))

    exact = np.sqrt(np.mean((-np.exp(-times_s / FREE.relaxation_s) - published) ** 2))
    assert exact < 0.010  # the scatter of the published points
    assert rms(1.0) < exact + 0.006
    assert min(rms(0.9), rms(1.1)) > exact + 0.006  # a magnet 10 % faster or slower is told apart
    assert np.abs(np.interp(times_s, clock_s, record) - published).max() < 0.025


def boltzmann_uniforms(magnet, law, n, seed):
    """Return the distribution function at m_z of junctions that began in both wells alike, once those have settled."""
    ensemble = MacrospinEnsemble(magnet, n, seed, initial=np.where(np.arange(n) % 2, 1, -1)[:, None] * [0, 0, 1])
    settled = ensemble.advance(math.ceil(2.5 * magnet.relaxation_s / ensemble.step_s))
    return cumulative(settled[:, 2], law.barrier_kT)


def cumulative(u, delta):
    """Return the distribution function of m_z under exp(Delta m_z^2)."""
    grid = np.linspace(-1, 1, 20_001)
    density = np.exp(delta * (grid**2 - 1))
    total = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return np.interp(u, grid, total / total[-1])


def chi_square(uniforms):
    """Return the p-value of 20 equally likely bins."""
    return stats.chisquare(np.histogram(uniforms, 20, (0, 1))[0]).pvalue


def boltzmann_size(delta, wrong, bins=20, alpha=1e-4):
    """Return the size at which chi-square of equal bins rejects the law of ``wrong`` with 4 sigma to spare."""
    edges = np.interp(
        np.linspace(0, 1, bins + 1), cumulative(np.linspace(-1, 1, 20_001), delta), np.linspace(-1, 1, 20_001)
    )
    shares = np.diff(cumulative(edges, wrong))
    per_draw = bins * ((shares - 1 / bins) ** 2).sum()
    critical = stats.chi2.isf(alpha, bins - 1) - (bins - 1)
    needed = critical
    for _ in range(20):  # non-central chi-square: mean df + lambda, variance 2 (df + 2 lambda)
        needed = critical + 4 * math.sqrt(2 * (bins - 1 + 2 * needed))
    return math.ceil(needed / per_draw)


@pytest.mark.promise("smtj.macrospin")
def test_angle_is_boltzmann_and_ten_percent_of_noise_is_seen():
    delta = 3.0
    n = boltzmann_size(delta, delta / 1.21)  # the field's standard deviation, so 21 % of its power
    magnet = with_barrier(delta)
    assert chi_square(boltzmann_uniforms(magnet, magnet, n, seed=4)) > 1e-4
    noisy = with_barrier(delta, temperature=1.21)  # its noise field is 10 % larger, all else is the same
    assert noise_T(noisy, 1e-12) == pytest.approx(1.1 * noise_T(magnet, 1e-12))
    assert chi_square(boltzmann_uniforms(noisy, magnet, n, seed=5)) < 1e-4
    quiet = with_barrier(delta, temperature=0.81)
    assert chi_square(boltzmann_uniforms(quiet, magnet, n, seed=6)) < 1e-4


def euler(magnet, first, steps, step_s, rng):
    """Return m_z / |m| by Euler's scheme in Ito's sense, without the drift that it needs: the moment grows."""
    m = first.copy()
    turn = GYROMAGNETIC_Hz_per_T * step_s / (1 + magnet.damping**2)
    for _ in range(steps):
        field = m * magnet.anisotropy_T + noise_T(magnet, step_s) * rng.standard_normal(m.shape)
        torque = np.cross(m, field)
        m = m - turn * (torque + magnet.damping * np.cross(m, torque))
    return m[:, 2] / np.linalg.norm(m, axis=1)


@pytest.mark.promise("smtj.macrospin")
def test_ito_without_its_drift_is_rejected():
    delta = 3.0
    magnet = with_barrier(delta)
    n = boltzmann_size(delta, delta / 1.21)
    rng = np.random.default_rng(8)
    grid = np.linspace(-1, 1, 20_001)
    u, angle = np.interp(rng.random(n), cumulative(grid, delta), grid), rng.uniform(0, 2 * np.pi, n)
    first = np.stack([np.sqrt(1 - u**2) * np.cos(angle), np.sqrt(1 - u**2) * np.sin(angle), u], axis=1)
    assert chi_square(cumulative(u, delta)) > 1e-4  # both begin in equilibrium
    ensemble = MacrospinEnsemble(magnet, n, seed=9, initial=first)
    steps = math.ceil(0.6 * magnet.relaxation_s / ensemble.step_s)
    assert chi_square(cumulative(ensemble.advance(steps)[:, 2], delta)) > 1e-4
    assert chi_square(cumulative(euler(magnet, first, steps, ensemble.step_s, rng), delta)) < 1e-4


def test_torque_acts_as_a_field_over_the_damping():
    magnet, x = with_barrier(2.0), 0.2
    field = x * magnet.switching_field_T
    expected, wrong = solve(magnet, x).mean, solve(magnet, 0.85 * x).mean  # 15 % of the push must be seen
    n = math.ceil((8 * 0.75 / (expected - wrong)) ** 2)  # the spread of m_z is below 0.75
    up = np.arange(n) < n * solve(magnet, x).share_up  # both wells are filled, so that only their insides must settle
    first = np.where(up, 1, -1)[:, None] * [0, 0, 1]
    pushes = {"field": {"field_T": (0, 0, field)}, "torque": {"torque_T": (0, 0, magnet.damping * field)}}
    for seed, (name, push) in enumerate(pushes.items()):
        ensemble = MacrospinEnsemble(magnet, n, seed, initial=first, **push)
        m_z = ensemble.advance(math.ceil(4 * magnet.relaxation_s / ensemble.step_s))[:, 2]
        error = m_z.std() / math.sqrt(n)
        assert abs(m_z.mean() - expected) < 4 * error, name
        assert abs(m_z.mean() - wrong) > 4 * error, name


def test_without_noise_to_speak_of_the_moment_precesses_and_spirals_in():
    cold = Magnet(1e6, 1e-14, 0.05)  # a volume at which kT is nothing
    field, gamma = 0.1, GYROMAGNETIC_Hz_per_T / (1 + 0.05**2)
    start = np.array([math.sin(1.0), 0.0, math.cos(1.0)])
    ensemble = MacrospinEnsemble(cold, 1, 0, field_T=(0, 0, field), initial=start, step_s=1e-13)
    ensemble.advance(2000)
    time_s = 2e-10
    theta = 2 * math.atan(math.tan(0.5) * math.exp(-0.05 * gamma * field * time_s))
    phi = gamma * field * time_s  # about +z, as dm/dt = - gamma m x B says
    expected = [math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)]
    assert np.allclose(ensemble.m[0], expected, atol=2e-5)  # thermal angles are 1e-6 here


def test_identical_seeds_give_identical_paths_whatever_the_number():
    magnet = with_barrier(2.0)
    few, many, again = (MacrospinEnsemble(magnet, n, 5) for n in (3, 20, 20))
    few.advance(50)
    many.advance(30)
    many.advance(20)
    assert np.array_equal(few.m, many.m[:3])
    assert np.array_equal(again.record(1, 50)[0], many.m[:, 2])
    other = MacrospinEnsemble(magnet, 3, 6)
    assert not np.array_equal(other.advance(50), few.m)
    assert np.allclose(np.linalg.norm(many.m, axis=1), 1.0, atol=1e-14)


def test_counted_stays_are_the_first_passages_of_the_diffusion():
    magnet = with_barrier(2.0)
    grid = np.linspace(-1, 1, 40_001)
    middle = (grid[1:] + grid[:-1]) / 2
    weight = np.exp(2.0 * middle**2)
    above = np.cumsum(weight[::-1])[::-1] * (grid[1] - grid[0])  # integral of the weight from there to 1
    ensemble = MacrospinEnsemble(magnet, 1000, 9, step_s=step_for(magnet, angle=0.07))
    step_u = math.sqrt((1 - 0.5**2) * ensemble.step_s / magnet.relaxation_s)  # spread of one step at the thresholds
    seen = 0.5 + 0.5826 * step_u  # where a path in steps is found: Chernoff (1965), -zeta(1/2) / sqrt(2 pi)
    inside = np.abs(middle) < seen
    passage = (above / ((1 - middle**2) * weight))[inside].sum() * (grid[1] - grid[0])
    expected_s = passage * 2 * magnet.relaxation_s  # over D, which is half the free decay rate
    ensemble.watch(5000)
    seconds, flips = ensemble.watch(math.ceil(12 * expected_s / ensemble.step_s))
    dwells_s, n_stays = seconds.sum(axis=0) / flips.sum(axis=0), flips.sum(axis=0)
    assert np.all(n_stays > 4000)
    errors = 1 / np.sqrt(n_stays)
    assert np.all(np.abs(dwells_s / expected_s - 1) < 4 * errors)
    assert np.all(np.abs(dwells_s / (1.15 * expected_s) - 1) > 4 * errors)


def test_first_arrival_on_a_side_is_no_flip():
    cold = Magnet(1e6, 1e-14, 0.5, (0.0, 0.0, 0.05))
    for sign in (1, -1):
        push = (0, 0, 0.2 * sign)
        ensemble = MacrospinEnsemble(cold, 2, 0, field_T=push, initial=(1, 0, 0))
        seconds, flips = ensemble.watch(2000)
        assert flips.tolist() == [[0, 0], [0, 0]]
        assert 0 < seconds.sum() < 2 * 2000 * ensemble.step_s
        ensemble.field_T *= -1
        assert ensemble.watch(2000)[1].tolist() == [[sign > 0, sign < 0]] * 2


def test_critical_torque_switches_an_in_plane_layer():
    cold = replace(EllipticLayer(50e-9, 40e-9, 2e-9).magnet(1e6, 0.05), temperature_K=1e-3)
    start = np.array([1.0, 0.01, 0.01])
    for factor, end in ((0.8, 1.0), (1.25, -1.0)):
        torque = -factor * cold.switching_torque_T * np.eye(3)[0]
        ensemble = MacrospinEnsemble(cold, 1, 0, torque_T=torque, initial=start, step_s=4e-13)
        assert ensemble.advance(100_000)[0, 0] == pytest.approx(end, abs=0.05)


def test_layer_has_the_factors_and_the_barrier_of_its_shape():
    assert np.allclose(EllipticLayer(1e-8, 1e-8, 1e-8).demagnetising_factors, 1 / 3)
    disc = EllipticLayer(50e-9, 50e-9, 2e-9)
    assert disc.demagnetising_factors[0] == pytest.approx(math.pi / 4 * 0.04, rel=0.06)  # thin oblate, first order
    assert sum(EllipticLayer(50e-9, 40e-9, 2e-9).demagnetising_factors) == pytest.approx(1.0, abs=1e-12)
    in_plane = EllipticLayer(50e-9, 40e-9, 2e-9).magnet(1e6, 0.02)
    assert (in_plane.easy_axis, in_plane.is_axial) == (0, False)
    upright = replace(disc, interface_J_per_m2=1.3e-3).magnet(1e6, 0.02)
    assert (upright.easy_axis, upright.is_axial) == (2, True)
    factors = disc.demagnetising_factors
    expected = 2 * 1.3e-3 / (1e6 * 2e-9) - mu_0 * 1e6 * (factors[2] - factors[0])
    assert upright.switching_field_T == pytest.approx(expected)
    energy = 1e6 * upright.volume_m3 * expected / 2
    assert upright.barrier_kT == pytest.approx(energy / (k * 300))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"damping": 0.0}, "Magnet damping must be above 0 and at most 1, not 0.0"),
        ({"volume_m3": -1.0}, "Magnet volume_m3 must be above 0, not -1.0"),
        ({"temperature_K": 0.0}, "Magnet temperature_K must be above 0, not 0.0"),
        ({"polarisation": 1.1}, "Magnet polarisation must be 0 to 1, not 1.1"),
        ({"anisotropy_T": (0.0, 1.0)}, "Magnet anisotropy_T must be 3 finite fields, not (0.0, 1.0)"),
    ],
)
def test_nonsense_magnets_are_refused(change, text):
    with pytest.raises(InputError) as refusal:
        replace(FREE, **change)
    assert str(refusal.value) == text


def test_nonsense_layers_and_steps_are_refused():
    with pytest.raises(InputError, match=r"^Layer width_m must be above 0, not 0\.0$"):
        EllipticLayer(1e-8, 0.0, 1e-9)
    with pytest.raises(InputError, match=r"^Layer interface_J_per_m2 must be 0 or above, not -1\.0$"):
        EllipticLayer(1e-8, 1e-8, 1e-9, -1.0)
    with pytest.raises(InputError, match=r"^Step must be above 0 and at most 1\.7e-12 s for this field, not 1e-09$"):
        MacrospinEnsemble(Magnet(1e6, 1e-24, 0.01, (0.0, 0.0, 1.0)), 1, 0, step_s=1e-9)
