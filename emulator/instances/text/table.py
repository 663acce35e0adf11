"""Tables ``i, j, J`` with a line of column names, as spreadsheets and data frames write them."""

from __future__ import annotations

from ..faults import fault, shown
from .coo import edge_list_of_rows
from .lines import data_lines
from .triples import is_number, read_triples

COUPLING = ("j", "jij", "j_ij", "coupling", "couplings")  # names, in any case, that mean E = - sum J s s


def read_table(path, base=None, sign=None, sense=None):
    """Read lines ``i j J`` and ``i i h`` below column names; without names it is a coo file.

    Parameters
    ----------
    path : str or Path
        The file; blanks, tabs, commas or semicolons between the columns.
    base, sign, sense
        Same meaning as in `read_coo`. A third column that is not called J, Jij or coupling may be a weight, a bias of
        dimod or an entry of a QUBO: then sign or sense must be given.

    Returns
    -------
    EdgeList
    """
    number, words = next(data_lines(path), (None, []))
    names = [word.strip("\"'") for word in words]
    if not names or any(is_number(word) for word in names):  # a mistyped first row is no line of names
        return edge_list_of_rows(read_triples(path), base, sign, sense)
    if len(names) != 3:
        hint = "a matrix? write it without names" if len(names) > 3 else "edges? delete the names, --format edges"
        rule = f"three columns i, j, J, not {len(names)}: {shown(' '.join(names))} ({hint})"
        raise fault(path, f"Table must have {rule}", number)
    if names[2].lower() not in COUPLING and sign is None and sense is None:
        readings = (
            "--sign minus (E = -sum, a coupling J), --sign plus (E = +sum, Max-Cut, dimod), --sense min or max (a QUBO)"
        )
        raise fault(path, f"Column {shown(names[2])} must be given by an option, not guessed: {readings}", number)
    return edge_list_of_rows(read_triples(path, has_header=True), base, sign, sense)
