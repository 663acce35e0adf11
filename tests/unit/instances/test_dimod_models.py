"""Energies of dimod's models and ours agree on every state, for both vartypes."""

import itertools
import json

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinchip.emulator.instances.dimod_bqm import from_dimod, to_dimod
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError

EIGHTHS = st.integers(-40, 40).map(lambda number: number / 8)  # sums of them are exact in float64


def states_of(n):
    return np.array(list(itertools.product([-1, 1], repeat=n)))


@st.composite
def models(draw):
    n = draw(st.integers(1, 5))
    labels = draw(st.permutations(["a", "b", "c", 7, 3]))[:n]
    bqm = dimod.BinaryQuadraticModel(draw(st.sampled_from(["SPIN", "BINARY"])))
    for label in labels:
        bqm.add_linear(label, draw(EIGHTHS))
    for first, second in itertools.combinations(labels, 2):
        bqm.add_quadratic(first, second, draw(EIGHTHS))
    bqm.offset = draw(EIGHTHS)
    return bqm


@settings(max_examples=60, deadline=None)
@given(bqm=models())
def test_energy_of_a_model_is_ours_plus_the_offset(bqm):
    instance = from_dimod(bqm)
    states = states_of(instance.n_spins)
    values = states if bqm.vartype is dimod.SPIN else (1 + states) // 2
    theirs = bqm.energies((values, instance.provenance["variables"]))
    assert np.array_equal(theirs, instance.energies(states) + instance.provenance["offset"])


@pytest.mark.parametrize("text", ["[ring n=5 J=1 h=0.25]", "[ea2d L=3 seed=2 h=-0.5]", "[and]", "[sk n=6 J=pm]"])
def test_energy_of_an_instance_is_that_of_its_model(text):
    instance = resolve(text)
    states = states_of(instance.n_spins)
    ours, theirs = instance.energies(states), to_dimod(instance).energies(states)
    assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    wrong = dimod.BinaryQuadraticModel.from_ising(
        dict(enumerate(instance.biases)),
        {tuple(pair): value for pair, value in zip(instance.edges.tolist(), instance.edge_values, strict=True)},
    )
    assert not np.allclose(ours, wrong.energies(states)), "a forgotten sign must be seen"


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("name", ["m.bqm", "m.json"])
def test_file_written_by_dimod_is_read(tmp_path, vartype, name):
    bqm = dimod.BinaryQuadraticModel({"x": 1.0, "y": -0.5}, {("x", "y"): 2.0, ("y", "z"): -1.0}, 3.0, vartype)
    path = tmp_path / name
    if name.endswith("json"):
        path.write_text(json.dumps(bqm.to_serializable()))
    else:
        with bqm.to_file() as source:
            path.write_bytes(source.read())
    instance = resolve(path)
    assert instance.provenance["vartype"] == vartype
    states = states_of(3)
    values = states if vartype == "SPIN" else (1 + states) // 2
    theirs = bqm.energies((values, instance.provenance["variables"]))
    assert np.array_equal(theirs, instance.energies(states) + instance.provenance["offset"])


def test_model_with_nan_is_refused():
    with pytest.raises(InputError, match="^Biases of the model must be finite, not nan$"):
        from_dimod(dimod.BinaryQuadraticModel({"a": np.nan}, {}, "SPIN"))
    with pytest.raises(InputError, match="^Biases of the model must be finite, not inf$"):
        from_dimod(dimod.BinaryQuadraticModel({"a": 1.0}, {}, np.inf, "SPIN"))


def test_empty_model_and_other_objects_are_refused():
    with pytest.raises(InputError, match="^Number of spins must be in 1..50000000, not 0$"):
        from_dimod(dimod.BinaryQuadraticModel("SPIN"))
    with pytest.raises(InputError, match=r"^Model must be a dimod.BinaryQuadraticModel, not dict$"):
        from_dimod({})
