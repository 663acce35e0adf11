"""Street View House Numbers from the user's own files; nothing is downloaded."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from ...emulator.spec.errors import InputError
from .images import Images

SIDE = 32
FILES = {"train": "train_32x32.mat", "test": "test_32x32.mat"}
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
# What a broken file makes the reader raise, a newer format (HDF5) included.
BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    OSError,
    EOFError,
    NotImplementedError,
    MatReadError,
    zlib.error,
    struct.error,
)
VALIDATION_SHARE = 0.2


def read_svhn(folder, seed=0):
    """Return the sets for training, validation and test of the cropped digits, grey, 0 to 1; three of Images.

    A fifth of every digit of the training file is kept for validation.

    Parameters
    ----------
    folder : path
        With ``train_32x32.mat`` and ``test_32x32.mat`` as published.
    seed : int
        Seed of the division.

    Raises
    ------
    InputError
        If a file is not there, not readable, or of another shape; the text names what was found and what was wanted.
    """
    train, validation = read_mat(Path(folder) / FILES["train"], "train").divided(VALIDATION_SHARE, seed)
    return train, validation, read_mat(Path(folder) / FILES["test"], "test")


def read_mat(path, part):
    """Return one file as Images; see `read_svhn`."""
    path = Path(path)
    if not path.is_file():
        text = f"{path}: file must be there, which it is not; put {FILES[part]} of the SVHN data set into that folder"
        raise InputError(f"{text} (format 2, cropped digits), nothing is downloaded")
    try:
        found = loadmat(path)
    except BROKEN as error:
        raise InputError(f"{path}: file must be a MATLAB file that can be read, which it is not: {error}") from None
    missing = {"X", "y"} - set(found)
    if missing:
        raise InputError(
            f"{path}: file must hold X and y, not {', '.join(k for k in found if k[0] != '_') or 'nothing'}"
        )
    pixels, labels = found["X"], found["y"]
    if pixels.ndim != 4 or pixels.shape[:3] != (SIDE, SIDE, 3) or pixels.dtype != np.uint8:
        raise InputError(
            f"{path}: X must be of shape (32, 32, 3, n) and type uint8, not {pixels.shape} and {pixels.dtype}"
        )
    n = pixels.shape[3]
    if labels.size != n or labels.shape not in ((n, 1), (1, n), (n,)):
        raise InputError(f"{path}: y must be of shape ({n}, 1), a label for every picture, not {labels.shape}")
    labels = labels.ravel().astype(np.int64)
    if n == 0 or labels.min() < 1 or labels.max() > 10:
        raise InputError(f"{path}: y must be 1 ... 10, ten being the digit 0, not {labels.min()} ... {labels.max()}")
    grey = np.einsum("xycn,c->nxy", pixels.astype(np.float32) / 255.0, LUMA)
    return Images(grey, labels % 10, f"SVHN {part}")
