"""Instances of any finite numbers: one JSON object of finite figures or null, nothing on stderr, status 0."""

import json

import numpy as np
import pytest

from spinchip.emulator.instances.resolve import write_instance
from spinchip.emulator.oracle.enumeration import boltzmann_answer, ground_states
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.sim.cli.app import run

PAIRS = [(J, h) for J in (1e308, 1e300, 1e38, 1.0, 1e-38, 1e-320) for h in (0.0, 5e307, 1.0, 1e-8, 1e-320)]


def constant(text):
    raise AssertionError(f"{text} is no JSON")


@pytest.mark.promise("formats.any-numbers")
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n_spins", [2, 25])
@pytest.mark.parametrize(("J", "h"), PAIRS)
def test_info_of_any_finite_numbers(tmp_path, capsys, J, h, n_spins):
    edges = [(i, i + 1) for i in range(n_spins - 1)] if max(J, h) < 1e307 else [(0, 1)]
    instance = IsingInstance.from_edges(n_spins, edges, [J] * len(edges), [0.0] * (n_spins - 1) + [h])
    write_instance(instance, tmp_path / "x.npz")
    for beta in ("1", "1e-300", "1e300"):
        assert run(["info", str(tmp_path / "x.npz"), "--beta", beta, "--json"]) == 0
        written = capsys.readouterr()
        result = json.loads(written.out, parse_constant=constant)
        assert written.err == ""
        lost = result["quantisation"]
        assert 0 <= lost.get("tv", lost.get("bound")) <= 1
        assert 0 <= lost["max_conditional_error"] <= 1
        numbers = [*instance.edge_values, *instance.biases]
        assert lost["saturated"] == sum(number > 2.0**125 for number in numbers)


@pytest.mark.promise("formats.any-numbers")
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("J", [1e308, 1e200, 1e-320])
def test_exact_answers_of_huge_and_tiny_numbers(J):
    """The law is that of J = 1 at beta J; energies are exact."""
    instance = IsingInstance.from_edges(3, [(0, 1)], [J], [0.0, 0.0, J / 2])
    unit = IsingInstance.from_edges(3, [(0, 1)], [1.0], [0.0, 0.0, 0.5])
    beta = 0.7 / J if J > 1 else 1.0
    expected = boltzmann_answer(unit, beta * J)
    found = boltzmann_answer(instance, beta)
    assert np.allclose(found.law, expected.law, rtol=1e-12, atol=0)
    assert np.isclose(found.log_z, expected.log_z, rtol=1e-12)
    assert np.isclose(found.moments.mean_energy, J * expected.moments.mean_energy, rtol=1e-9)
    assert ground_states(instance)[0] == instance.energies([1, 1, 1]) == -1.5 * J
    frozen = boltzmann_answer(instance, 1e10 if J > 1 else 1e300)
    assert np.isclose(frozen.law.sum(), 1.0)
    if J > 1:
        assert frozen.law[[4, 7]] == pytest.approx([0.5, 0.5])  # states 001 and 111, lowest bit first


@pytest.mark.promise("formats.any-numbers")
def test_instance_whose_energies_are_not_finite_is_refused():
    rule = "Sum of |J|, |h| and |offset| must stay below 1.8e308, so that energies are finite, not exceed it"
    for arguments in (([1e308, 1e308], None), ([1e308, 1.0], [1e308, 0, 0])):
        with pytest.raises(InputError) as caught:
            IsingInstance.from_edges(3, [(0, 1), (1, 2)], *arguments)
        assert str(caught.value) == f"{rule} (largest: 1e+308)"
    with pytest.raises(InputError):
        IsingInstance.from_edges(2, [(0, 1)], [1e308], offset=-1e308)
