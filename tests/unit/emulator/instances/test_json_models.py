"""Models as JSON, dimod's and bqpjson, and dimod's binary file: read by number, or refused in one line."""

import itertools
import json

import dimod
import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinchip.emulator.instances.resolve import read_instance
from spinchip.emulator.spec.errors import InputError

MODEL = dimod.BinaryQuadraticModel({"a": 1.0, "b": -0.5, "c": 0.25}, {("a", "b"): 2.0, ("b", "c"): -1.5}, 0.75, "SPIN")
EIGHTHS = st.integers(-40, 40).map(lambda number: number / 8)


def refused(path):
    """Return the complaint about a file, without its name."""
    with pytest.raises(InputError) as caught:
        read_instance(path)
    text = str(caught.value)
    assert "\n" not in text
    return text.partition("': ")[2]


@st.composite
def documents(draw):
    """Draw a bqpjson document of up to five variables."""
    ids = draw(st.lists(st.integers(0, 99), min_size=1, max_size=5, unique=True))
    pairs = draw(st.lists(st.sampled_from([*itertools.permutations(ids, 2), (0, 0)]), unique=True, max_size=8))
    return {
        "version": "1.0.0",
        "id": 0,
        "metadata": {},
        "variable_ids": ids,
        "variable_domain": draw(st.sampled_from(["spin", "boolean"])),
        "scale": draw(st.sampled_from([0.5, 1.0, 2, 4.0])),
        "offset": draw(EIGHTHS),
        "linear_terms": [{"id": one, "coeff": draw(EIGHTHS)} for one in ids[::2]],
        "quadratic_terms": [{"id_tail": a, "id_head": b, "coeff": draw(EIGHTHS)} for a, b in pairs if a != b],
    }


@pytest.mark.promise("instances.json")
@settings(max_examples=60, deadline=None)
@given(document=documents())
def test_bqpjson_has_the_energy_of_its_objective(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("bqp") / "m.json"
    path.write_text(json.dumps(document))
    instance = read_instance(path)
    assert instance.labels == tuple(sorted(document["variable_ids"]))
    spins = np.array(list(itertools.product([-1, 1], repeat=instance.n_spins)))
    for state, energy in zip(spins, instance.energies(spins), strict=True):
        values = state if document["variable_domain"] == "spin" else (1 + state) // 2
        x = dict(zip(instance.labels, values.tolist(), strict=True))
        terms = [term["coeff"] * x[term["id"]] for term in document["linear_terms"]]
        terms += [term["coeff"] * x[term["id_tail"]] * x[term["id_head"]] for term in document["quadratic_terms"]]
        assert energy == document["scale"] * (document["offset"] + sum(terms))


BQP = {
    "variable_ids": [2, 4],
    "variable_domain": "spin",
    "scale": 1.0,
    "offset": 0.0,
    "linear_terms": [{"id": 2, "coeff": 1.0}],
    "quadratic_terms": [{"id_tail": 2, "id_head": 4, "coeff": -1.0}],
}


@pytest.mark.promise("instances.json")
@pytest.mark.parametrize(
    ("document", "change", "complaint"),
    [
        ("dimod", {"linear_biases": 3}, "linear_biases must be a list, not '3'"),
        ("dimod", {"linear_biases": [1, 2, "3"]}, "linear_biases must hold numbers, not '3'"),
        ("dimod", {"linear_biases": [1, 2, True]}, "linear_biases must hold numbers, not 'True'"),
        ("dimod", {"linear_biases": [1, 2, 10**400]}, "linear_biases must hold numbers, not '1000000000000000000"),
        ("dimod", {"linear_biases": [1, 2, [3]]}, "linear_biases must hold numbers, not '[3]'"),
        ("dimod", {"linear_biases": [1, 2, float("nan")]}, "Biases of the model must be finite, not nan"),
        ("dimod", {"linear_biases": []}, "Number of spins must be in 1..50000000, not 0"),
        ("dimod", {"quadratic_head": 1.5}, "quadratic_head must be a list, not '1.5'"),
        ("dimod", {"quadratic_head": [0, 1.0]}, "quadratic_head must hold whole numbers, not '1.0'"),
        ("dimod", {"quadratic_head": [0, 3]}, "Variable index must be in 0..2, not 3"),
        ("dimod", {"quadratic_head": [0, -1]}, "Variable index must be in 0..2, not -1"),
        ("dimod", {"quadratic_head": [0, 2]}, "Interaction must join two variables, not 2 to itself"),
        ("dimod", {"quadratic_head": [0]}, "Lists of the model must be of one length, not [3, 3] and [1, 2, 2]"),
        ("dimod", {"offset": None}, "offset must hold numbers, not 'None'"),
        ("dimod", {"offset": "1"}, "offset must hold numbers, not '1'"),
        ("dimod", {"offset": float("inf")}, "Biases of the model must be finite, not inf"),
        ("dimod", {"variable_labels": {"a": 1}}, "variable_labels must be a list, not \"{'a': 1}\""),
        ("dimod", {"variable_labels": ["a", "a", "b"]}, "Instance must be a dimod model, not one that gives 'two var"),
        ("dimod", {"variable_labels": ["a", None, "b"]}, "Instance must be a dimod model, not one that gives 'a vari"),
        ("dimod", {"variable_type": "QUTRIT"}, "Variables must be SPIN or BINARY, not 'QUTRIT'"),
        ("dimod", {"variable_type": ["SPIN"]}, "Variables must be SPIN or BINARY, not \"['SPIN']\""),
        ("dimod", {"version": 3}, "Model must be of schema 2 or 3 with lists, not of 'None'"),
        ("dimod", {"use_bytes": True}, "Model must be of schema 2 or 3 with lists, not of '3.0.0'"),
        ("dimod", {"offset": ...}, "Key offset must stand in dimod's document, not be absent"),
        ("bqp", {"variable_ids": 2}, "variable_ids must be a list, not '2'"),
        ("bqp", {"variable_ids": [2, 2]}, "Identifiers of the variables must differ from each other, not come twice"),
        ("bqp", {"variable_ids": [2, 5]}, "Term must name one of the variable_ids, not 4"),
        ("bqp", {"variable_domain": "trit"}, "Domain of the variables must be spin or boolean, not 'trit'"),
        ("bqp", {"scale": -1}, "Scale must be 0 or more, not -1.0"),
        ("bqp", {"scale": 1e308, "offset": 1e308}, "Biases of the model must be finite, not inf"),
        ("bqp", {"linear_terms": [3]}, "linear_terms must hold objects with id and coeff, not '3'"),
        ("bqp", {"quadratic_terms": [{"id": 2}]}, "quadratic_terms must hold objects with id_tail, id_head and coeff"),
        ("bqp", {"offset": ...}, "Key offset must stand in bqpjson, not be absent"),
    ],
)
def test_document_of_another_shape_is_refused(tmp_path, document, change, complaint):
    whole = {**(MODEL.to_serializable() if document == "dimod" else BQP), **change}
    path = tmp_path / "m.json"
    path.write_text(json.dumps({key: value for key, value in whole.items() if value is not ...}))
    assert refused(path).startswith(complaint)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[1, 2]", "Model must be a JSON object, dimod's or bqpjson, not a list"),
        ("3", "Model must be a JSON object, dimod's or bqpjson, not a int"),
        (
            '{"nodes": [], "links": []}',
            "Model must be dimod's to_serializable or bqpjson, not an object with keys 'nod",
        ),
        ("[" * 50_000, "JSON must be at most 100 levels deep, not 50000"),
    ],
)
def test_other_json_is_refused(tmp_path, content, complaint):
    path = tmp_path / "m.json"
    path.write_text(content)
    assert refused(path).startswith(complaint)


def test_sums_of_a_pair_that_comes_twice_are_those_of_dimod(tmp_path):
    document = MODEL.to_serializable()
    document["quadratic_head"], document["quadratic_tail"] = [0, 1, 1], [1, 0, 2]
    document["quadratic_biases"] = [2.0, 0.5, -1.5]
    path = tmp_path / "m.json"
    path.write_text(json.dumps(document))
    theirs = dimod.BinaryQuadraticModel.from_serializable(document)
    spins = np.array(list(itertools.product([-1, 1], repeat=3)))
    assert np.array_equal(read_instance(path).energies(spins), theirs.energies((spins, ["a", "b", "c"])))


@pytest.mark.promise("instances.json")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("labels", [["c", "a", 7], [2, 1, 0], [0, 1, 2], [("t", 1), "a", 5]])
def test_binary_file_of_any_version_is_read_as_dimod_does(tmp_path, dtype, version, labels):
    bqm = dimod.BinaryQuadraticModel("BINARY", dtype=dtype)
    for k, label in enumerate(labels):
        bqm.add_linear(label, k - 0.5)
    bqm.add_quadratic(labels[0], labels[1], 1.25)
    bqm.add_quadratic(labels[2], labels[1], -0.75)
    bqm.offset = 3.5
    path = tmp_path / "m.bqm"
    with bqm.to_file(version=version) as source:
        path.write_bytes(source.read())
    instance = read_instance(path)
    spins = np.array(list(itertools.product([-1, 1], repeat=3)))
    order = [label if label in labels else ("t", 1) for label in instance.labels]
    assert np.array_equal(instance.energies(spins), bqm.energies(((1 + spins) // 2, order)))


def test_binary_file_whose_halves_differ_is_refused(tmp_path):
    """Each interaction stands twice; a bit flipped in one of them is seen."""
    with MODEL.to_file() as source:
        content = source.read()
    path = tmp_path / "m.bqm"
    place = content.index(np.float64(-1.5).tobytes()) + 7
    path.write_bytes(content[:place] + bytes([content[place] ^ 0x80]) + content[place + 1 :])
    rule = "Interactions must stand with one bias in the neighbourhoods of both variables"
    assert refused(path).startswith(rule)


def test_models_with_constraints_and_qubin_are_refused_by_name(tmp_path):
    cqm = dimod.ConstrainedQuadraticModel()
    cqm.set_objective(MODEL)
    qm = dimod.QuadraticModel.from_bqm(MODEL)
    for model, name in ((cqm, "ConstrainedQuadraticModel"), (qm, "QuadraticModel")):
        with model.to_file() as source:
            (tmp_path / "m.bqm").write_bytes(source.read())
        rule = f"Model must be dimod's BinaryQuadraticModel, without constraints, not its {name}"
        assert refused(tmp_path / "m.bqm") == rule
    with h5py.File(tmp_path / "m.qb", "w") as file:
        file["model/form/dimension"], file["solution/sense"] = 3, "Min"
    rule = "File must hold a matrix, not a model of QUBOTools' QUBin (write it in its format BQPJSON)"
    assert refused(tmp_path / "m.qb") == rule
