"""Pictures of 4 x 4 pixels: what is bright, what is left out, what the larger class is."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.digits.images import Images
from spinchip.models.qcnn.pixels import pixel_task


def picture(bright):
    """Return 8 x 8 pixels whose blocks of 2 x 2 with these numbers are 0.9, the others 0.1."""
    blocks = np.full(16, 0.1)
    blocks[list(bright)] = 0.9
    return np.kron(blocks.reshape(4, 4), np.ones((2, 2)))


def test_pictures_of_both_digits_are_left_out():
    bright = ((0, 1), (0, 1), (2,), (3,), (3,), (5,))
    pixels = np.stack([picture(one) for one in bright]).astype(np.float32)
    task = pixel_task(Images(pixels, np.array([3, 6, 3, 3, 3, 7]), "made by hand"))
    assert (task.n_unique, task.n_contradictory) == (3, 1)  # the 7 does not count
    assert task.labels.tolist() == [1.0, 1.0, 1.0]
    assert task.majority == 1.0
    assert [np.flatnonzero(one).tolist() for one in task.bits] == [[2], [3], [3]]


def test_division_and_bad_sides():
    pixels = np.stack([picture((k,)) for k in range(16)]).astype(np.float32)
    task = pixel_task(Images(pixels, np.array([3, 6] * 8), "made by hand"))
    train, test = task.divided(0.25, 1)
    assert (len(train[1]), len(test[1])) == (12, 4)
    with pytest.raises(InputError, match="multiple of 4, not 10"):
        pixel_task(Images(np.zeros((1, 10, 10), np.float32), np.array([3]), "odd"))
