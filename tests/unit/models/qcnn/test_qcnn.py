"""Quantum convolutional network: golden values of the circuit, stabilisers as the oracle, data, and a training."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.digits.images import bundled
from spinchip.models.qcnn.pixels import pixel_task

jnp = pytest.importorskip("jax.numpy")
circuit = pytest.importorskip("spinchip.models.qcnn.circuit")
data = pytest.importorskip("spinchip.models.qcnn.data")
training = pytest.importorskip("spinchip.models.qcnn.training")
pixel_classifier = pytest.importorskip("spinchip.models.qcnn.pixel_classifier")

SYMBOLS = 0.1 * np.arange(63, dtype=np.float32)
GOLDEN = [
    (0, 0.0, 0.08455433, (-0.01707368, 0.00098631, -0.01707368, 0.00098631)),
    (3, 1.0, 0.01554092, (0.00192594, -0.01677898, -0.00740170, -0.00760920)),
    (7, -2.5, 0.05036108, (0.00853192, -0.06459351, 0.08256521, -0.02316961)),
]


@pytest.mark.promise("qcnn.circuit")
@pytest.mark.parametrize(("qubit", "angle", "last", "sinks"), GOLDEN)
def test_circuit_has_its_golden_values(qubit, angle, last, sinks):
    """Angles of 0.1 k, checked with another simulator, to 1e-5; another excitation is off by more."""
    state = circuit.excited(qubit, angle)
    assert float(circuit.network(state, SYMBOLS)) == pytest.approx(last, abs=1e-5)
    np.testing.assert_allclose(circuit.filtered(state, SYMBOLS[:21]), sinks, atol=1e-5)
    other = circuit.excited((qubit + 1) % 8, angle + 0.5)
    assert abs(float(circuit.network(other, SYMBOLS)) - last) > 1e-4


@pytest.mark.promise("qcnn.circuit")
@pytest.mark.parametrize("qubit", range(8))
def test_stabilisers_tell_the_angle_exactly(qubit):
    """Their sum is 6 + 2 cos angle whatever the qubit, so a threshold of 6 makes no mistake."""
    for angle in (-3.0, -1.2, 0.4, 1.57, 2.5):
        found = np.asarray(circuit.stabilisers(circuit.excited(qubit, angle)))
        assert found.sum() == pytest.approx(6.0 + 2.0 * np.cos(angle), abs=2e-5)
        assert np.sign(found.sum() - 6.0) == data.labels(np.array([angle]))[0]


def test_points_are_the_papers():
    qubits, angles, wanted = data.published_points(1)
    assert qubits.size == 160
    assert (np.bincount(qubits) == 20).all()
    assert np.abs(angles).max() <= np.pi
    assert ((wanted > 0) == (np.abs(angles) <= np.pi / 2)).all()
    assert not np.array_equal(data.held_out(160, 1)[1], angles)


@pytest.mark.promise("qcnn.accuracy", "qcnn.honest")
@pytest.mark.slow
def test_one_filter_learns_and_permuted_labels_do_not(monkeypatch):
    """Paper: 0.97 on 48 points. Held-out accuracy above 0.93; with labels permuted it is near the share of labels."""
    points = data.held_out(1000, 1)
    params = training.train("one filter", training.QcnnPlan(), 1)
    assert training.accuracy("one filter", params, points) > 0.93
    shuffled = np.random.default_rng(1)

    def permuted(seed):
        qubits, angles, wanted = data.published_points(seed)
        return qubits, angles, shuffled.permutation(wanted)

    monkeypatch.setattr(training, "published_points", permuted)
    worse = training.train("one filter", training.QcnnPlan(), 1)
    assert training.accuracy("one filter", worse, points) < 0.75


def test_bad_plans_are_refused():
    with pytest.raises(InputError, match="Model must be one of"):
        training.init("perceptron", 1)
    with pytest.raises(InputError, match="batch 1 to 112"):
        training.QcnnPlan(batch=113)
    with pytest.raises(InputError, match="Points must be 1 or more"):
        data.held_out(0, 1)


def test_readout_in_closed_form_is_that_of_the_state():
    rng = np.random.default_rng(1)
    params, bits = rng.uniform(0, 2, (2, 5)).astype(np.float32), rng.integers(0, 2, (6, 5))
    whole = [float(pixel_classifier.readout_of_state(params, one)) for one in bits]
    np.testing.assert_allclose(pixel_classifier.readout(params, bits.astype(np.float32)), whole, atol=1e-6)


@pytest.mark.promise("qcnn.accuracy")
def test_pixels_learn_and_shuffled_labels_do_not():
    task = pixel_task(bundled())
    assert (len(task.labels), task.n_unique, task.n_contradictory) == (364, 66, 0)
    (bits, labels), test = task.divided(0.25, 1)
    params = pixel_classifier.train_readout(bits, labels, 1)
    assert pixel_classifier.readout_accuracy(params, *test) > 0.9
    assert pixel_classifier.logistic_accuracy((bits, labels), test) > 0.95
    # Most pictures fall into two heaps, each of which a shuffle gives to one digit: single accuracies spread by 0.3.
    rng, shares = np.random.default_rng(2), []
    for seed in range(24):
        params = pixel_classifier.train_readout(bits, rng.permutation(labels), seed)
        shares.append(pixel_classifier.readout_accuracy(params, *test))
    assert abs(np.mean(shares) - 0.5) < 4 * 0.3 / np.sqrt(24)
