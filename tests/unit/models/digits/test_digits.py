"""Digits without JAX: sets and their files, networks in floats, on crossbars and with p-bits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.io import savemat

from spinchip.emulator.spec.errors import InputError
from spinchip.models.digits import svhn
from spinchip.models.digits.hardware import DigitMachine, noisy_tiles, pbit_logits, picture_cost
from spinchip.models.digits.images import Images, bundled, train_and_test
from spinchip.models.digits.network import (
    Network,
    NetworkSpec,
    accuracy,
    confusion,
    forward,
    load_network,
    save_network,
    windows,
)
from spinchip.models.digits.own_networks import NETWORKS, own_network
from spinchip.models.digits.synthetic import house_numbers
from spinchip.models.digits.workload import workload_rows
from spinchip.models.digits.workload_sweeps import is_better

TRAIN, TEST = train_and_test(bundled())


def random_network(spec, seed=1):
    rng = np.random.default_rng(seed)
    weights = tuple(rng.standard_normal(shape).astype(np.float32) for shape in spec.shapes())
    return Network(spec, weights, tuple(rng.standard_normal(n).astype(np.float32) for _, n in spec.shapes()))


def write_mat(folder, part, n=30, **changes):
    rng = np.random.default_rng(1)
    arrays = {"X": rng.integers(0, 256, (32, 32, 3, n), dtype=np.uint8), "y": 1 + np.arange(n)[:, None] % 10}
    arrays |= changes
    savemat(folder / svhn.FILES[part], {key: value for key, value in arrays.items() if value is not None})
    return arrays


def test_embedded_set_is_that_of_scikit_learn():
    images = bundled()
    assert images.pixels.shape == (1797, 8, 8)
    assert (images.pixels.min(), images.pixels.max()) == (0.0, 1.0)
    assert np.bincount(images.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    peer = pytest.importorskip("sklearn.datasets").load_digits()
    np.testing.assert_array_equal(images.pixels, peer.images / 16.0)
    np.testing.assert_array_equal(images.labels, peer.target)


def test_division_keeps_every_digit_and_loses_nothing():
    assert (len(TRAIN), len(TEST)) == (1347, 450)
    together = np.concatenate([one.pixels.reshape(-1, 64) for one in (TRAIN, TEST)])
    whole = bundled().pixels.reshape(-1, 64)
    np.testing.assert_array_equal(np.sort(together @ np.arange(64)), np.sort(whole @ np.arange(64)))
    assert (np.abs(np.bincount(TEST.labels) - 45) <= 1).all()
    with pytest.raises(InputError, match="Share"):
        bundled().divided(1.0, 0)


def test_convolution_is_that_of_scipy():
    """A layer by windows and a matrix, against correlation channel by channel."""
    from scipy.signal import correlate

    rng = np.random.default_rng(3)
    x, kernel = rng.standard_normal((2, 8, 8, 3)), rng.standard_normal((3, 3, 3, 5))
    found = windows(x) @ kernel.reshape(27, 5)
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for n in range(2):
        for out in range(5):
            wanted = correlate(padded[n], kernel[..., out], mode="valid")[..., 0]
            np.testing.assert_allclose(found[n, ..., out], wanted)


@pytest.mark.parametrize(
    ("spec", "shapes", "vectors"),
    [
        (NetworkSpec(), [(9, 16), (144, 16), (144, 32), (128, 10)], [64, 64, 16, 1]),
        (
            NetworkSpec("cnn", 32, (32, 64, 64), 128),
            [(9, 32), (288, 64), (576, 64), (1024, 128), (128, 10)],
            [1024, 256, 64, 1, 1],
        ),
        (NetworkSpec("mlp", n_hidden=64), [(64, 64), (64, 10)], [1, 1]),
    ],
)
def test_shapes_and_vectors(spec, shapes, vectors):
    assert spec.shapes() == shapes
    assert spec.vectors() == vectors
    seen = {}

    def count(k, x):
        seen[k] = len(x)
        return np.zeros((len(x), shapes[k][1]))

    biases = [np.zeros(n) for _, n in shapes]
    assert forward(spec, biases, np.zeros((2, spec.side, spec.side)), count).shape == (2, 10)
    assert [seen[k] / 2 for k in range(len(shapes))] == vectors


@pytest.mark.promise("digits.accuracy")
@pytest.mark.parametrize("name", NETWORKS)
def test_shipped_networks_read_what_they_have_not_seen(name, tmp_path):
    network = own_network(name)
    share = network.accuracy(TEST)
    assert share >= 0.96
    table = confusion(network.logits(TEST.pixels), TEST)
    assert table.sum() == len(TEST)
    assert np.trace(table) / len(TEST) == pytest.approx(share)
    shuffled = network.accuracy(TEST.relabelled(1))  # of 450 guesses, 0.1 right, standard error 0.014
    assert abs(shuffled - 0.1) < 0.06
    save_network(tmp_path / "n.npz", network)
    np.testing.assert_array_equal(load_network(tmp_path / "n.npz").logits(TEST.pixels), network.logits(TEST.pixels))


@pytest.mark.promise("digits.hardware")
@pytest.mark.parametrize("name", ["cnn", "mlp"])
def test_crossbars_without_flaws_are_the_network(name):
    network = own_network(name)
    machine = DigitMachine(network, noisy_tiles(), TRAIN)
    np.testing.assert_allclose(machine.logits(TEST.pixels[:50]), network.logits(TEST.pixels[:50]), atol=1e-6)


@pytest.mark.promise("digits.hardware")
def test_a_matrix_larger_than_a_tile_is_cut():
    spec = NetworkSpec("cnn", 8, (4, 4, 40), 8)
    network = random_network(spec)
    tiles = replace(noisy_tiles(), n_rows=32, n_columns=32)
    machine = DigitMachine(network, tiles, TRAIN)
    assert machine.n_tiles == [1, 2, 4, 5, 1]
    np.testing.assert_allclose(machine.logits(TEST.pixels[:9]), network.logits(TEST.pixels[:9]), atol=1e-6)
    cost = picture_cost(machine, TEST)
    assert (cost.n_tiles, cost.n_products) == (13, 64 + 64 * 2 + 16 * 4 + 5 + 1)
    assert cost.n_conversions == 64 * 4 + 64 * 2 * 4 + 16 * 2 * 40 + 5 * 8 + 10


@pytest.mark.promise("digits.hardware")
def test_flaws_cost_accuracy_and_none_is_bypassed():
    """Six bits and 2 % keep 0.94; two bits, or 40 % noise, or three-bit converters of it, do not."""
    network = own_network("cnn")

    def mean(*flaws):
        return np.mean([DigitMachine(network, noisy_tiles(*flaws), TRAIN, seed).accuracy(TEST) for seed in (1, 2)])

    assert mean(6, 0.02) >= 0.94
    assert mean(2, 0.0) < 0.5
    assert mean(6, 0.4) < 0.8
    assert mean(6, 0.02, 2) < 0.8


def test_noise_of_weights_has_its_size():
    """The realised weights of 6400 cells spread by 2 % of the largest: a standard error of 0.02 % of it."""
    spec = NetworkSpec("mlp", n_hidden=100)
    machine = DigitMachine(random_network(spec), noisy_tiles(None, 0.02), TRAIN, 5)
    weights = np.asarray(machine.network.weights[0], dtype=np.float64)
    off = (machine.crossbars[0].effective_weights() - weights) / np.abs(weights).max()
    assert off.std() == pytest.approx(0.02, rel=4 / np.sqrt(2 * off.size))


def test_passes_of_pbits_approach_the_mean():
    """Means over passes have the linear layer's exact mean, within 5 standard errors of the passes."""
    network = own_network("mlp-pbits")
    logits = pbit_logits(network, TEST.pixels[:20], 400, 1)
    hidden = 1.0 / (
        1.0 + np.exp(-(TEST.pixels[:20].reshape(20, -1).astype(float) @ network.weights[0] + network.biases[0]))
    )
    spread = np.sqrt((hidden * (1 - hidden)) @ network.weights[1].astype(float) ** 2 / 400)
    assert (np.abs(logits[-1] - network.logits(TEST.pixels[:20])) < 5.0 * spread).all()
    assert accuracy(pbit_logits(network, TEST.pixels, 16, 2)[-1], TEST) >= 0.95
    with pytest.raises(InputError, match="sigmoids"):
        pbit_logits(own_network("mlp"), TEST.pixels, 1, 1)


def test_synthetic_numbers_say_so_and_hold_every_digit():
    images = house_numbers(300, 1)
    assert images.name == "synthetic house numbers"
    assert images.pixels.shape == (300, 32, 32)
    assert 0.0 <= images.pixels.min() < images.pixels.max() <= 1.0
    assert set(images.labels) == set(range(10))
    np.testing.assert_array_equal(images.pixels, house_numbers(300, 1).pixels)
    assert (house_numbers(300, 2).labels != images.labels).any()
    with pytest.raises(InputError, match="not 0"):
        house_numbers(0, 1)


def test_svhn_files_are_read_as_published(tmp_path):
    arrays, _ = write_mat(tmp_path, "train", 200), write_mat(tmp_path, "test")
    train, validation, test = svhn.read_svhn(tmp_path)
    assert (len(train), len(validation), len(test)) == (160, 40, 30)
    assert test.pixels.shape == (30, 32, 32)
    np.testing.assert_array_equal(test.labels, (1 + np.arange(30)) % 10)
    whole = svhn.read_mat(tmp_path / svhn.FILES["train"], "train")
    grey = arrays["X"][..., 7] @ np.array([0.299, 0.587, 0.114]) / 255.0
    np.testing.assert_allclose(whole.pixels[7], grey, atol=1e-6)


@pytest.mark.promise("digits.bad-input")
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"X": np.zeros((32, 32, 30), np.uint8)},
            r"X must be of shape \(32, 32, 3, n\) .*, not \(32, 32, 30\) and uint8",
        ),
        ({"X": np.zeros((28, 28, 3, 30), np.uint8)}, r"not \(28, 28, 3, 30\)"),
        ({"X": np.zeros((32, 32, 3, 30))}, "and float64"),
        ({"y": np.ones((29, 1), int)}, r"y must be of shape \(30, 1\).*not \(29, 1\)"),
        ({"y": np.zeros((30, 1), int)}, r"y must be 1 \.\.\. 10.*not 0 \.\.\. 0"),
        ({"y": None}, "must hold X and y, not X"),
    ],
)
def test_wrong_svhn_files_are_refused_with_what_was_found(tmp_path, changes, text):
    write_mat(tmp_path, "test", **changes)
    with pytest.raises(InputError, match=text):
        svhn.read_mat(tmp_path / svhn.FILES["test"], "test")


@pytest.mark.promise("digits.bad-input")
def test_absent_and_broken_svhn_files_are_refused(tmp_path):
    path = tmp_path / svhn.FILES["train"]
    with pytest.raises(InputError, match=r"put train_32x32\.mat .* nothing is downloaded"):
        svhn.read_svhn(tmp_path)
    write_mat(tmp_path, "train")
    whole = path.read_bytes()
    for broken in (b"", b"no matrix at all" * 20, whole[: len(whole) // 2], whole[:140]):
        path.write_bytes(broken)
        with pytest.raises(InputError, match="must be a MATLAB file|must hold X and y"):
            svhn.read_svhn(tmp_path)


def test_bad_arguments_are_refused():
    for make in (
        lambda: NetworkSpec("forest"),
        lambda: NetworkSpec(side=9),
        lambda: NetworkSpec(channels=()),
        lambda: noisy_tiles(1),
        lambda: noisy_tiles(6, -0.1),
        lambda: own_network("vgg"),
        lambda: Images(np.zeros((2, 8, 9), np.float32), np.zeros(2, int), "odd"),
        lambda: Images(np.zeros((2, 8, 8), np.float32), np.array([1, 10]), "odd"),
        lambda: Network(NetworkSpec(), (np.zeros((9, 16)),), (np.zeros(16),)),
    ):
        with pytest.raises(InputError):
            make()


def test_points_that_nothing_beats():
    a, b, c = ({"value": v, "joules": j} for v, j in ((0.9, 1.0), (0.9, 2.0), (0.95, 2.0)))
    assert is_better(a, b)
    assert is_better(c, b)
    assert not is_better(a, c)
    assert not is_better(c, a)
    assert not is_better(a, a)


@pytest.mark.promise("digits.accuracy")
def test_workload_meets_its_targets_without_jax():
    rows = workload_rows()
    assert all(row["ok"] for row in rows)
    assert sum("6-bit weights" in row["quantity"] for row in rows) == 2
