"""A long file is read whole, by the fast parser, in a bounded number of bytes a line."""

import tracemalloc

import numpy as np
import pytest

from spinchip.emulator.instances.resolve import read_instance
from spinchip.emulator.instances.triples import data_lines

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
