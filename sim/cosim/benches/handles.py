"""Registers of a design under cocotb, by their dotted paths."""

from __future__ import annotations

import re


def find(top, path):
    """Return the handle at a dotted path below the top; ``name[k]`` is word k of a memory."""
    handle = top
    for name, word in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        handle = getattr(handle, name)
        if word:
            handle = handle[int(word)]
    return handle


def reader(top, path):
    """Return a function that reads the bits of a register as text, highest first.

    It asks the simulator and nobody else: the type that `handle.value` wraps around each word took most of the time of
    a bench that reads a hundred words in every cycle.
    """
    return find(top, path)._handle.get_signal_val_binstr  # private, but cocotb is pinned to one version


def readers(top, observed):
    """Return (name, function that reads it, golden's function) for each pair of name and golden's function."""
    return [(name, reader(top, name), golden) for name, golden in observed]
