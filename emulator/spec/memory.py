"""Memory that arguments ask for, against what this machine has: refused before the work, with both numbers."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from .errors import InputError

SHARE = 0.5  # of the machine's memory that one run may ask for; the rest is the system's and other programs'
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def check_memory(n_bytes, subject, cure):
    """Refuse work that asks for more than `SHARE` of the machine's memory.

    Parameters
    ----------
    n_bytes : int or float
        What the work takes at least [byte].
    subject : str
        What asks for it; starts the sentence.
    cure : str
        What the user can do, for the message.

    Raises
    ------
    InputError
        With the memory that it would take and the limit.
    """
    limit = SHARE * machine_bytes()
    if n_bytes > limit:
        half = f"{memory_text(limit)}, {100 * SHARE:.0f} % of this machine's memory"
        raise InputError(f"{subject} must fit into {half}, not take {memory_text(n_bytes)}: {cure}")


def machine_bytes():
    """Return the memory that this process may use at most [byte]: the machine's, its container's or its own limit."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in CGROUP_LIMITS:
        try:
            text = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        limits += [int(text)] if text.isdecimal() else []  # "max" is no limit
    own = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min([*limits, own] if own != resource.RLIM_INFINITY else limits)


def memory_text(n_bytes):
    """Return an amount of memory as people write it.

    >>> memory_text(2.5e6), memory_text(3 * 10**10), memory_text(7e30)
    ('2.5 MB', '30 GB', '7e+21 GB')
    """
    return f"{n_bytes / 1e9:.3g} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.3g} MB"
