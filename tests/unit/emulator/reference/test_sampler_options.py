"""What the backends keep, accept and refuse."""

import re

import numpy as np
import pytest

from spinchip.emulator.reference.bit_layout import MAX_SUM, integer_form, threshold_table
from spinchip.emulator.reference.bitsliced import BitSlicedSampler
from spinchip.emulator.reference.layout import sweep_layout
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule

SAMPLERS = {
    "float32": ReferenceSampler,
    "float64": lambda **options: ReferenceSampler("float64", **options),
    "bitsliced": BitSlicedSampler,
}
SCHEDULE = Schedule(((0.3, 7), (0.8, 13)))


@pytest.fixture(params=SAMPLERS)
def new(request):
    return SAMPLERS[request.param]


def glass(n=11, seed=0):
    rng = np.random.default_rng(seed)
    edges = [(i, j) for i in range(n) for j in range(i) if rng.random() < 0.35]
    return IsingInstance.from_edges(n, edges, rng.choice([-1.0, 1.0, 2.0], len(edges)), rng.choice([0.0, 1.0], n))


@pytest.mark.promise("reference.options")
@pytest.mark.parametrize("n_chains", [1, 83, 600])
def test_moments_are_those_of_the_states(new, n_chains):
    instance, recording = glass(), Recording(after=4, every=3)
    kept = new().sample(instance, SCHEDULE, n_chains, seed=1, recording=recording)
    assert kept.spins.shape == (n_chains, 5, 11)
    assert kept.spins.dtype == np.int8
    ends = instance.edges
    np.testing.assert_allclose(kept.energies, instance.energies(kept.spins), rtol=1e-12)
    np.testing.assert_allclose(kept.magnetizations, kept.spins.mean(axis=2), atol=1e-12)
    np.testing.assert_allclose(kept.spin_means, kept.spins.mean(axis=(0, 1)), atol=1e-12)
    products = kept.spins[..., ends[:, 0]] * kept.spins[..., ends[:, 1]]
    np.testing.assert_allclose(kept.edge_means, products.mean(axis=(0, 1)), atol=1e-12)
    lean = new().sample(instance, SCHEDULE, n_chains, seed=1, recording=Recording(after=4, every=3, spins=False))
    assert lean.spins is None
    for name in ("energies", "magnetizations", "spin_means", "edge_means", "final_spins"):
        assert np.array_equal(getattr(lean, name), getattr(kept, name)), name


@pytest.mark.promise("reference.options")
def test_kept_sweeps_are_those_asked_for(new):
    every_sweep = new().sample(glass(), SCHEDULE, 3, seed=2).spins
    for after, every in ((0, 1), (3, 4), (19, 1), (0, 20)):
        chosen = new().sample(glass(), SCHEDULE, 3, seed=2, recording=Recording(after, every))
        assert np.array_equal(chosen.spins, every_sweep[:, after + every - 1 :: every])
        assert np.array_equal(chosen.final_spins, every_sweep[:, -1])


def test_nothing_kept_leaves_means_unknown(new):
    samples = new().sample(glass(), SCHEDULE, 2, recording=Recording(after=20))
    assert samples.energies.shape == (2, 0)
    assert np.isnan(samples.spin_means).all()
    assert np.isnan(samples.edge_means).all()
    assert samples.final_spins.shape == (2, 11)


def test_split_segments_change_nothing(new):
    whole = new().sample(glass(), Schedule.constant(0.5, 12), 5, seed=3)
    split = new().sample(glass(), Schedule(((0.5, 5), (0.5, 7))), 5, seed=3)
    assert np.array_equal(whole.spins, split.spins)


def test_ledger_counts_free_spins(new):
    clamps = np.zeros(11, dtype=np.int8)
    clamps[[2, 5]] = 1
    samples = new().sample(glass(), SCHEDULE, 4, clamps=clamps)
    assert samples.ledger.events == {"sweeps": 80, "updates": 80 * 9}
    assert samples.ledger.wall_seconds > 0
    assert (samples.spins[..., [2, 5]] == 1).all()
    assert samples.provenance["schedule"] == SCHEDULE.segments


def test_all_spins_clamped_stay(new):
    clamps = np.where(np.arange(11) % 2, 1, -1)
    assert (new().sample(glass(), SCHEDULE, 70, clamps=clamps).spins == clamps).all()


def test_strong_bias_sets_the_sign(new):
    lone = IsingInstance.from_edges(2, [], [], [5.0, -5.0])
    assert np.unique(
        new().sample(lone, Schedule.constant(4.0, 20), 100).spins[:, 1:].reshape(-1, 2), axis=0
    ).tolist() == [[1, -1]]


def test_given_colors_are_used_and_checked(new):
    square = IsingInstance.from_edges(4, [(0, 1), (1, 2), (2, 3), (0, 3)], np.ones(4))
    for colors in ([0, 1, 0, 1], [0, 1, 2, 1]):
        assert new(colors=colors).sample(square, SCHEDULE, 2).spins.shape == (2, 20, 4)
    with pytest.raises(InputError, match=r"^Coupled spins must differ in colour, not 0 and 1, both of colour 0$"):
        new(colors=[0, 0, 1, 1]).sample(square, SCHEDULE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_chains": 0}, "Chains must be a whole number of at least 1, not 0"),
        ({"seed": -1}, "Seed must be a whole number of at least 0, not -1"),
        ({"clamps": [0, 2] + [0] * 9}, "Clamps must be 11 values out of -1, 0, +1"),
        ({"clamps": [0]}, "Clamps must be 11 values out of -1, 0, +1"),
        ({"initial": np.ones(3)}, "Initial state must have shape (11,) or (1, 11), not (3,)"),
        ({"initial": [0] * 11}, "Initial state must be -1 or +1, not 0"),
    ],
)
def test_bad_arguments_are_refused(new, arguments, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        new().sample(glass(), SCHEDULE, **arguments)


def test_bad_options_are_refused():
    with pytest.raises(InputError, match=r"^Type must be float32 or float64, not 'int8'$"):
        ReferenceSampler("int8")
    for sampler in (ReferenceSampler, BitSlicedSampler):
        with pytest.raises(InputError, match=r"^Threads must be a whole number of at least 1, not 0$"):
            sampler(n_threads=0)


def test_layout_keeps_the_fields():
    """Rows are a renumbering: the fields of all states are those of the instance, free rows of one colour uncoupled."""
    instance, clamps = glass(), np.array([0, 1] + [0] * 9)
    layout = sweep_layout(instance, clamps)
    assert layout.order[-1] == 1
    assert layout.n_free == 10
    spins = np.random.default_rng(1).choice([-1, 1], (4, 11)).astype(np.int8)
    rows = layout.rows_from_spins(spins)
    fields = np.empty((4, 11))
    for row in range(11):
        entries = slice(layout.pointers[row], layout.pointers[row + 1])
        fields[:, layout.order[row]] = layout.biases[row] + layout.values[entries] @ rows[layout.neighbors[entries]]
    np.testing.assert_allclose(fields, instance.local_fields(spins))
    assert np.array_equal(layout.spins_from_rows(rows), spins)
    for first, last in zip(layout.bounds, layout.bounds[1:], strict=False):
        members = layout.order[first:last]
        assert instance.couplings[members][:, members].nnz == 0


def test_unit_is_found():
    third = 1 / 3
    for values, biases, unit, largest in (
        ([1.0, -1.0], [0.0] * 3, 1.0, 2),
        ([1.0, 1.0], [0.3] * 3, 0.1, 23),
        ([1.5, -1.0], [0.0, 0.25, 0.0], 0.25, 11),
        ([third, 2 * third], [0.0] * 3, third, 3),
    ):
        chain = IsingInstance.from_edges(3, [(0, 1), (1, 2)], values, biases)
        form = integer_form(sweep_layout(chain, np.zeros(3)))
        assert form.unit == pytest.approx(unit)
        assert form.largest == largest
        np.testing.assert_allclose(form.couplings * form.unit, sweep_layout(chain, np.zeros(3)).values)


def test_what_is_no_small_integer_is_refused():
    gaussian = IsingInstance.from_edges(3, [(0, 1), (1, 2)], [0.123456, -1.98765])
    with pytest.raises(InputError, match=r"^Couplings and biases must be small multiples of one unit"):
        BitSlicedSampler().sample(gaussian, SCHEDULE)
    hub = IsingInstance.from_edges(64, [(0, i) for i in range(1, 64)], np.ones(63))
    with pytest.raises(InputError, match=f"^Local fields must stay within {MAX_SUM} units of 1 for bit slicing"):
        BitSlicedSampler().sample(hub, SCHEDULE)
    assert ReferenceSampler().sample(hub, SCHEDULE).spins.shape == (1, 20, 64)


@pytest.mark.promise("reference.bit-sliced")
def test_threshold_table_holds_the_probabilities():
    """Bits put together again give 2^64 / (1 + exp(2 beta u (2 m + q))), rounded as a double."""
    for n_classes in (1, 4, 9):
        table = threshold_table(0.7, 0.5, n_classes).reshape(2, 64, n_classes) != 0
        table[:, :, 1:] ^= table[:, :, :1]
        for q in range(2):
            for m in range(n_classes):
                value = sum(int(bit) << (63 - k) for k, bit in enumerate(table[q, :, m]))
                exact = 2.0**64 / (1 + np.exp(2 * 0.7 * 0.5 * (2 * m + q)))
                assert value == pytest.approx(exact, rel=1e-15, abs=0.5)
