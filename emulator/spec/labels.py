"""The names of an instance's spins, and the constant of its energy, checked."""

from __future__ import annotations

import numpy as np

from .errors import InputError


def checked_offset(offset):
    """Return the offset as a float."""
    if not isinstance(offset, int | float | np.integer | np.floating) or not np.isfinite(float(offset)):
        raise InputError(f"Offset must be a finite number, not {offset!r}")
    return float(offset)


def checked_labels(labels, n):
    """Return the labels as a tuple of int and str, or None."""
    if labels is None:
        return None
    if isinstance(labels, str) or not hasattr(labels, "__iter__"):
        raise InputError(f"Labels must be a list of {n} names, not {labels!r}")
    labels = tuple(label.item() if isinstance(label, np.generic) else label for label in labels)
    if len(labels) != n:
        raise InputError(f"Labels must be {n}, one a spin, not {len(labels)}")
    odd = next((label for label in labels if not isinstance(label, int | str) or isinstance(label, bool)), None)
    if odd is not None:
        raise InputError(f"Label must be a whole number or a text, not {odd!r}")
    seen = set()
    twice = next((label for label in labels if label in seen or seen.add(label)), None)
    if twice is not None:
        raise InputError(f"Labels must differ from each other, not hold {twice!r} twice")
    return labels
