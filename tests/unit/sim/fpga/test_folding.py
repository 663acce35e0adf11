"""A design that does not fit is built with more colours, as long as that can help."""

import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.sim.fpga.folding import DoesNotFitError, build_folded

GLASS = resolve("[ea2d L=8 seed=1]")  # two colours


def builder(cells_of, tried):
    """Return a build for a device of 100 cells."""

    def build(spec):
        tried.append(spec.n_colors)
        cells = cells_of(spec)
        if cells > 100:
            raise DoesNotFitError(f"{cells} cells", cells / 100)
        return cells

    return build


def test_fewest_doubled_colors_that_fit_are_taken():
    tried, notes = [], []
    assert build_folded(GLASS, FabricOptions(), builder(lambda s: 80 + 160 // s.n_colors, tried), notes.append) == 100
    assert tried == [2, 4, 8]
    assert notes[0] == "64 p-bits in 2 colours need 1.60 of the device; trying 4 colours"


@pytest.mark.parametrize(
    ("cells_of", "options", "expected"),
    [
        (lambda s: 301, FabricOptions(), [2]),  # more than colours can save
        (lambda s: 150, FabricOptions(), [2, 4, 8, 16]),  # colours do not help
        (lambda s: 150, FabricOptions(n_colors=4), [4]),  # the user chose
    ],
)
def test_hopeless_design_is_refused_with_the_first_words(cells_of, options, expected):
    tried = []
    with pytest.raises(DoesNotFitError, match=f"^{cells_of(None)} cells$"):
        build_folded(GLASS, options, builder(cells_of, tried), lambda line: None)
    assert tried == expected
