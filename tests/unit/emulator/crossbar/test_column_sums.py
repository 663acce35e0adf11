"""Column sums kept flip by flip: equal to the full product, never drifting, noisy by the same law."""

from dataclasses import replace

import numpy as np
import pytest
from numba import njit

from spinchip.emulator.crossbar.adc import Adc
from spinchip.emulator.crossbar.column_sums import ColumnSums, flip_spin, read_column
from spinchip.emulator.crossbar.crossbar import Crossbar
from spinchip.emulator.crossbar.dac import Dac
from spinchip.emulator.crossbar.encoding import Encoding
from spinchip.emulator.crossbar.tile_spec import TileSpec
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.conduction import Cubic
from spinchip.emulator.devices.memristor.ideal import CARD as IDEAL
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires.wires import Wires

RNG = np.random.default_rng(21)
WEIGHTS, SPINS = RNG.standard_normal((70, 33)), RNG.choice([-1, 1], 70)
TILES = TileSpec(device("pcm_ibm"), n_rows=16, n_columns=8, dac=Dac(1), read_noise="none")
SLICED = Encoding("two_sided_pair", 2, slices=2, bits=4)
NOT_ODD = replace(IDEAL, conduction=Cubic((1e-5,), (0.0,), 1e-6, 25e-6))
SPECS = {
    "ideal": replace(TILES, device=IDEAL),
    "exact inputs": replace(TILES, dac=Dac()),
    "slices, gains by column": replace(TILES, encoding=SLICED, compensation="column"),
    "ADC": replace(TILES, adc=Adc(8)),
    "ADC, slices, scale by tile": replace(TILES, encoding=SLICED, adc=Adc(6, "max"), scaling="tile"),
    "wires": replace(TILES, wires=Wires(1.0, 1.0)),
    "bound": replace(TILES, dac=Dac(bound=0.5)),
    "curve that is not odd": replace(TILES, device=NOT_ODD, dac=Dac(1, "pwm"), encoding=Encoding("two_sided_pair")),
}


@njit
def flip_all(order, spins, rows, sums):
    for i in order:
        flip_spin(i, spins, rows, sums)


@pytest.mark.promise("crossbar.matvec")
@pytest.mark.parametrize("name", SPECS)
def test_reads_are_those_of_the_full_product(name):
    crossbar = Crossbar(WEIGHTS, SPECS[name], seed=1).at(3600.0)
    columns = ColumnSums(crossbar, SPINS)
    for i in RNG.integers(0, 70, 300):
        columns.flip(i)
    assert not np.array_equal(columns.spins, SPINS)
    exact = crossbar.multiply(columns.spins)
    assert np.allclose(columns.read_all(), exact, rtol=0, atol=1e-12)
    assert columns.read(5) == pytest.approx(exact[5], abs=1e-12)
    analog = Crossbar(WEIGHTS, replace(SPECS[name], adc=Adc()), seed=1).at(3600.0).multiply(columns.spins)
    if crossbar.spec.compensation == "none":
        assert np.allclose(columns.values(), analog, rtol=0, atol=1e-12)


@pytest.mark.parametrize("single_precision", [False, True])
def test_sums_never_drift(single_precision):
    """A million flips leave what a fresh start gives, to the last bit; a float64 sum has wandered off by then."""
    crossbar = Crossbar(WEIGHTS, replace(TILES, n_rows=100, single_precision=single_precision), seed=1)
    columns = ColumnSums(crossbar, SPINS)
    order = RNG.integers(0, 70, 1_000_000)
    flip_all(order, columns.spins, columns.rows, columns.sums)
    fresh = ColumnSums(crossbar, columns.spins)
    assert np.array_equal(columns.sums, fresh.sums)
    assert np.allclose(
        columns.values(), crossbar.multiply(columns.spins), rtol=0, atol=3e-5 if single_precision else 1e-12
    )
    doubled, spins = 2 * crossbar.effective_weights(), SPINS.astype(float)
    floating = spins @ crossbar.effective_weights()
    for i in order[:20_000]:
        spins[i] = -spins[i]
        floating += spins[i] * doubled[i]
    assert not np.array_equal(floating, spins @ crossbar.effective_weights())


@pytest.mark.parametrize("single_precision", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 512, 513])
def test_largest_sums_do_not_overflow(n, single_precision):
    spec = TileSpec(n_rows=1000, dac=Dac(1), single_precision=single_precision)
    columns = ColumnSums(Crossbar(np.ones((n, 2)), spec), np.ones(n, dtype=np.int8))
    assert columns.values().tolist() == [n, n]
    for i in range(n):
        columns.flip(i)
    assert columns.values().tolist() == [-n, -n]


@pytest.mark.promise("crossbar.matvec")
def test_flip_touches_its_own_part_only():
    columns = ColumnSums(Crossbar(WEIGHTS, TILES), SPINS)
    before = columns.sums.copy()
    columns.flip(20)
    changed = (columns.sums != before).any(axis=1)
    assert changed.tolist() == [False, True, False, False, False]
    columns.flip(20)
    assert np.array_equal(columns.sums, before)


def test_new_spins_start_afresh():
    crossbar = Crossbar(WEIGHTS, TILES)
    columns = ColumnSums(crossbar, SPINS)
    columns.set_spins(-SPINS)
    assert np.array_equal(columns.sums, ColumnSums(crossbar, -SPINS).sums)


@pytest.mark.parametrize(
    ("wires", "adc"), [(Wires(), Adc()), (Wires(50.0, 50.0), Adc()), (Wires(), Adc(24, "max", enob=6))]
)
def test_noise_of_a_read_has_the_variance_of_the_product(wires, adc):
    """33 columns x 1600 reads see 5 % in a variance at 8 errors, as sqrt(2 / 52800) is 0.6 %.

    Through wires the mean over spin vectors is taken, so products take 1600 of those.
    """
    spec = replace(TILES, read_noise="lumped", wires=wires, adc=adc)
    crossbar, quiet = Crossbar(WEIGHTS, spec), Crossbar(WEIGHTS, replace(spec, read_noise="none", adc=Adc()))
    columns = ColumnSums(crossbar, SPINS, seed=3)
    exact = quiet.multiply(SPINS)
    read = np.array([columns.read_all() - exact for _ in range(1600)])
    batch = RNG.choice([-1, 1], (1600, 70))
    multiplied = crossbar.multiply(batch, seed=2) - quiet.multiply(batch)
    error = np.sqrt(2 / read.size)
    for deviations in (read, multiplied):
        z = (np.mean((deviations / columns.sigmas) ** 2) - 1) / error
        z_wrong = (np.mean((deviations / columns.sigmas) ** 2) / 1.05 - 1) / error
        assert abs(z) < 4, f"{z=:.2f}"
        assert abs(z_wrong) > 4, f"{z_wrong=:.2f}"
    again = ColumnSums(crossbar, SPINS, seed=3)
    assert np.array_equal(again.read_all() - exact, read[0])
    assert not np.array_equal(read[0], read[1])


def test_kernels_run_inside_other_loops():
    """A Gibbs sweep at infinite beta in one kernel: every spin takes the sign of its column, and columns follow."""
    couplings = RNG.standard_normal((30, 30))
    couplings = couplings + couplings.T
    np.fill_diagonal(couplings, 0)
    columns = ColumnSums(Crossbar(couplings, TileSpec(dac=Dac(1), n_rows=8)), np.ones(30))

    @njit
    def descend(spins, rows, sums, reading, n_sweeps):
        normals = np.zeros(len(sums))
        for _ in range(n_sweeps):
            for i in range(len(spins)):
                if read_column(i, sums, reading, normals) * spins[i] < 0:
                    flip_spin(i, spins, rows, sums)

    descend(columns.spins, columns.rows, columns.sums, columns.reading, 50)
    spins = columns.spins.astype(float)
    assert (spins * (couplings @ spins) >= 0).all()
    assert not (couplings.sum(axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"dac": Dac(4)}, r"DAC of column sums must have 1 bit or None, not 4 \(amplitude\)"),
        ({"dac": Dac(4, "bit_serial")}, r"DAC of column sums must have 1 bit or None, not 4 \(bit_serial\)"),
        (
            {"device": device("pcm_ibm"), "read_noise": "per_device"},
            "Column sums must be of devices whose currents add up and whose noise is lumped or none",
        ),
        (
            {"device": NOT_ODD, "dac": Dac()},
            "Column sums must be of devices whose currents add up and whose noise is lumped or none",
        ),
        (
            {"encoding": Encoding("offset_column")},
            "Column sums must be of pairs of devices, not of encoding 'offset_column'",
        ),
    ],
)
def test_other_crossbars_are_refused(changes, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        ColumnSums(Crossbar(WEIGHTS, replace(TILES, **changes)), SPINS)


def test_bad_spins_are_refused():
    columns = ColumnSums(Crossbar(WEIGHTS, TILES), SPINS)
    with pytest.raises(InputError, match=r"^Spin must be 0..69, not 70$"):
        columns.flip(70)
    for spins in (SPINS[:-1], np.zeros(70)):
        with pytest.raises(InputError, match=r"^Spins must be 70 numbers of -1 and \+1, not of shape"):
            columns.set_spins(spins)
