"""The spin-glass benchmark: its data, its intervals, its tables; and short runs of it against the published figures."""

import numpy as np
import pytest

from spinchip.benchmarks.documents.glass import document
from spinchip.benchmarks.spin_glass import measured
from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.models.max_cut import cuts as max_cut
from spinchip.models.spin_glass import data as spin_glass_data
from spinchip.models.spin_glass import energies as spin_glass
from spinchip.models.spin_glass.intervals import bootstrap_interval, joint_half_width

SIZES = {8: (10, 512), 10: (5, 999), 12: (3, 1728), 15: (1, 2687)}
# The authors' betas for L = 8, number 0. Source: OPUSLab/3DSpinGlassWithPbits, logicalSchedules, beta_data.txt.
BETAS = (0.5, 0.544, 0.59, 0.64, 0.695, 0.755, 0.823, 0.901, 0.991, 1.1, 1.236, 1.408, 1.635, 1.953, 2.454, 3.356, 5.81)


@pytest.mark.promise("anneal.ground")
@pytest.mark.parametrize("size", SIZES)
def test_shipped_glasses_are_the_published_ones(size):
    found = spin_glass_data.glasses(size)
    assert (len(found), found[0].instance.n_spins) == SIZES[size]
    assert [glass.number for glass in found] == list(range(len(found)))
    for glass in found:
        assert set(glass.instance.edge_values) == {-1.0, 1.0}
        assert not glass.instance.biases.any()
        # Energy and number of couplings are of one parity, and E0 / L^3 of the ensembles is -1.70 to -1.74.
        assert (glass.ground_energy + glass.instance.n_couplings) % 2 == 0
        assert -1.8 < glass.ground_energy / size**3 < -1.3


@pytest.mark.promise("anneal.ground", "problems.verified")
@pytest.mark.parametrize("name", max_cut.TORUS_OPTIMA | max_cut.BEST_CUTS)
def test_cut_is_counted_as_on_the_weights(name):
    instance, total = max_cut.cut_instance(name)
    rng = np.random.default_rng(1)
    spins = rng.choice([-1, 1], instance.n_spins)
    crossing = spins[instance.edges[:, 0]] != spins[instance.edges[:, 1]]
    assert (total - instance.energies(spins)) / 2 == pytest.approx(-instance.edge_values[crossing].sum(), abs=1e-6)


def test_published_figures_are_those_of_the_curves():
    assert spin_glass_data.published("apt_icm", 8, 100) == (0.013106, 0.000398)
    assert spin_glass_data.published("apt_icm", 12, 1000) == (0.004726, 0.000209)
    assert spin_glass_data.published("dt_sqa", 15, 1000, 1000) == (0.008431, 0.000145)
    assert spin_glass_data.published("apt_icm", 8, 3) == (None, None)


@pytest.mark.promise("anneal.residual")
def test_bootstrap_covers_the_mean_as_often_as_it_says():
    """Twelve instances of ten runs, two normal levels; 95 % of 400 intervals less what twelve instances cost it."""
    rng = np.random.default_rng(3)
    hits, narrow = 0, 0
    for _ in range(400):
        samples = [rng.normal() + rng.normal(size=10) for _ in range(12)]
        low, high = bootstrap_interval(samples, rng, n_resamples=200)
        hits += low < 0 < high
        runs_only = 1.96 / np.sqrt(120)  # an interval that forgets that instances differ
        narrow += abs(np.mean(samples)) < runs_only
    assert 0.88 < hits / 400 < 0.99
    assert narrow / 400 < 0.6


@pytest.mark.promise("anneal.residual")
def test_joint_width_knows_how_few_instances_there_are():
    assert joint_half_width(0.3, 0.4, 10) == pytest.approx(0.5)
    assert joint_half_width(0.0, 0.1, 3) == pytest.approx(0.1 * np.sqrt(1 + 100))


@pytest.mark.promise("anneal.residual")
def test_tempering_follows_the_published_curve():
    """Five glasses of L = 8 after 20 sweeps with the authors' betas of the first; twice those betas are told apart."""
    options, rows = AnnealOptions(engine="packed", record_at=()), {}
    for factor in (1.0, 2.0):
        samples = []
        for glass in spin_glass_data.glasses(8)[:5]:
            betas = factor * np.array(BETAS)
            result = anneal(glass.instance, "apt", 20, n_runs=512, seed=4, options=options, betas=betas)
            samples.append(result.residual_energies(glass.ground_energy, of="current")[:, -1])
        rows[factor] = spin_glass.residual_row(("apt_icm", 8, 20, None), samples)
    assert rows[1.0]["inside"], rows
    assert not rows[2.0]["inside"], rows


@pytest.mark.promise("anneal.residual")
@pytest.mark.slow
def test_trotter_rings_follow_the_published_curve():
    """R = 50, 100 sweeps, L = 15; the Suzuki-Trotter coupling instead of the published one is told apart."""
    glass, options = spin_glass_data.glasses(15)[0], AnnealOptions(engine="packed", record_at=())
    rows = {}
    for factor in (1.0, 0.5):
        result = anneal(glass.instance, "sqa", 100, n_runs=256, options=options, coupling_factor=factor)
        samples = [result.residual_energies(glass.ground_energy, of="current")[:, -1]]
        rows[factor] = spin_glass.residual_row(("dt_sqa", 15, 100, 50), samples)
    assert rows[1.0]["inside"], rows
    assert not rows[0.5]["inside"], rows


@pytest.mark.promise("anneal.ground")
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.slow
def test_putative_ground_energy_is_reached_and_not_passed(number):
    glass = spin_glass_data.glasses(8)[number]
    found = anneal(glass.instance, "apt", 100, n_runs=512, seed=2, betas=BETAS)
    assert found.energy == glass.ground_energy == glass.instance.energies(found.spins)


@pytest.mark.promise("anneal.ground")
def test_optima_of_tori_are_reached(monkeypatch):
    monkeypatch.setattr(max_cut, "QUICK_CUTS", ("t2g10_5555", "t3g5_5555"))
    rows = {row["name"]: row["cut"] for row in max_cut.cut_rows(full=False)}
    assert rows == {name: max_cut.TORUS_OPTIMA[name] for name in ("t2g10_5555", "t3g5_5555")}


def test_tables_say_what_was_measured(monkeypatch):
    monkeypatch.setattr(spin_glass, "TEMPERING", {False: ((8, 1, 20),)})
    monkeypatch.setattr(spin_glass, "TROTTER", {False: ((50, 2),)})
    monkeypatch.setattr(max_cut, "CUT_RECIPES", {"G11": ("sa", "packed", 512, 10, (0.1, 2.0))})
    monkeypatch.setattr(max_cut, "QUICK_CUTS", ("G11",))
    monkeypatch.setattr(spin_glass, "adaptive_ladder", lambda instance, seed: type("Rungs", (), {"betas": BETAS}))
    text = document(measured(full=False))
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert any(line.startswith("| APT + ICM | 8 | 4 | 20 | 1 x 512 |") and "0.060667 +-" in line for line in lines)
    assert any(line.startswith("| DT-SQA | 15 | 50 | 2 | 1 x 256 |") for line in lines)
    assert any(line.startswith("| 8 | 0 | -858 |") for line in lines)
    assert any(line.startswith("| G11 | 800 | sa, packed | 512 | 10 |") for line in lines)
