"""Short names of files, such that different files keep different names."""

from __future__ import annotations

import re
from pathlib import Path

_ENDING = re.compile(r"\.[A-Za-z]\w*$")


def short_name(path):
    """Return the name of a file without folder and without its ending, which begins with a letter.

    What follows a dot and begins with a digit belongs to the name: series are numbered so.

    Parameters
    ----------
    path : str or Path
        Path of the file.

    Returns
    -------
    str
        Never empty for a path that has a name.

    Examples
    --------
    >>> [short_name(name) for name in ("a_100.0", "a_100.1", "b2.5-100_1", "in/G14.txt", "x.0.csv", ".txt")]
    ['a_100.0', 'a_100.1', 'b2.5-100_1', 'G14', 'x.0', '.txt']
    """
    name = Path(path).name
    return _ENDING.sub("", name) or name
