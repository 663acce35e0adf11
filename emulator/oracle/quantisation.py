"""What fixed point does to the sampled distribution: exact for small systems, a bound or an estimate for large ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.coloring import check_coloring
from ..spec.fabric.program import compile_program
from ..spec.fabric.quantised import quantise
from ..spec.schedule import Schedule
from .chain_law import sweep_operator
from .conditional_error import conditional_errors
from .enumeration import boltzmann_law
from .law_distance import total_variation
from .quantisation_bounds import coupling_bound, disagreement_bound, first_order_tv, float_states
from .states import MAX_ENUMERATED_SPINS
from .stationary import is_solvable, stationary_law

MAX_ITERATED_SWEEPS = 100
SETTLING_BOUND = 0.1  # a proven bound as low as this is the answer; a higher one stands beside an estimate
REMAINING_SHARE = 1e-3  # of the total variation: where the iteration stops


@dataclass(frozen=True)
class QuantisationReport:
    """What quantisation does to the distribution of one instance on one fabric at one inverse temperature.

    Parameters
    ----------
    kind : {"exact", "bound", "estimate"}
        Whether ``tv`` is exact, a bound or an estimate.
    method : str
        How it was found, for a reader.
    tv : float
        Total variation between the float Boltzmann distribution and the stationary distribution of the quantised chain.
    bound : float
        A proven upper bound of that distance; 1 where none better is known.
    coupling_bound : float
        A proven bound of the part that rounding couplings and biases plays: distance of the two Boltzmann
        distributions.
    max_conditional_error : float
        Largest error of any p-bit's probability of coming up, given its neighbours.
    conditional_error_is_exact : bool
        Whether that is attained, or an upper bound (p-bits of more than 12 neighbours).
    n_saturated, n_vanished : int
        Couplings and biases that their formats could not hold, or hold as zero.
    n_saturable_fields : int
        P-bits whose local field saturates in some state.
    beta : float
        Inverse temperature.
    """

    kind: str
    method: str
    tv: float
    bound: float
    coupling_bound: float
    max_conditional_error: float
    conditional_error_is_exact: bool
    n_saturated: int
    n_saturable_fields: int
    beta: float
    n_vanished: int = 0


def quantisation_report(instance, spec, beta, seed=0):
    """Return what quantisation on a fabric does to the distribution of an instance.

    * exact: the stationary distribution of the quantised chain is solved (12 spins; 16 on balanced bipartite graphs);
    * estimate up to 20 spins: that distribution is iterated from the rounded couplings' Boltzmann distribution;
    * bound above 20 spins, if `disagreement_bound` is 0.1 or less, which takes weak couplings;
    * estimate otherwise: `first_order_tv` on states of a short float run.

    Parameters
    ----------
    instance : IsingInstance
        The float model.
    spec : FabricSpec
        The fabric; its colouring must be proper.
    beta : float
        Inverse temperature, 0 or more.
    seed : int
        Seed of the float run behind the last kind.

    Returns
    -------
    QuantisationReport
    """
    # Fields times beta may be infinite, and then probabilities are 0 and 1.
    with np.errstate(all="ignore"):
        return _report(instance, spec, beta, seed)


def _report(instance, spec, beta, seed):
    check_coloring(instance, spec.colors)
    program = compile_program(instance, spec, Schedule.constant(beta, 1))
    quantised = quantise(instance, spec)
    errors, is_exact = conditional_errors(instance, quantised, program.tables[0], beta)
    disagreements = disagreement_bound(instance, beta, errors)
    bound = 1.0 if disagreements is None else min(1.0, float(disagreements.sum()))
    kind, method, tv = _distance(instance, program, quantised, beta, bound, seed)
    return QuantisationReport(
        kind=kind,
        method=method,
        tv=tv,
        bound=tv if kind == "exact" else bound,
        coupling_bound=coupling_bound(instance, quantised, beta),
        max_conditional_error=float(errors.max()),
        conditional_error_is_exact=bool(is_exact[np.argmax(errors)]),
        n_saturated=quantised.n_saturated,
        n_saturable_fields=_n_saturable_fields(quantised),
        beta=float(beta),
        n_vanished=quantised.n_vanished,
    )


def _distance(instance, program, quantised, beta, bound, seed):
    """Return kind, method and value of the best answer that the size allows."""
    if instance.n_spins <= MAX_ENUMERATED_SPINS:
        target = boltzmann_law(instance, beta)
        if instance.n_spins <= 16 and is_solvable(sweep_operator(program)):
            tv = total_variation(target, stationary_law(program))
            return "exact", "stationary distribution of the quantised chain", tv
        start = boltzmann_law(quantised.as_instance(), beta)
        tv, n_sweeps = _iterated_distance(sweep_operator(program), start, target)
        return "estimate", f"distribution of the quantised chain after {n_sweeps} sweeps", tv
    if bound <= SETTLING_BOUND:
        return "bound", "sum of disagreement probabilities under Dobrushin's condition", bound
    states = float_states(instance, program.spec.colors, beta, seed)
    tv = first_order_tv(instance, quantised, program.tables[0], beta, states)
    return "estimate", f"first order in the log-odds errors over {len(states)} states of a float run", tv


def _iterated_distance(operator, law, target):
    """Return the distance to ``target`` once what is left of the relaxation is small beside it, and the sweeps taken.

    What is left after a step of size r_t is about r_t q / (1 - q) with q the ratio of the last two steps.
    """
    step_before = np.inf
    for sweep in range(1, MAX_ITERATED_SWEEPS + 1):
        after = operator.apply(law)
        step, distance = total_variation(law, after), total_variation(after, target)
        ratio = step / step_before
        if step == 0 or (sweep > 2 and ratio < 1 and step * ratio / (1 - ratio) <= REMAINING_SHARE * distance):
            break
        law, step_before = after, step
    return distance, sweep


def _n_saturable_fields(quantised):
    """Return how many p-bits have a state in which their field saturates."""
    spec = quantised.spec
    weights = np.abs(quantised.weights) << (spec.accumulator_frac - spec.weight.n_frac)
    reach = np.zeros(spec.n_pbits, dtype=np.int64)
    for number, (i, j) in enumerate(spec.edges):
        reach[i] += weights[number]
        reach[j] += weights[number]
    biases = quantised.biases << (spec.accumulator_frac - spec.bias.n_frac)
    saturates = [spec.field_words(biases + sign * reach)[1] for sign in (-1, 1)]
    return int(np.count_nonzero(saturates[0] | saturates[1]))
