"""Training of digit networks (extra ``models``): shuffled labels, noise, stopping and going on."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.digits.images import bundled, train_and_test
from spinchip.models.digits.network import NetworkSpec

jax = pytest.importorskip("jax")
pytest.importorskip("optax")
training = pytest.importorskip("spinchip.models.digits.training")

TRAIN, TEST = train_and_test(bundled())
MLP = NetworkSpec("mlp", n_hidden=32)
PLAN = training.DigitPlan(n_epochs=20)


class Killed(Exception):
    """Stands for the end of a process."""


@pytest.mark.promise("digits.accuracy")
@pytest.mark.slow
def test_a_network_learns_digits_and_nothing_of_shuffled_labels():
    network, history = training.train(MLP, TRAIN, PLAN, 1)
    assert network.accuracy(TEST) > 0.93
    assert history[-1]["loss"] < 0.2 * history[0]["loss"]
    # Pictures of one digit look alike: single accuracies spread by 0.04, not by the 0.014 of 450 guesses.
    plan = training.DigitPlan(n_epochs=8)
    shares = [training.train(MLP, TRAIN.relabelled(k), plan, k)[0].accuracy(TEST) for k in range(6)]
    assert abs(np.mean(shares) - 0.1) < 4 * 0.04 / np.sqrt(6)


@pytest.mark.slow
def test_a_killed_training_goes_on_as_if_it_had_not_stopped(tmp_path):
    whole, told = training.train(MLP, TRAIN, PLAN, 1)

    def kill(epoch, record):
        if epoch == 7:
            raise Killed

    with pytest.raises(Killed):
        training.train(MLP, TRAIN, PLAN, 1, tmp_path, kill)
    epochs = []
    resumed, history = training.train(MLP, TRAIN, PLAN, 1, tmp_path, lambda epoch, record: epochs.append(epoch))
    assert epochs == list(range(8, 21))
    assert history == told
    for mine, wanted in zip(resumed.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(mine, wanted)


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    short = training.DigitPlan(n_epochs=1)
    training.train(MLP, TRAIN, short, 1, tmp_path)
    with pytest.raises(InputError, match="of this training"):
        training.train(MLP, TRAIN, short, 2, tmp_path)
    with pytest.raises(InputError, match="of this training"):
        training.train(MLP, TEST, short, 1, tmp_path)
    (tmp_path / training.CHECKPOINT).write_bytes(b"torn")
    with pytest.raises(InputError, match="must be a file of a training"):
        training.train(MLP, TRAIN, short, 1, tmp_path)


def test_seeds_of_any_size_train_and_differ():
    plan = training.DigitPlan(n_epochs=1)
    one, other = (training.train(MLP, TRAIN, plan, 2**70 + k)[0].weights[0] for k in range(2))
    assert not np.array_equal(one, other)


def test_realised_weights_are_coarse_and_noisy_and_gradients_see_neither():
    weight = np.random.default_rng(1).standard_normal((50, 60)).astype(np.float32)
    key = jax.random.key(1)
    coarse = np.asarray(training._realised(training.DigitPlan(weight_bits=3), weight, key))
    assert len(np.unique(np.round(coarse / np.abs(weight).max() * 3).astype(int))) == 7
    noisy = np.asarray(training._realised(training.DigitPlan(weight_noise=0.05), weight, key)) - weight
    assert noisy.std() / np.abs(weight).max() == pytest.approx(0.05, rel=4 / np.sqrt(2 * weight.size))
    plan = training.DigitPlan(weight_bits=3, weight_noise=0.05)
    slope = jax.grad(lambda w: training._realised(plan, w, key).sum())(weight)
    np.testing.assert_allclose(slope, 1.0)


def test_bits_have_the_chance_of_their_sigmoid():
    x = np.full((200, 300), 0.7, np.float32)
    bits = np.asarray(training.drawn(jax.random.key(2), 0, x))
    assert set(np.unique(np.round(bits, 5))) == {0.0, 1.0}
    chance = 1 / (1 + np.exp(-0.7))
    assert abs(bits.mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / x.size)


def test_bad_plans_are_refused():
    for changes in ({"n_epochs": 0}, {"rate": 0.0}, {"weight_bits": 1}, {"weight_noise": -1.0}):
        with pytest.raises(InputError):
            training.DigitPlan(**changes)
    with pytest.raises(InputError, match="side 8"):
        training.train(MLP, type(TRAIN)(np.zeros((5, 4, 4), np.float32), np.zeros(5, int), "x"), PLAN, 1)
    with pytest.raises(InputError, match="sigmoids"):
        training.train(MLP, TRAIN, training.DigitPlan(is_stochastic=True), 1)
