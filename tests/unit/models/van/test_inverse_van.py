"""Inverse Ising by a network: nearer than every mean-field formula, and wrong variants are not."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.van import inverse_ising
from spinchip.models.van.exact import sk_couplings
from spinchip.models.van.inverse_ising import InversePlan, exact_correlations, infer_couplings, mean_field_distances
from spinchip.models.van.inverse_workload import formula_rows

GLASS, PLAN = sk_couplings(8, 1), InversePlan(500, 5, 500, 4000, 0.03)


def distance(couplings, beta=1.0):
    return float(np.linalg.norm(couplings / beta - GLASS) / len(GLASS))


def test_correlations_are_those_of_all_states():
    every = 2.0 * ((np.arange(256)[:, None] >> np.arange(8)) & 1) - 1.0
    weight = np.exp(0.5 * np.einsum("si,ij,sj->s", every, GLASS, every))
    expected = (every * (weight / weight.sum())[:, None]).T @ every
    np.testing.assert_allclose(exact_correlations(GLASS), expected, atol=1e-12)


@pytest.mark.promise("van.inverse-ising")
@pytest.mark.parametrize(("beta", "times"), [(1.0, 10.0), (1.5, 5.0)])
def test_network_is_nearer_than_every_formula(beta, times):
    correlations = exact_correlations(beta * GLASS)
    found = infer_couplings(correlations, PLAN, 1)
    best = min(mean_field_distances(correlations, GLASS, beta).values())
    assert distance(found.couplings, beta) < best / times
    assert np.array_equal(found.couplings, found.couplings.T)
    assert not found.couplings.diagonal().any()
    assert found.effective > 0.8


@pytest.mark.promise("van.inverse-ising")
def test_correlations_without_weights_are_worse(monkeypatch):
    """A network that is not trained between the steps, its states taken as the model's: several times farther."""
    correlations = exact_correlations(1.5 * GLASS)
    honest = distance(infer_couplings(correlations, PLAN, 1).couplings, 1.5)
    monkeypatch.setattr(inverse_ising.Fvsbn, "log_probabilities", lambda self, spins: np.zeros(len(spins)))
    assert distance(infer_couplings(correlations, PLAN, 1).couplings, 1.5) > 3.0 * honest


@pytest.mark.promise("van.inverse-ising")
def test_formulas_have_their_printed_digits():
    assert [one["quantity"] for one in formula_rows() if not one["ok"]] == []


def test_impossible_correlations_are_refused():
    good = exact_correlations(GLASS)
    for bad, rule in (
        (good[:3], "square matrix"),
        (good + np.triu(np.ones((8, 8)), 1) * 0.1, "symmetric"),
        (good * 0.5, "ones on the diagonal"),
        (np.ones((8, 8)), "between -1 and 1"),
    ):
        with pytest.raises(InputError, match=rule):
            infer_couplings(bad, PLAN, 1)
    with pytest.raises(InputError, match="Steps, batch and states"):
        replace(PLAN, n_outer=1)
