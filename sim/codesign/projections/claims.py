"""What the source slides claim of neural quantum states on junctions and crossbars, row by row beside what is found."""

from __future__ import annotations

from ....emulator.ledger.hermes import hermes
from .estimate import Estimate, exact
from .machines import PBIT_S, SLIDES

SLIDE_STEP_S = (2 * 4e-9 + 2 * 1e-9, 2 * 100e-9 + 2 * 1e-9)  # two products and two flips, as the slides have them
FLAT = 4.0  # memory that changes by less than this factor over thirty times the sites is called flat
SPEED_UP, ENERGY_GAIN, CPU_J, MACHINE_J = (100.0, 10_000.0), 1e5, 0.2, 2e-6


def verdict(found, low, high):
    """Return how a range of ours stands to a claimed one.

    >>> verdict(exact(5.0, "measured", ""), 1.0, 10.0), verdict(exact(50.0, "measured", ""), 1.0, 10.0)
    ('reproduced', 'contradicted: more')
    >>> verdict(Estimate(0.5, 2.0, 3.0, "measured", ""), 1.0, 10.0)
    'in part'
    """
    if low <= found.low and found.high <= high:
        return "reproduced"
    if found.high < low:
        return "contradicted: less"
    if found.low > high:
        return "contradicted: more"
    return "in part"


def claim_rows(measured, machines, order):
    """Return the table of claims.

    Parameters
    ----------
    measured : list of MeasuredNetwork
        Measured networks of rising size.
    machines : list of Machine
        Machines for the largest of them, see `network_machines`.
    order : dict of int to (float, float)
        Memory of the order by sites: sweeps of block Gibbs, attempts of Metropolis.

    Returns
    -------
    list of dict
        ``claim``, ``slides``, ours, ``verdict``, ``decided_by``.
    """
    return [
        *_memory_rows(measured, order),
        *_speed_rows(measured[-1], machines),
        *_energy_rows(machines),
        *_part_rows(),
    ]


def _row(claim, slides, ours, said, decided_by):
    return {"claim": claim, "slides": slides, "ours": ours, "verdict": said, "decided_by": decided_by}


def _memory_rows(measured, order):
    sites = f"N = {measured[0].n_sites} ... {measured[-1].n_sites}"
    rows = []
    for name, key, text in (
        ("kept sweeps", "tau_kept", "sweeps of states with magnetisation are not counted"),
        ("all sweeps", "tau_sweeps", "every sweep takes time, also that of a rejected state"),
    ):
        values = [getattr(one.memory, key) for one in measured]
        grown = values[-1] / values[0]
        said = "reproduced" if grown < FLAT else "contradicted: it grows"
        ours = f"{min(values):.2g} ... {max(values):.2g} {name}"
        rows.append(_row(f"memory of the energy is flat, {name}, {sites}", "O(1)", ours, said, text))
    sweeps = {n: found[0] for n, found in order.items()}
    ours = ", ".join(f"{value:.0f} at {n}" for n, value in sweeps.items())
    said = "contradicted: longer" if min(sweeps.values()) > 10.0 else "reproduced"
    text = "the local energy is nearly the same in all states and forgets first; the order does not"
    rows.append(
        _row("memory of the squared staggered magnetisation, sweeps", "about 2 (of the energy)", ours, said, text)
    )
    return rows


def _speed_rows(found, machines):
    core = machines[0]
    low, high = SPEED_UP
    rows = []
    for name, counting in (("kept sweeps", "kept"), ("all sweeps", "sweeps")):
        gain = found.attempt_s * found.memory.steps(1.0, "attempts") / found.memory.steps(1.0, counting)
        fast, slow = (gain / step_s for step_s in SLIDE_STEP_S)
        ours = Estimate(slow, (slow * fast) ** 0.5, fast, "simulated", "")
        said, claimed = verdict(ours, low, high), f"{low:g} ... {high:g}"
        text = f"products and flips as in the slides; an attempt takes {1e6 * found.attempt_s:.2g} us on one core here"
        rows.append(_row(f"speed-up at N = {found.n_sites}, {name}", claimed, ours.text, said, text))
    best = machines[-1]
    ours = core.seconds.over(best.seconds)
    text = "products of 4 ... 133 ns (HERMES as published), flips of 1 ... 10 ns"
    name = f"speed-up at N = {found.n_sites}, all sweeps, published parts"
    rows.append(_row(name, f"{low:g} ... {high:g}", ours.text, verdict(ours, low, high), text))
    return rows


def _energy_rows(machines):
    core, best = machines[0], machines[-1]
    ours = core.joules.over(best.joules)
    text = "whole tiles at HERMES' price; the slides leave out converters and digital parts, or assume less"
    rows = [_row("energy gain", f"{ENERGY_GAIN:g}", ours.text, verdict(ours, 0.5 * ENERGY_GAIN, 2 * ENERGY_GAIN), text)]
    for name, machine, claimed in (("one core", core, CPU_J), ("junctions and crossbar", best, MACHINE_J)):
        said = verdict(machine.joules, 0.5 * claimed, 2.0 * claimed)
        text = "the accuracy that the slides stop at is not printed; here a relative error of the energy as asked for"
        rows.append(_row(f"joules, {name}", f"{claimed:g}", machine.joules.text, said, text))
    return rows


def _part_rows():
    product = exact(hermes(1).trace().latency_s, "simulated", "")
    said = verdict(product, 4e-9, 1e-7)
    traced = "trace of HERMES in one phase, a published chip with 8-bit inputs"
    flips = "in-plane junctions were measured at 5 ... 10 ns; 1 ns is predicted of easy-plane ones"
    return [
        _row("time of a product in memory [s]", "4e-09 ... 1e-07", f"{product.best:.3g}", said, traced),
        _row("time of a flip [s]", "1e-09", PBIT_S.text, "in part", flips),
    ]


def headline(rows):
    """Return one line that sums the verdicts up."""
    counts = {}
    for row in rows:
        word = row["verdict"].split(":")[0]
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{n} {word}" for word, n in counts.items()) + f" of {len(rows)} claims of the {SLIDES}"
