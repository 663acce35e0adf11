"""The workloads that can be projected: what each takes, and its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ....emulator.spec.errors import InputError
from ....emulator.spec.fabric.quantised import FabricOptions

MAX_BETA = 100.0
GLASS, CUT, LOGIC = "[ea3d L=6 seed=1]", "t2g10_5555", "[multiplier bits=3]"


@dataclass(frozen=True)
class Wish:
    """What a user asks of a projection; None is the workload's default.

    Parameters
    ----------
    error : float, optional
        Accuracy, as the workload means it.
    instance : str, optional
        A file, a generator or a shipped graph.
    beta : float, optional
        Inverse temperature.
    hold : dict of str to int, optional
        Numbers held at ports.
    options : FabricOptions, optional
        Options of the p-computer's fabric.
    fmax_hz : float, optional
        Clock of the p-computer [Hz].
    is_full : bool
        All sizes and long chains.
    seed : int
        Seed of everything drawn.
    """

    error: float | None = None
    instance: str | None = None
    beta: float | None = None
    hold: dict | None = None
    options: FabricOptions | None = None
    fmax_hz: float | None = None
    is_full: bool = False
    seed: int = 1


@dataclass(frozen=True)
class Projection:
    """A workload that can be projected.

    Parameters
    ----------
    rows : callable
        From a `Wish`, its defaults filled in, to a dict: ``workload``, ``rows``, and what else there is to tell.
    takes : tuple of str
        Fields of a `Wish` that mean something here.
    error, beta : float, optional
        Defaults of accuracy and inverse temperature.
    meaning : str
        Meaning of the error; empty if there is none.
    is_exact_allowed : bool
        Whether the error may be 0.
    """

    rows: Callable
    takes: tuple[str, ...]
    error: float | None = None
    meaning: str = ""
    beta: float | None = None
    is_exact_allowed: bool = False


def network(wish):
    """Return rows of the largest network, of all sizes under ``sizes``, and claims."""
    from .claims import claim_rows, headline
    from .network import SITES, measure_network, network_machines, order_steps

    sizes = SITES if wish.is_full else (16, 100, 484)
    measured = [measure_network(n, wish.seed, wish.is_full) for n in sizes]
    machines = {one.n_sites: network_machines(one, wish.error, wish.fmax_hz) for one in measured}
    order_sizes = (16, 36, 64, 100) if wish.is_full else (16,)
    order = {n: order_steps(n, wish.seed, wish.is_full) for n in order_sizes}
    claims = claim_rows(measured, machines[sizes[-1]], order)
    rows = {n: _rows(found) for n, found in machines.items()}
    name = f"published network of {sizes[-1]} sites, energy to a relative error of {wish.error:g}"
    return {"workload": name, "rows": rows[sizes[-1]], "sizes": rows, "claims": claims, "verdicts": headline(claims)}


def glass(wish):
    """Return rows of the mean energy of any instance."""
    from ....emulator.instances.resolve import resolve
    from .glass import glass_machines

    model = resolve(wish.instance or GLASS)
    rows = _rows(glass_machines(model, wish.beta, wish.error, wish.seed, wish.fmax_hz, wish.options))
    return {"workload": f"{model.name}, beta {wish.beta:g}, E / N to {wish.error:g}", "rows": rows}


def autoregressive(wish):
    """Return rows of the glass of the shipped networks, by Gibbs sampling and by directed p-bits."""
    from .autoregressive import autoregressive_machines

    rows = _rows(autoregressive_machines(wish.beta, wish.error, wish.seed, wish.fmax_hz))
    return {"workload": f"SK glass of 20 spins, beta {wish.beta:g}, E / N to {wish.error:g}", "rows": rows}


def cut(wish):
    """Return rows of a search for a cut, or the low energy of any instance."""
    from ....emulator.annealing.anneal import anneal
    from ....emulator.annealing.ladder import adaptive_ladder
    from ....emulator.instances.resolve import resolve
    from ....models.max_cut.cuts import BEST_CUTS, TORUS_OPTIMA, cut_instance
    from .search import Goal, search_machines

    name = wish.instance or CUT
    if name in TORUS_OPTIMA or name in BEST_CUTS:
        model, total = cut_instance(name)
        known = (TORUS_OPTIMA | BEST_CUTS)[name]
        lowest, said = total - 2 * known, f"{'optimal' if name in TORUS_OPTIMA else 'best known'} cut of {known}"
    else:
        model = resolve(name)
        betas = adaptive_ladder(model, seed=wish.seed).betas
        lowest = float(anneal(model, "apt", 2000, 8, wish.seed, betas=betas).run_energies.min())
        said = f"energy of {lowest:g}, the lowest of 8 runs of tempering here"
    goal = Goal(model, lowest + wish.error * abs(lowest))
    machines, left_out = search_machines(goal, wish.seed, wish.fmax_hz, wish.options)
    share = f"within {wish.error:.2%} of the" if wish.error else "the"
    title = f"{model.name}: {share} {said}, found with 99 % confidence"
    return {"workload": title, "rows": _rows(machines), "left_out": left_out}


def logic(wish):
    """Return rows of a circuit run from the ports that are held, to a state that satisfies every gate."""
    from ....emulator.instances.resolve import resolve
    from ....models.logic.circuits import Circuit
    from .search import Goal, search_machines

    model, hold = resolve(wish.instance or LOGIC), wish.hold
    notes = model.provenance
    if not {"wires", "ground_energy"} <= set(notes):
        raise InputError(f"Instance must be a logic circuit with named ports, which {model.name} is not")
    hold = {"p": 35} if hold is None and wish.instance is None else hold or {}
    circuit = Circuit(model.name, model, notes["wires"], float(notes["ground_energy"]))
    goal = Goal(model, circuit.ground_energy, circuit.clamps(**hold))
    machines, left_out = search_machines(goal, wish.seed, wish.fmax_hz, wish.options)
    held = ", ".join(f"{port} = {number}" for port, number in hold.items()) or "nothing"
    title = f"{model.name}, {held} held: every gate satisfied with 99 % confidence"
    return {"workload": title, "rows": _rows(machines), "left_out": left_out}


def digits(wish):
    """Return rows of the shipped digit networks."""
    from .digits import digit_machines

    return {"workload": "one picture of a digit, shipped networks", "rows": _rows(digit_machines(wish.seed))}


def _rows(machines):
    return [machine.row() for machine in machines]


SEARCH = ("instance", "options", "fmax_hz")
PROJECTIONS = {
    "nqs": Projection(network, ("error", "fmax_hz", "is_full"), 1e-3, "relative error of the energy"),
    "spin-glass": Projection(glass, ("error", "beta", *SEARCH), 1e-3, "error of E / N", 0.8),
    "van": Projection(autoregressive, ("error", "beta", "fmax_hz"), 1e-3, "error of E / N", 1.0),
    "max-cut": Projection(
        cut, ("error", *SEARCH), 0.01, "relative distance from the lowest energy known", is_exact_allowed=True
    ),
    "logic": Projection(logic, ("hold", *SEARCH)),
    "digits": Projection(digits, ()),
}
OPTION_NAMES = {"options": "--fabric", "fmax_hz": "--fmax", "is_full": "--full"}  # others are called as their field


def projected(workload, wish):
    """Return the result of a projection; dict.

    Raises
    ------
    InputError
        If there is no such workload, it does not take what was given, or the error or beta is none that it can have.
    """
    if workload not in PROJECTIONS:
        raise InputError(f"Workload must be one of {', '.join(PROJECTIONS)}, not {workload!r}")
    chosen = PROJECTIONS[workload]
    given = {name for name, value in vars(wish).items() if name != "seed" and value is not None and value is not False}
    strange = sorted(given - set(chosen.takes))
    if strange:
        taken = ", ".join(_option(name) for name in chosen.takes) or "no options of its own"
        raise InputError(f"{workload} takes {taken}, not {_option(strange[0])}")
    error = chosen.error if wish.error is None else wish.error
    beta = chosen.beta if wish.beta is None else wish.beta
    if error is not None and not (0 < error < 1 or (chosen.is_exact_allowed and error == 0)):
        least = "0 or more" if chosen.is_exact_allowed else "above 0"
        raise InputError(f"{workload}: error must be {least} and below 1, not {error!r}")
    if beta is not None and not 0 < beta <= MAX_BETA:
        raise InputError(f"{workload}: beta must be above 0, at most {MAX_BETA:g}, not {beta!r}")
    result = chosen.rows(replace(wish, error=error, beta=beta))
    return result | {"error": error, "error_means": chosen.meaning}


def _option(field):
    return OPTION_NAMES.get(field, f"--{field}")
