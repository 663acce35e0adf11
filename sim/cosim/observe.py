"""Where each register of the golden machine is found in the RTL: the list that lockstep compares."""

from __future__ import annotations

from ...emulator.spec.fabric.register_map import Register
from ...emulator.spec.spins import words_from_bits

COUNTERS = (Register.CYCLES, Register.SATURATIONS, Register.REFUSED)


def observed_registers(machine):
    """Return what to compare: path below the RTL's top, and a function that gives the golden value.

    Parameters
    ----------
    machine : spinchip.emulator.golden.fabric.machine.Machine
        The golden machine.

    Returns
    -------
    list of (str, callable)
        Names with dots, such as ``sequencer.phase``; functions of no argument that return an int.
    """
    spec = machine.spec
    pairs = [
        ("sequencer.phase", lambda: int(machine.phase)),
        ("sequencer.color", lambda: machine.color),
        ("sequencer.segment", lambda: machine.segment),
        ("sequencer.sweeps", lambda: machine.sweeps),
        ("sequencer.sweeps_left", lambda: machine.sweeps_left),
        ("sequencer.load_count", lambda: machine.load_count),
        ("sequencer.page", lambda: machine.page),
        ("sequencer.page_valid", lambda: int(machine.page_valid)),
        ("sequencer.pending", lambda: int(machine.pending)),
        ("sequencer.record_phase", lambda: machine.record_phase),
        ("fifo.level", lambda: len(machine.fifo)),
        ("read_data", lambda: machine.read_data),
    ]
    pairs += [(f"bus.setting_{r.name.lower()}", lambda r=r: machine.settings[r]) for r in machine.settings]
    pairs += [(f"bus.{r.name.lower()}", lambda r=r: getattr(machine, r.name.lower())) for r in COUNTERS]
    n_words = -(-spec.n_pbits // 32)
    pairs += [(f"spins_{k}", lambda k=k: _spin_word(machine, k)) for k in range(n_words)]
    pairs += [(f"fifo.head__{k}", lambda k=k: machine.fifo[0][k] if machine.fifo else 0) for k in range(n_words)]
    for register in (Register.WEIGHTS, Register.OFFSETS, Register.CLAMPS):
        if machine.planes[register]:
            pairs.append((f"{register.name.lower()}.words", _packed(machine, register)))
    if spec.dense:
        pairs += _dense_registers(machine)
    words = spec.random.state_words
    for g in range(spec.n_generators):
        for k in range(words):
            pairs.append((f"random_{g}.state_{k}", lambda at=g * words + k: machine.planes[Register.SEEDS][at]))
    if spec.moment_bits:
        names = [f"ups_{i}" for i in range(spec.n_pbits)] + [f"agreements_{i}_{j}" for i, j in spec.edges]
        pairs += [
            (f"moments.{name}", lambda at=at: machine.planes[Register.MOMENTS][at]) for at, name in enumerate(names)
        ]
        pairs.append(("bus.moment_count", lambda: machine.moment_count))
    return pairs


def _dense_registers(machine):
    """Return the pointers and accumulators of a dense fabric; see `observed_registers`."""
    n = machine.spec.n_pbits
    mask = (1 << machine.spec.accumulator_bits) - 1
    names = ("place", "at", "waiting", "drawing", "row", "column")
    pairs = [(name, lambda name=name: int(getattr(machine, name))) for name in names]
    pairs += [("sequencer.priming", lambda: int(machine.priming))]
    pairs += [(f"lane_{i}.sum", lambda i=i: int(machine.sums[i]) & mask) for i in range(n)]
    return pairs + [(f"lane_{i}.word", lambda i=i: int(machine.columns[i])) for i in range(n)]


def _spin_word(machine, k):
    return words_from_bits(machine.bits[32 * k : 32 * (k + 1), 0])[0]


def _packed(machine, register):
    """Return a function that packs a plane into one integer, again only when the plane has changed."""
    width = machine.plane_bits[register]
    memory = [None, 0]

    def value():
        plane = machine.planes[register]
        if plane is not memory[0]:
            text = "".join(f"{word:0{width}b}" for word in reversed(plane))
            memory[:] = [plane, int(text, 2)]
        return memory[1]

    return value
