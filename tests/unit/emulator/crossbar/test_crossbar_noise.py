"""Read noise of products: the lumped law, cell by cell, through wires and curves, and in time.

A variance of n normal numbers has the relative error sqrt(2 / n). n = 12800 sees 10 % (5 % in sigma) at 8 errors.
"""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import Encoding
from spinchip.emulator.crossbar.remembering import RememberingCrossbar
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.memristor.conduction import Cubic, Sinh
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.matvec import MatVec
from spinchip.emulator.wires.sensitivity import current_variance_A2
from spinchip.emulator.wires.wires import Wires

N = 12800
RNG = np.random.default_rng(2)
WEIGHTS = RNG.uniform(-1, 1, (10, 8))
VECTOR = RNG.uniform(-1, 1, 10)
VECTOR[0] = 1.0  # the scale of the DAC: levels are the vector


@pytest.fixture
def noisy(only):
    """Return a spec whose only flaw is read noise."""
    return TileSpec(only("read_noise"), n_rows=10, n_columns=8)


def z_of_variances(crossbar, variances, seed=3):
    """Return how many errors the mean of squared deviations over variances is from 1."""
    quiet = Crossbar(WEIGHTS, replace(crossbar.spec, read_noise="none"), crossbar.seed)
    batch = np.tile(VECTOR, (N // 8, 1))
    deviations = crossbar.multiply(batch, seed) - quiet.multiply(VECTOR)
    return (np.mean(deviations**2 / variances) - 1) / np.sqrt(2 / N)


def weight_of_current(crossbar):
    """Return the weight that 1 S at level 1 stands for."""
    digit = crossbar.tiles[0].readers[0].digit
    return digit.worth / digit.step_S


@pytest.mark.parametrize("read_noise", ["lumped", "per_device"])
@pytest.mark.parametrize("n_pairs", [1, 3])
def test_variance_is_that_of_independent_cells(noisy, read_noise, n_pairs):
    crossbar = Crossbar(WEIGHTS, replace(noisy, read_noise=read_noise, encoding=Encoding("two_sided_pair", n_pairs)))
    sigmas = crossbar.tiles[0].readers[0].sigmas_S
    plus, minus = (VECTOR**2 @ np.square(sigma).sum(axis=0) * weight_of_current(crossbar) ** 2 for sigma in sigmas)
    z = z_of_variances(crossbar, plus + minus)
    z_wrong = z_of_variances(crossbar, plus + 0.8 * minus)
    assert abs(z) < 4, f"{z=:.2f}"
    assert abs(z_wrong) > 4, f"{z_wrong=:.2f}"


@pytest.mark.parametrize("read_noise", ["lumped", "per_device"])
def test_variance_through_wires_is_that_of_the_sensitivities(noisy, read_noise):
    """Wires that take a good part of the currents, and so of the noise."""
    wires = Wires(300.0, 300.0, 1000.0, 1000.0)
    crossbar = Crossbar(WEIGHTS, replace(noisy, read_noise=read_noise, wires=wires))
    reader = crossbar.tiles[0].readers[0]
    pairs = [(array[0], sigma[0]) for array, sigma in zip(reader.arrays_S, reader.sigmas_S, strict=True)]
    scale = weight_of_current(crossbar) ** 2
    through = scale * sum(current_variance_A2(array, sigma, VECTOR, wires)[0] for array, sigma in pairs)
    beside = scale * sum(VECTOR**2 @ sigma**2 for _, sigma in pairs)
    z, z_wrong = z_of_variances(crossbar, through), z_of_variances(crossbar, beside)
    assert abs(z) < 4, f"{z=:.2f}"
    assert abs(z_wrong) > 4, f"{z_wrong=:.2f}"


@pytest.mark.parametrize("dac", [Dac(), Dac(6, "pwm")])
@pytest.mark.parametrize("curve", ["sinh", "cubic"])
def test_variance_of_curved_devices(noisy, dac, curve):
    """Cells drawn one by one have the lumped variance, which is not that of an ohmic device with the same noise."""
    conduction = Sinh(0.1) if curve == "sinh" else Cubic((0.0,), (1.2e-3, 2e-4), 1e-6, 25e-6)
    device = replace(noisy.device, conduction=conduction)
    spec = replace(noisy, device=device, dac=dac, read_noise="per_device", encoding=Encoding("two_sided_pair"))
    crossbar = Crossbar(WEIGHTS, spec)
    levels = dac.levels(VECTOR[None])[0].copy()
    lumped = Crossbar(WEIGHTS, replace(spec, read_noise="lumped")).tiles[0].readers[0].variances(levels)[0]
    sigmas = crossbar.tiles[0].readers[0].sigmas_S
    step_S, worth = crossbar.tiles[0].readers[0].digit.step_S, crossbar.tiles[0].readers[0].digit.worth / dac.top
    ohmic = levels[0] ** 2 @ sum(np.square(sigma[0]) for sigma in sigmas) / step_S**2
    z, z_wrong = (z_of_variances(crossbar, variance * worth**2) for variance in (lumped, ohmic))
    assert abs(z) < 4, f"{z=:.2f}"
    assert abs(z_wrong) > 4, f"{z_wrong=:.2f}"


def test_curved_devices_behind_wires_are_drawn_cell_by_cell(noisy):
    spec = replace(noisy, device=replace(noisy.device, conduction=Sinh(0.1)), wires=Wires(1.0, 1.0))
    lumped, drawn = (Crossbar(WEIGHTS, replace(spec, read_noise=kind)) for kind in ("lumped", "per_device"))
    assert lumped.tiles[0].readers[0].draws_cells
    assert np.array_equal(lumped.multiply(VECTOR, 1), drawn.multiply(VECTOR, 1))
    quiet = Crossbar(WEIGHTS, replace(spec, read_noise="none"))
    assert not np.allclose(lumped.multiply(VECTOR, 1), quiet.multiply(VECTOR), rtol=1e-4)


def test_planes_and_digits_and_converter_have_noise_of_their_own(noisy):
    """Variances add, weighted by squares: over two planes, two digits, and the ADC's missing bits.

    One noise for all of it would give (1 + 2)^2 = 9 instead of 1 + 4 for the planes alone.
    """
    dac, encoding = Dac(3, "bit_serial", 3.0, "sign_magnitude"), Encoding("two_sided_pair", slices=2, bits=4)
    spec = replace(noisy, dac=dac, encoding=encoding, adc=Adc(24, "max", enob=5))
    crossbar = Crossbar(WEIGHTS, spec)
    levels = dac.levels(np.round(3 * VECTOR[None]))[0].copy()
    parts = {"planes": 0.0, "converter": 0.0}
    for reader, step in zip(crossbar.tiles[0].readers, crossbar.adc_steps[0], strict=True):
        for weight, plane in zip(dac.plane_weights, dac.planes(levels), strict=True):
            parts["planes"] += (weight * reader.digit.worth) ** 2 * reader.variances(plane)[0]
            parts["converter"] += (weight * reader.digit.worth) ** 2 * spec.adc.noise_variance(step)
    quiet = Crossbar(WEIGHTS, replace(spec, read_noise="none", adc=Adc())).multiply(levels[0])
    deviations = crossbar.multiply(np.tile(levels, (N // 8, 1)), seed=3) - quiet
    z, *wrong = (
        (np.mean(deviations**2 / variances) - 1) / np.sqrt(2 / N)
        for variances in (parts["planes"] + parts["converter"], parts["planes"], parts["converter"])
    )
    assert abs(z) < 4, f"{z=:.2f}"
    assert min(wrong) > 4, f"{wrong=}"


def test_columns_and_vectors_are_independent(noisy):
    """Correlations of 28 pairs of columns, and of successive vectors, over N / 8 reads: the largest z below 4.5."""
    crossbar = Crossbar(WEIGHTS, noisy)
    reads = crossbar.multiply(np.tile(VECTOR, (N // 8, 1)), seed=6)
    errors = (reads - reads.mean(axis=0)) / reads.std(axis=0)
    between = (errors.T @ errors / np.sqrt(len(errors)))[np.triu_indices(8, 1)]
    after = (errors[1:] * errors[:-1]).sum(axis=0) / np.sqrt(len(errors))
    assert np.abs(between).max() < 4.5
    assert np.abs(after).max() < 4.5
    shared = errors + 0.5 * errors[:, :1]
    z_wrong = (shared[:, 1] * shared[:, 2]).sum() / np.sqrt(len(errors))
    assert z_wrong > 4.5


@pytest.mark.promise("crossbar.matvec")
@pytest.mark.parametrize("read_noise", ["lumped", "per_device"])
@pytest.mark.parametrize("dac", [Dac(), Dac(6, "bit_serial")])
def test_noise_depends_on_seed_and_place_only(noisy, read_noise, dac):
    spec = replace(noisy, dac=dac, read_noise=read_noise, n_rows=4, n_columns=3)
    crossbar = Crossbar(WEIGHTS, spec, seed=8)
    batch = RNG.uniform(-1, 1, (7, 10))
    found = crossbar.multiply(batch, seed=5)
    assert np.array_equal(crossbar.multiply(batch, seed=5), found)
    assert np.array_equal(Crossbar(WEIGHTS, spec, seed=8).multiply(batch, seed=5), found)
    assert not np.allclose(crossbar.multiply(batch, seed=6), found)
    assert not np.allclose(Crossbar(WEIGHTS, spec, seed=9).multiply(batch, seed=5), found)
    others = batch.copy()
    others[1:] = 0.5
    if dac.kind == "amplitude":  # cells of all planes are drawn in the order of the vectors
        assert np.allclose(crossbar.multiply(others, seed=5)[0], found[0], rtol=1e-12)
        assert np.allclose(crossbar.multiply(batch[:3], seed=5), found[:3], rtol=1e-12)
    assert np.allclose(crossbar.multiply(batch[0], seed=5), found[0], rtol=1e-12)


def test_tile_depends_on_its_place_only(only):
    """The first tile of a larger matrix is the tile of the smaller one."""
    spec = TileSpec(only("programming"), n_rows=5, n_columns=4, encoding=Encoding(bound=1.0))
    whole, part = Crossbar(WEIGHTS, spec, seed=2), Crossbar(WEIGHTS[:5, :4], spec, seed=2)
    assert np.array_equal(whole.conductances_S()[0][:5, :4], part.conductances_S()[0])
    equal = Crossbar(np.ones((10, 8)), spec, seed=2).conductances_S()[0]
    blocks = [equal[rows, columns] for rows in (slice(0, 5), slice(5, 10)) for columns in (slice(0, 4), slice(4, 8))]
    assert len({block.tobytes() for block in blocks}) == 4


@pytest.mark.promise("crossbar.noise")
def test_remembered_noise_correlates_as_its_process(only):
    """Successive errors of 2048 columns: correlation of 1/f noise at the lag, sum of exp(-lag / tau) over K."""
    n, lag_s = 2048, 1e-3
    weights, vector = RNG.uniform(0.2, 1, (2, n)), np.array([1.0, 0.5])
    spec = TileSpec(only("read_noise"), n_rows=2, n_columns=n)
    crossbar = Crossbar(weights, spec)
    remembering = RememberingCrossbar(crossbar, lag_s, seed=4)
    assert isinstance(remembering, MatVec)
    exact = vector @ weights
    first, second = remembering.multiply(np.stack([vector, vector])) - exact
    process = remembering._traces[0, 0][0]._processes[0]
    rho = np.mean(np.exp(-lag_s / process.taus_s))
    error = (1 - rho**2) / np.sqrt(n)
    found = np.corrcoef(first, second)[0, 1]
    assert abs(found - rho) < 5 * error, f"{found=:.3f} {rho=:.3f}"
    white = [crossbar.multiply(vector, seed) - exact for seed in (1, 2)]
    assert abs(np.corrcoef(*white)[0, 1] - rho) > 5 * error
    lumped = crossbar.tiles[0].readers[0].variances(vector[None])[0]
    z = (np.mean(first**2 / lumped) - 1) / np.sqrt(2 / n)
    assert abs(z) < 4
    assert np.mean(first**2 / lumped / 1.25) - 1 < -4 * np.sqrt(2 / n)


def test_remembering_crossbar_repeats_with_its_seed(only):
    spec = TileSpec(only("read_noise"), n_rows=4, n_columns=3, dac=Dac(4, "bit_serial"), adc=Adc(12))
    first, again, other = (RememberingCrossbar(Crossbar(WEIGHTS, spec), 1e-6, seed) for seed in (1, 1, 2))
    once, twice = first.multiply(VECTOR), first.multiply(VECTOR)
    assert np.array_equal(again.multiply(VECTOR), once)
    assert not np.array_equal(twice, once)
    assert not np.array_equal(other.multiply(VECTOR), once)
    assert first.ledger.events["products"] == 2


def test_remembering_crossbar_needs_an_interval(only):
    with pytest.raises(InputError, match=r"^Interval between reads must be above 0 s and finite, not 0 s$"):
        RememberingCrossbar(Crossbar(WEIGHTS, TileSpec(only("read_noise"))), 0)
