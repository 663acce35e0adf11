"""Sections made from real draws say what the draws say."""

import platform
from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.oracle.schedule_law import law_after
from spinchip.emulator.oracle.stationary import stationary_law
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.activation import activation_table
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.samples import Ledger, Samples
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.stats.conditionals import measure_conditionals
from spinchip.emulator.stats.evidence import Evidence
from spinchip.sim.report import report_sources

RING = generate("ring", n=6, J=1.0, h=0.3)
SCHEDULE = Schedule(((0.3, 40), (0.6, 60)))


def samples_of(energies):
    """Return samples that have nothing but energies, shape (n_chains, n_draws)."""
    empty = np.zeros(0)
    final = np.ones((len(energies), 1), dtype=np.int8)
    return Samples(None, energies, np.zeros_like(energies), empty, empty, final, Ledger(), {})


def ar1(coefficient, n_chains, n_draws, seed):
    noise = np.random.default_rng(seed).normal(size=(n_draws, n_chains))
    x = np.empty_like(noise)
    x[0] = noise[0] / np.sqrt(1 - coefficient**2)
    for t in range(1, n_draws):
        x[t] = coefficient * x[t - 1] + noise[t]
    return x.T.copy()


@pytest.fixture(scope="module")
def run():
    sampler = GoldenSampler()
    samples = sampler.sample(RING, SCHEDULE, n_chains=100, seed=3)
    first = np.full((100, 1, 6), -1, dtype=np.int8)
    return sampler.program(RING, SCHEDULE), samples, np.concatenate([first, samples.spins], axis=1)


def test_error_of_few_chains_knows_their_memory():
    # tau = (1 + a) / (1 - a) = 19; its estimate errs by sqrt(2 (2 M + 1) / N) tau with M = 5 tau:
    # 4.4 %, and five times that is 22 %.
    energies = ar1(0.9, 2, 100_000, seed=7)
    run = report_sources.energy_run("x", samples_of(energies), Recording(after=10, every=4))
    naive = energies.std() / np.sqrt(energies.size)
    assert (run.error / naive) ** 2 == pytest.approx(19.0, rel=0.22)
    assert run.tau_int == pytest.approx(4 * 19.0, rel=0.22)
    assert (run.first_sweep, run.sweeps_per_draw) == (14, 4)
    white = np.random.default_rng(8).normal(size=(2, 100_000))  # negative control: no memory, no inflation
    free = report_sources.energy_run("x", samples_of(white))
    assert (free.error / (white.std() / np.sqrt(white.size))) ** 2 == pytest.approx(1.0, rel=0.1)


def test_error_of_many_chains_is_their_spread():
    energies = np.repeat(
        np.arange(16.0)[:, None], 50, axis=1
    )  # each chain stuck: no autocorrelation time would show it
    run = report_sources.energy_run("x", samples_of(energies))
    assert run.error == pytest.approx(np.arange(16.0).std(ddof=1) / 4)
    assert run.mean == 7.5


def test_constant_energy_has_neither_error_nor_memory():
    samples = samples_of(np.full((2, 9), -3.0))
    run = report_sources.energy_run("x", samples)
    assert (run.mean, run.error, run.tau_int) == (-3.0, None, None)
    assert report_sources.autocorrelation_run("x", samples) is None
    assert report_sources.energy_section([run, run]).agreement_z is None


def test_agreement_is_in_units_of_both_errors():
    run = report_sources.energy_run("x", samples_of(np.arange(32.0).reshape(8, 4)))
    other = replace(run, mean=run.mean + 5 * run.error)
    assert report_sources.energy_section([run, other]).agreement_z == pytest.approx(5 / np.sqrt(2))


def test_law_section_counts_the_last_states(run):
    program, samples, spins = run
    law = law_after(program)
    section = report_sources.law_section("x", Evidence(program, spins, end_law=law), alpha=1e-6)
    index = (samples.spins[:, -1] > 0) @ (1 << np.arange(6))
    np.testing.assert_array_equal(section.counts, np.bincount(index, minlength=64))
    np.testing.assert_array_equal(section.exact, law)
    assert section.n_independent == 100
    assert section.tv == pytest.approx(0.5 * np.abs(section.counts / 100 - law).sum())


def test_law_section_of_long_chains_counts_fewer_draws():
    schedule = Schedule.constant(0.5, 4000)
    sampler = GoldenSampler()
    program = sampler.program(RING, schedule)
    spins = sampler.sample(RING, schedule, n_chains=2, seed=5).spins
    evidence = Evidence(program, spins, after=1, stationary_law=stationary_law(program))
    section = report_sources.law_section("x", evidence)
    assert 100 < section.n_draws < spins.shape[0] * spins.shape[1] / 5
    assert section.n_independent <= section.n_draws


def test_evidence_without_a_law_is_refused(run):
    program, _, spins = run
    with pytest.raises(InputError, match="^Evidence must hold an exact distribution .* not none for 'x'$"):
        report_sources.law_section("x", Evidence(program, spins))


def test_conditionals_section_counts_every_update_of_its_page(run):
    program, samples, spins = run
    conditionals = measure_conditionals(program, spins)
    sections = [report_sources.conditionals_section("x", conditionals, page) for page in (0, 1)]
    assert [int(section.n_updates.sum()) for section in sections] == [100 * 6 * 40, 100 * 6 * 60]
    assert sum(int(section.n_ups.sum()) for section in sections) == int((samples.spins > 0).sum())
    for section, beta in zip(sections, (0.3, 0.6), strict=True):
        words = (section.fields / program.spec.field.step).astype(int) % program.spec.n_table_entries
        table = activation_table(beta, program.spec.field, program.spec.compare_bits)
        np.testing.assert_array_equal(section.probabilities, table[words] / 2**program.spec.compare_bits)
        assert np.all(np.diff(section.table_fields) > 0)


def test_moments_have_the_errors_of_independent_chains(run):
    _, samples, _ = run
    section = report_sources.moments_section(RING, "a", samples, "b", replace(samples, spins=None))
    means, edges = section.groups
    by_chain = samples.spins.mean(axis=1)
    np.testing.assert_allclose(means.x_error, by_chain.std(axis=0, ddof=1) / 10)
    np.testing.assert_array_equal(edges.y, samples.edge_means)
    assert len(edges.x_error) == 6
    assert means.y_error is None


def test_moments_of_free_spins_have_no_edges():
    lone = IsingInstance(np.zeros((2, 2)), np.array([0.5, -0.5]))
    samples = GoldenSampler().sample(lone, Schedule.constant(1.0, 20), n_chains=2)
    assert [g.name for g in report_sources.moments_section(lone, "a", samples, "b", samples).groups] == [
        "spin means ⟨s_i⟩"
    ]


def test_facts_of_instance_and_design(run):
    program, _, _ = run
    facts = report_sources.instance_facts(RING)
    assert (facts["spins"], facts["couplings"], facts["mean degree"], facts["values of h"]) == (6, 6, 2.0, "0.3")
    assert report_sources.instance_facts(generate("sk", n=12, seed=1))["values of J"].endswith(", 66 values")
    design = report_sources.design_facts(program.spec)
    assert design["design id"] == f"{program.spec.design_id:016x}"
    assert (design["colours"], design["cycles per sweep"], design["p-bits"]) == (2, 2, 6)


def test_versions_name_the_interpreter():
    versions = report_sources.software_versions()
    assert versions["Python"] == platform.python_version()
    assert versions["numpy"] == np.__version__
