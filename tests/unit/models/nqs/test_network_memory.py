"""Memory of samplers, errors against steps, networks trained here, retraining in the loop, and their figure."""

from pathlib import Path

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.stats.autocorrelation import integrated_time
from spinchip.models.nqs.crossbar_inference import AnalogRead
from spinchip.models.nqs.hamiltonian import Heisenberg
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.loop_training import retrain
from spinchip.models.nqs.memory import Memory, errors_by_length, memory_of, order_memory
from spinchip.models.nqs.own_networks import PLANS, own_rbm
from spinchip.models.nqs.ratio_kernels import exchange_changes, exponentials, hidden_probabilities, log_ratio
from spinchip.models.nqs.rbm import published_rbm
from spinchip.models.nqs.references import QMC_HEISENBERG
from spinchip.models.nqs.sampling import Plan, draw_gibbs
from spinchip.models.nqs.training import measure
from spinchip.models.nqs.workload_hardware import projection_rows
from spinchip.models.nqs.workload_memory import frozen_rows, memory_rows
from spinchip.sim.report.workload_plots import save_picture


@pytest.mark.parametrize("scale", [0.3, 8.0])
def test_ratios_keep_their_digits_at_any_weight(scale):
    """ln of cosh ratios against logaddexp, 70 hidden units: more than a block, and not a multiple of one."""
    rng = np.random.default_rng(1)
    weights, theta = scale * rng.standard_normal((2, 70)), 2.0 * scale * rng.standard_normal(70)
    grown, shrunk = exponentials(weights)
    up, down, factors, inverses = (np.empty(70) for _ in range(4))
    hidden_probabilities(theta, up, down)
    exchange_changes(grown, shrunk, np.array([1, -1], np.int8), 0, 1, factors, inverses)
    moved = theta - 2.0 * weights[0] + 2.0 * weights[1]
    expected = (np.logaddexp(moved, -moved) - np.logaddexp(theta, -theta)).sum()
    assert log_ratio(up, down, factors, inverses) == pytest.approx(expected, rel=1e-11)


def test_steps_follow_from_memory_and_spread():
    found = Memory(36, 2.0, 0.1, 3.0, 12.0, 0.02, ())
    assert found.steps(1e-3, "kept") == pytest.approx(2 * 2.0 * 400)
    assert found.steps(1e-3, "sweeps") == pytest.approx(3 * found.steps(1e-3, "kept"))
    assert found.steps(1e-3, "attempts") == pytest.approx(2 * 12.0 * 400)


@pytest.mark.promise("nqs.projection")
def test_predicted_error_is_the_one_that_chains_have():
    """sigma sqrt(2 tau / n) against the scatter of 64 chains' means, N = 36: within 15 %, twice the scatter's error."""
    rbm = published_rbm(36, 2)
    model = Heisenberg(rbm.lattice)
    found = memory_of(model, rbm, Plan(64, 400, 100, True), 3)
    assert not found.faults
    predicted = found.spread * np.sqrt(2.0 * found.tau_kept / 400)
    seen = []
    for seed in (4, 5, 6):
        _, error, mixing = measure(model, rbm, Plan(64, 400, 100, True), seed)
        seen.append(error / abs(mixing.energy) / model.unit * 36 * 8.0)
    assert predicted == pytest.approx(np.mean(seen), rel=0.15)


def test_errors_of_independent_records_fall_with_the_root():
    energies = -10.0 + np.random.default_rng(2).standard_normal((2000, 256))
    found = errors_by_length(energies, (1, 16, 256))
    np.testing.assert_allclose(found, [0.1, 0.025, 0.1 / 16], rtol=0.06)


def test_order_remembers_what_the_energy_forgets():
    """16 sites, alpha 2: the energy lasts five sweeps, the order hundreds; Metropolis ten sweeps of attempts."""
    rbm, plan = published_rbm(16, 2), Plan(32, 4000, 500, True)
    sweeps, attempts = order_memory(rbm, plan, 1)
    assert 100.0 < sweeps < 400.0
    drawn = draw_gibbs(rbm, plan, 1)
    order = (drawn.spins @ rbm.lattice.sublattice.astype(float) / 16) ** 2
    assert sweeps == pytest.approx(0.5 * drawn.sweeps_per_record * integrated_time(order, min_length=0.0), rel=1e-3)
    assert drawn.sweeps_per_record == pytest.approx(1.84, rel=0.05)
    assert 3.0 < attempts / 16 < 9.0


@pytest.mark.promise("nqs.autocorrelation")
@pytest.mark.parametrize(("n_sites", "alpha"), [(36, 1), (36, 4)])
def test_own_networks_mix_and_have_their_energy(n_sites, alpha):
    """Width 4 of the published set is frozen at 36 sites; ours, with an L2 term, keeps tau below 3."""
    rbm = own_rbm(n_sites, alpha)
    energy, _, mixing = measure(Heisenberg(rbm.lattice), rbm, Plan(32, 400, 200, True), 1)
    assert not mixing.faults
    assert 0.5 * mixing.tau < 3.0
    assert 1.0 - energy / QMC_HEISENBERG[36] < {1: 0.0112, 4: 0.004}[alpha]
    with pytest.raises(InputError, match="Network must be one of"):
        own_rbm(n_sites, 3)
    assert {(side * side, alpha) for side, alpha in PLANS} >= {(n_sites, alpha)}


@pytest.mark.promise("nqs.crossbar")
def test_loop_lowers_the_energy_of_programmed_devices():
    """The same crossbar, fresh reads: at least a fifth less error; gains move, and exact devices gain little."""
    model, rbm = Heisenberg(Lattice((4, 4))), published_rbm(16, 2)
    found = retrain(model, rbm, AnalogRead("rram_cmo"), 1, 25)
    assert found.errors[-3:].mean() < 0.8 * found.errors[0]
    assert found.overlaps[-1] > found.overlaps[0]
    assert np.abs(found.gains - 1.0).max() > 1e-3
    exact = retrain(model, rbm, AnalogRead("ideal", 0.0, None, None, "none"), 1, 25)
    assert exact.errors[0] == pytest.approx(1.0291e-3, abs=1e-6)
    assert 0.0 < exact.errors[-1] <= exact.errors[0]


@pytest.mark.promise("nqs.projection")
def test_projection_counts_kept_states_and_all_sweeps():
    rows = [row for row in projection_rows((16,), 1) if "speedup" in row]
    kept, every = (row["speedup"][1] for row in rows)
    assert kept / every == pytest.approx(1.84, rel=0.2)
    assert rows[0]["speedup"][1] / rows[0]["speedup"][0] == pytest.approx(101.0 / 5.0)


@pytest.mark.promise("nqs.autocorrelation")
def test_rows_of_memory_agree_with_the_notes_and_become_a_picture(tmp_path):
    rows = memory_rows(False, 1) + frozen_rows(1)
    assert [row["quantity"] for row in rows if not row["ok"]] == []
    frozen = [row["value"] for row in rows if "alpha 4 is flagged" in row["quantity"]]
    assert frozen == [1.0]
    settling = {"machine": "p-bits", "sites": 16, "steps": [2.0, 4.0], "errors": [0.02, 0.01]}
    gains = [{"sites": 16, "counting": name, "speedup": [1.0, 20.0]} for name in ("kept", "sweeps")]
    path = Path(save_picture(tmp_path, "nqs", [*rows, settling, *gains]))
    assert path.read_bytes().startswith(b"\x89PNG")
