"""A long file is read whole, by the fast parser, in a bounded number of bytes a line."""

import tracemalloc

import numpy as np
import pytest

from spinchip.emulator.instances.resolve import read_instance
from spinchip.emulator.instances.text.lines import data_lines
from spinchip.emulator.spec.errors import InputError

N_LINES = 200_000
BYTES_PER_LINE = 250  # 215 measured; 1e7 lines then need 2.2 GB at most (resident: 1.5 GB)


def peak_bytes_per_line(function):
    """Return what ``function`` returns, and the most memory it held at once."""
    tracemalloc.start()
    try:
        result = function()
        return result, tracemalloc.get_traced_memory()[1] / N_LINES
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def long_file(tmp_path_factory):
    """Return a rudy file of `N_LINES` edges, i to i + 1 ... i + 5, with weights that follow from the ends."""
    first = np.repeat(np.arange(N_LINES // 5), 5)
    second = first + np.tile(np.arange(1, 6), N_LINES // 5)
    weights = (first + second) % 7 - 3.5
    path = tmp_path_factory.mktemp("long") / "long.rudy"
    rows = np.column_stack([first + 1, second + 1, weights])
    header = f"{second.max() + 1} {N_LINES}"
    np.savetxt(path, rows, fmt="%d %d %g", header=header, comments="")
    return path


@pytest.mark.promise("instances.long-file")
def test_long_file_is_read_whole_in_bounded_memory(long_file):
    instance, peak = peak_bytes_per_line(lambda: read_instance(long_file))
    ends = instance.edges
    assert instance.n_couplings == N_LINES
    assert set((ends[:, 1] - ends[:, 0]).tolist()) == {1, 2, 3, 4, 5}
    assert np.array_equal(instance.edge_values, -(ends.sum(axis=1) % 7 - 3.5))
    assert peak < BYTES_PER_LINE, f"{peak=:.0f} bytes a line"


def test_memory_of_a_list_of_lines_is_seen(long_file):
    _, peak = peak_bytes_per_line(lambda: list(data_lines(long_file)))
    assert peak > BYTES_PER_LINE, f"test too weak: {peak=:.0f} bytes a line"


MANY = {  # a few bytes that declare many spins
    "x.coo": "0 49999999 1\n",
    "y.coo": "0 1 1\n49999999 49999999 0\n",
    "x.rudy": "50000000 1\n1 2 1\n",
    "text_JOrig.txt": "0 9000000 4\n9000000 0 4\n",
    "x.cnf": "p cnf 50000000 1\n1 -50000000 0\n",
}


@pytest.mark.promise("instances.bounded-memory")
@pytest.mark.parametrize("name", MANY)
def test_few_bytes_never_declare_many_spins(tmp_path, name):
    """Memory is bounded by the size of the file: 100,000 spins and 4 for each byte."""
    path = tmp_path / name
    path.write_text(MANY[name])
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"Number of spins must be at most 100000 \+ 4 for each byte of the file"):
            read_instance(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.promise("instances.bounded-memory")
def test_a_spin_that_each_line_names_is_never_too_many(tmp_path):
    path = tmp_path / "x.coo"
    path.write_text("".join(f"{i} {i} 1\n" for i in range(300_000)))
    assert read_instance(path).n_spins == 300_000
