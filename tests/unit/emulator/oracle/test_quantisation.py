"""Oracle against naive twins and exact laws: reports of what quantisation does."""

import itertools

import networkx as nx
import numpy as np
import pytest
from scipy.special import expit

from spinchip.emulator.oracle import conditional_error, quantisation
from spinchip.emulator.oracle.conditional_error import conditional_errors
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import total_variation
from spinchip.emulator.oracle.law_moments import law_moments
from spinchip.emulator.oracle.quantisation import quantisation_report
from spinchip.emulator.oracle.quantisation_bounds import (
    coupling_bound,
    disagreement_bound,
    first_order_tv,
    float_states,
)
from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.oracle.stationary import stationary_law
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for, quantise
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule

COARSE = FabricOptions(weight=Fixed(2, 2), bias=Fixed(2, 2), field=Fixed(4, 2))
ROUNDED_FIELD = FabricOptions(weight=Fixed(2, 5), bias=Fixed(2, 5), field=Fixed(4, 3))
SHORT_COMPARE = FabricOptions(weight=Fixed(2, 8), bias=Fixed(2, 8), field=Fixed(4, 7), compare_bits=6)
NARROW_FIELD = FabricOptions(weight=Fixed(2, 8), bias=Fixed(2, 8), field=Fixed(1, 3))
OPTIONS = [COARSE, ROUNDED_FIELD, SHORT_COMPARE, NARROW_FIELD]


def regular_glass(n, degree, seed, bias=0.3):
    rng = np.random.default_rng(seed)
    edges = list(nx.random_regular_graph(degree, n, seed=seed).edges)
    return IsingInstance.from_edges(n, edges, rng.normal(size=len(edges)), bias * rng.normal(size=n))


def parts(instance, beta, options):
    spec = fabric_for(instance, options)
    program = compile_program(instance, spec, Schedule.constant(beta, 1))
    return program, quantise(instance, spec), program.tables[0]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_conditional_errors_equal_naive_twin(seed, options):
    instance, beta = regular_glass(8, 3, seed), 0.7
    _, quantised, table = parts(instance, beta, options)
    errors, is_exact = conditional_errors(instance, quantised, table, beta)
    spec, words = quantised.spec, quantised
    worst = np.zeros(8)
    for spins in itertools.product((-1, 1), repeat=8):
        for i in range(8):
            field = sum(words.weights[e] * spins[j] for j, e in spec.neighbors[i]) / 2**spec.weight.n_frac
            field += words.biases[i] / 2**spec.bias.n_frac
            word = np.floor(field * 2**spec.field.n_frac + 0.5)
            word = int(min(max(word, spec.field.min_word), spec.field.max_word))
            true = sum(instance.couplings[i, j] * spins[j] for j in range(8)) + instance.biases[i]
            error = abs(table[word % len(table)] / 2**spec.compare_bits - expit(2 * beta * true))
            worst[i] = max(worst[i], error)
    assert is_exact.all()
    assert np.abs(errors - worst).max() < 1e-14


@pytest.mark.parametrize("options", OPTIONS)
def test_interval_bound_is_never_below_the_listed_error(monkeypatch, options):
    instance, beta = regular_glass(10, 5, 1), 0.7
    _, quantised, table = parts(instance, beta, options)
    listed, _ = conditional_errors(instance, quantised, table, beta)
    monkeypatch.setattr(conditional_error, "MAX_LISTED_DEGREE", 4)
    bounded, is_exact = conditional_errors(instance, quantised, table, beta)
    assert not is_exact.any()
    assert (bounded >= listed).all()
    assert (bounded < 1).all()


def test_fabric_without_wires_has_conditional_errors():
    lone = IsingInstance(np.zeros((2, 2)), [0.3, -0.2])
    _, quantised, table = parts(lone, 1.0, FabricOptions(bias=Fixed(0, 1), field=Fixed(0, 1)))
    errors, _ = conditional_errors(lone, quantised, table, 1.0)
    # 0.3 rounds to 0.5, -0.2 to 0; the 16-bit table adds 2^-17.
    expected = [expit(1.0) - expit(0.6), 0.5 - expit(-0.4)]
    assert errors == pytest.approx(expected, abs=2.0**-17)


@pytest.mark.promise("fixed.law")
def test_exact_report_is_the_distance_of_the_two_laws():
    instance = regular_glass(10, 3, 4)
    program, quantised, _ = parts(instance, 0.5, ROUNDED_FIELD)
    report = quantisation_report(instance, program.spec, 0.5)
    assert report.kind == "exact"
    assert report.tv == report.bound == total_variation(boltzmann_law(instance, 0.5), stationary_law(program))
    # The chain's own error is not only that of its couplings: the field is rounded too.
    couplings_alone = total_variation(boltzmann_law(instance, 0.5), boltzmann_law(quantised.as_instance(), 0.5))
    assert report.tv > 1.5 * couplings_alone


def test_exact_formats_leave_only_the_table():
    ring = IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], np.ones(6), np.full(6, 0.25))
    report = quantisation_report(ring, fabric_for(ring), 0.5)
    assert report.coupling_bound == 0.0
    assert report.max_conditional_error <= 2.0**-17  # half a step of the 16-bit compare
    assert report.n_saturated == report.n_saturable_fields == 0
    assert 0 < report.tv <= 6 * 2.0**-17 / 0.1


@pytest.mark.promise("fixed.law")
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("seed", range(5))
def test_bounds_hold(seed, options):
    instance, beta = regular_glass(10, 3, seed), 0.15
    program, quantised, table = parts(instance, beta, options)
    target, law = boltzmann_law(instance, beta), stationary_law(program)
    disagreements = disagreement_bound(instance, beta, conditional_errors(instance, quantised, table, beta)[0])
    assert total_variation(target, law) <= disagreements.sum()
    shift = law_moments(law, instance).spin_means - law_moments(target, instance).spin_means
    assert (np.abs(shift) <= 2 * disagreements).all()
    rounded = boltzmann_law(quantised.as_instance(), beta)
    assert total_variation(target, rounded) <= coupling_bound(instance, quantised, beta)


def test_disagreement_bound_is_sharp_for_one_pbit():
    lone = IsingInstance(np.zeros((1, 1)), [0.3])
    program, quantised, table = parts(lone, 1.0, FabricOptions(bias=Fixed(0, 1), field=Fixed(0, 1)))
    exact = total_variation(boltzmann_law(lone, 1.0), stationary_law(program))
    bound = disagreement_bound(lone, 1.0, conditional_errors(lone, quantised, table, 1.0)[0])
    assert exact <= bound[0] <= exact * (1 + 2e-6)  # the slack of the proof


def test_coupling_bound_is_sharp_for_one_pbit():
    # The bias 0.25 rounds to the even 0 of steps of 0.5; around half its value both laws lie symmetrically:
    # one spin with biases +-0.125 would attain tanh(beta D / 2), one with 0 and 0.25 comes within a few percent.
    lone = IsingInstance(np.zeros((1, 1)), [0.25])
    _, quantised, _ = parts(lone, 1.0, FabricOptions(bias=Fixed(0, 1), field=Fixed(0, 1)))
    exact = total_variation(boltzmann_law(lone, 1.0), boltzmann_law(quantised.as_instance(), 1.0))
    assert exact <= coupling_bound(lone, quantised, 1.0) == pytest.approx(np.tanh(0.125), abs=1e-15)
    assert exact > 0.95 * np.tanh(0.125)


def test_strong_couplings_have_no_disagreement_bound():
    instance = regular_glass(10, 3, 0)
    assert disagreement_bound(instance, 1.0, np.full(10, 1e-3)) is None
    chain = IsingInstance.from_edges(3, [(0, 1), (1, 2)], [1.0, 1.0])  # spectral radius sqrt(2) tanh(beta)
    assert disagreement_bound(chain, 0.87, np.full(3, 1e-3)) is not None
    assert disagreement_bound(chain, 0.89, np.full(3, 1e-3)) is None


@pytest.mark.promise("fixed.law")
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("beta", [0.2, 0.5])
def test_first_order_is_of_the_right_size(beta, options):
    # The regime and the extremes of its docstring, on instances other than those that were measured for it.
    for seed in range(20, 24):
        instance = regular_glass(10, 3, seed)
        program, quantised, table = parts(instance, beta, options)
        target = boltzmann_law(instance, beta)
        estimate = first_order_tv(instance, quantised, table, beta, all_spins(10), target)
        assert 0.42 < estimate / total_variation(target, stationary_law(program)) < 1.76


def test_couplings_alone_are_of_the_wrong_size():
    # The control of the test above: without the table's part a short compare would go unseen.
    for seed in range(20, 24):
        instance = regular_glass(10, 3, seed)
        program, quantised, _ = parts(instance, 0.2, SHORT_COMPARE)
        target = boltzmann_law(instance, 0.2)
        couplings_alone = total_variation(target, boltzmann_law(quantised.as_instance(), 0.2))
        assert couplings_alone / total_variation(target, stationary_law(program)) < 0.42


def test_float_states_have_the_float_law():
    instance, beta = regular_glass(8, 3, 2), 0.4
    spins = float_states(instance, fabric_for(instance).colors, beta, seed=5)
    assert spins.shape == (640, 8)
    exact = law_moments(boltzmann_law(instance, beta), instance)
    # 640 states, 5 sweeps apart at a relaxation below 2 sweeps: taken as independent. 8 means, 5 sigma.
    limit = 5 * np.sqrt((1 - exact.spin_means**2) / 640)
    assert (np.abs(spins.mean(axis=0) - exact.spin_means) < limit).all()
    flipped = law_moments(boltzmann_law(IsingInstance(instance.couplings, -instance.biases), beta), instance)
    assert (np.abs(spins.mean(axis=0) - flipped.spin_means) > limit).any()


def test_iterated_report_agrees_with_the_exact_one(monkeypatch):
    instance = regular_glass(12, 3, 6)
    spec = fabric_for(instance, ROUNDED_FIELD)
    exact = quantisation_report(instance, spec, 0.5)
    monkeypatch.setattr(quantisation, "is_solvable", lambda operator: False)
    iterated = quantisation_report(instance, spec, 0.5)
    assert (exact.kind, iterated.kind) == ("exact", "estimate")
    assert iterated.tv == pytest.approx(exact.tv, rel=3 * quantisation.REMAINING_SHARE)


def test_kind_follows_size_and_strength():
    large = regular_glass(60, 3, 1)
    weak = quantisation_report(large, fabric_for(large), 0.02)
    strong = quantisation_report(large, fabric_for(large), 0.8, seed=1)
    assert (weak.kind, strong.kind) == ("bound", "estimate")
    assert weak.tv == weak.bound <= 0.1
    assert strong.bound == 1.0
    assert 0 < strong.tv < 1
    assert quantisation_report(large, fabric_for(large), 0.8, seed=1) == strong


def test_saturation_is_counted():
    # Bias 3 lies outside s[1][0]; the spin at the middle of the star reaches 4 in s[1][0] words, its leaves do not
    # leave the range but for the one with the bias.
    star = IsingInstance.from_edges(5, [(0, k) for k in range(1, 5)], np.ones(4), [0, 0, 0, 0, 3.0])
    options = FabricOptions(weight=Fixed(1, 0), bias=Fixed(1, 0), field=Fixed(1, 0))
    report = quantisation_report(star, fabric_for(star, options), 0.5)
    assert report.n_saturated == 1
    assert report.n_saturable_fields == 2


def test_improper_coloring_is_refused():
    pair = IsingInstance.from_edges(2, [(0, 1)], [1.0])
    spec = FabricSpec(2, ((0, 1),), (0, 0), Fixed(1, 0), Fixed(0, 0), Fixed(1, 0))
    with pytest.raises(InputError, match=r"^Coupled spins must differ in colour, not 0 and 1, both of colour 0$"):
        quantisation_report(pair, spec, 0.5)
