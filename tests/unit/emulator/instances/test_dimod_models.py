"""Energies of dimod's models and ours agree on every state, for both vartypes."""

import itertools
import json
from dataclasses import replace

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.instances.dimod_bqm import to_dimod
from spinchip.emulator.instances.resolve import resolve, write_instance
from spinchip.emulator.oracle.enumeration import boltzmann_answer, ground_states
from spinchip.emulator.oracle.transfer_matrix import strip_answer
from spinchip.emulator.reference.bitsliced import BitSlicedSampler
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule

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


@pytest.mark.promise("instances.bqm")
@settings(max_examples=60, deadline=None)
@given(bqm=models())
def test_energy_of_a_model_is_ours(bqm):
    instance = IsingInstance.from_dimod(bqm)
    states = states_of(instance.n_spins)
    values = states if bqm.vartype is dimod.SPIN else (1 + states) // 2
    theirs = bqm.energies((values, list(instance.labels)))
    assert np.array_equal(theirs, instance.energies(states))


@pytest.mark.promise("instances.bqm")
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


@pytest.mark.promise("instances.bqm")
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
    theirs = bqm.energies((values, list(instance.labels)))
    assert np.array_equal(theirs, instance.energies(states))


def test_model_with_nan_is_refused():
    with pytest.raises(InputError, match="^Biases of the model must be finite, not nan$"):
        IsingInstance.from_dimod(dimod.BinaryQuadraticModel({"a": np.nan}, {}, "SPIN"))
    with pytest.raises(InputError, match="^Biases of the model must be finite, not inf$"):
        IsingInstance.from_dimod(dimod.BinaryQuadraticModel({"a": 1.0}, {}, np.inf, "SPIN"))


def test_empty_model_and_other_objects_are_refused():
    with pytest.raises(InputError, match="^Number of spins must be in 1..50000000, not 0$"):
        IsingInstance.from_dimod(dimod.BinaryQuadraticModel("SPIN"))
    with pytest.raises(InputError, match=r"^Model must be a dimod.BinaryQuadraticModel, not dict$"):
        IsingInstance.from_dimod({})


def file_of(bqm, path):
    """Write a model as dimod does, whichever encoding the name asks for."""
    if path.suffix == ".json":
        path.write_text(json.dumps(bqm.to_serializable()))
        return path
    with bqm.to_file() as source:
        path.write_bytes(source.read())
    return path


def parts_of(instance):
    return (
        instance.labels,
        instance.offset,
        instance.biases.tolist(),
        instance.edges.tolist(),
        instance.edge_values.tolist(),
    )


@pytest.mark.promise("instances.offset-and-labels")
@settings(max_examples=30, deadline=None)
@given(bqm=models(), seed=st.integers(0, 99))
def test_model_is_one_instance_in_any_file_and_order(tmp_path_factory, bqm, seed):
    folder = tmp_path_factory.mktemp("bqm")
    order = np.random.default_rng(seed).permutation(bqm.num_variables)
    labels = [list(bqm.variables)[k] for k in order]
    shuffled = dimod.BinaryQuadraticModel({label: bqm.linear[label] for label in labels}, bqm.quadratic, 0.0, "SPIN")
    shuffled = bqm.copy() if bqm.vartype is dimod.BINARY else shuffled
    shuffled.offset = bqm.offset
    ours = parts_of(IsingInstance.from_dimod(bqm))
    assert sorted(ours[0], key=lambda label: (isinstance(label, str), label)) == list(ours[0])
    for number, model in enumerate((bqm, shuffled)):
        assert parts_of(IsingInstance.from_dimod(model)) == ours
        for name in ("m.bqm", "m.json"):
            assert parts_of(resolve(file_of(model, folder / f"{number}{name}"))) == ours


@pytest.mark.promise("instances.offset-and-labels")
@pytest.mark.parametrize("name", ["x.npz", "x.bqm", "x.json"])
def test_offset_and_labels_pass_through_files(tmp_path, name):
    instance = IsingInstance.from_edges(3, [(0, 2)], [1.5], [0, 0, 0.5], offset=-2.25, labels=(3, "a b", "\u03c3"))
    write_instance(instance, tmp_path / name)
    assert parts_of(resolve(tmp_path / name)) == parts_of(instance)
    back = IsingInstance.from_dimod(to_dimod(instance))
    assert parts_of(back) == parts_of(instance)


@pytest.mark.parametrize("name", ["x.coo", "x.rudy", "text_JOrig_x.txt", "x.mat"])
def test_offset_is_refused_where_the_format_has_none(tmp_path, name):
    instance = IsingInstance.from_edges(3, [(0, 2)], [1.5], offset=-2.25)
    rule = r"0 in a \S+ file, which has no place for it \(take npz or bqm\)"
    with pytest.raises(InputError, match=rf"^Offset must be {rule}, not -2.25$"):
        write_instance(instance, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("instances.offset-and-labels")
def test_every_engine_counts_the_offset_once(tmp_path):
    """A constant of 100 moves each energy that a user sees by 100, and nothing else."""
    plain = resolve("[ring n=6 J=1 h=0.25]")
    moved = replace(plain, offset=100.0)
    schedule = Schedule.constant(0.5, 20)
    for sampler in (ReferenceSampler(), BitSlicedSampler(), GoldenSampler()):
        first, second = (sampler.sample(one, schedule, 3, 5) for one in (plain, moved))
        assert np.array_equal(first.spins, second.spins)
        assert np.array_equal(second.energies, first.energies + 100.0), sampler.name
        assert np.array_equal(second.energies, moved.energies(second.spins)), sampler.name
    for method in ("sa", "sqa", "apt", "pa"):
        settings = {} if method == "sqa" else {"betas": (0.2, 0.5, 1.0)}
        first, second = (anneal(one, method, 20, 4, 3, **settings) for one in (plain, moved))
        for name in ("run_energies", "current", "best"):
            assert np.array_equal(getattr(second, name), getattr(first, name) + 100.0), (method, name)
    log_zs = [anneal(one, "pa", 20, 2, 3, betas=(0.2, 1.0)).facts["blocks"][0]["log_z"] for one in (plain, moved)]
    assert np.allclose(np.subtract(*log_zs), 100.0, rtol=0, atol=1e-9)
    answers = [boltzmann_answer(one, 0.5) for one in (plain, moved)]
    assert np.array_equal(answers[0].law, answers[1].law)
    assert answers[1].log_z == pytest.approx(answers[0].log_z - 50.0)
    assert answers[1].moments.mean_energy == answers[0].moments.mean_energy + 100.0
    assert answers[1].moments.energy_variance == answers[0].moments.energy_variance
    strips = [strip_answer(one, 1, 0.5) for one in (plain, moved)]
    assert (strips[1].log_z, strips[1].mean_energy) == pytest.approx(
        (strips[0].log_z - 50, strips[0].mean_energy + 100), rel=1e-13
    )
    assert [ground_states(one)[0] for one in (plain, moved)] == [-7.5, 92.5]
    assert moved.submodel([2, 0, 1, 3, 4, 5]).offset == 100.0


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"offset": np.nan}, "Offset must be a finite number, not nan"),
        ({"offset": "1"}, "Offset must be a finite number, not '1'"),
        ({"labels": "ab"}, "Labels must be a list of 2 names, not 'ab'"),
        ({"labels": ["a"]}, "Labels must be 2, one a spin, not 1"),
        ({"labels": ["a", "a"]}, "Labels must differ from each other, not hold 'a' twice"),
        ({"labels": ["a", 1.5]}, "Label must be a whole number or a text, not 1.5"),
        ({"labels": ["a", True]}, "Label must be a whole number or a text, not True"),
    ],
)
def test_bad_offset_or_labels_are_refused(more, complaint):
    with pytest.raises(InputError) as caught:
        IsingInstance.from_edges(2, [(0, 1)], [1.0], **more)
    assert str(caught.value) == complaint
