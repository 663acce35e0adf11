"""Speed of variational Monte Carlo beside NetKet: iterations of one network on one magnet, and block Gibbs sampling."""

from __future__ import annotations

import importlib.util
import warnings

from ..models.nqs.hamiltonian import Heisenberg
from ..models.nqs.lattice import Lattice
from ..models.nqs.rbm import published_rbm, random_rbm
from ..models.nqs.sampling import Plan, draw_gibbs
from ..models.nqs.training import TrainingPlan, train
from .interleave import Contender, interleave, one_core
from .stopwatch import best_of

NETKET = "NetKet VMC_SR, MetropolisExchange"
PBITS = "NetKet VMC_SR, PbitSampler"
ALPHA, N_CHAINS, N_SAMPLES = 2, 16, 2000
SHORT, LONG = 5, 25  # iterations; only those between them count
SIZES = (36, 100)
GIBBS_SIZES = (36, 100, 484)
NOTED = {36: 1e8, 100: 7e7, 484: 2.6e7}  # updates/s of the prototype that these figures are to double


def rows(quick=False):
    """Return iterations per second of both, and updates per second of block Gibbs sampling on one core.

    Both train the translation-symmetric network of width 2 on the periodic square from the same number of states, with
    the same number of chains; a record of NetKet's is a sweep of exchanges, one of ours a sweep of all p-bits and
    those that neutrality rejects.

    Parameters
    ----------
    quick : bool
        36 sites and one round instead of three, five of block Gibbs sampling.

    Returns
    -------
    list of dict
        ``name, value, unit, peer, ratio``; without NetKet its rows have no value.
    """
    n_rounds = 1 if quick else 5
    found = []
    with one_core():
        for n in SIZES[:1] if quick else SIZES:
            found += _iteration_rows(n, min(n_rounds, 3))
        found += _gibbs_rows(GIBBS_SIZES[:1] if quick else GIBBS_SIZES, n_rounds)
    return found


def _iteration_rows(n_sites, n_rounds):
    side = int(round(n_sites**0.5))
    makers = {"spinchip": lambda n: _train(side, n)}
    if importlib.util.find_spec("netket") is not None:
        makers |= {NETKET: _netket(side, False), PBITS: _netket(side, True)}
    works = {(name, n): lambda work=work, n=n: work(n) for name, work in makers.items() for n in (SHORT, LONG)}
    spent = best_of(works, n_rounds)
    seconds = {name: (spent[name, LONG] - spent[name, SHORT]) / (LONG - SHORT) for name in makers}
    peer, size = f"{NETKET}, {n_sites} sites", f"{n_sites} sites, alpha {ALPHA}, {N_SAMPLES} states"
    found = []
    for name in ("spinchip", PBITS, NETKET):
        spent_s = seconds.get(name)
        is_peer = name == NETKET or NETKET not in seconds
        found.append(
            {
                "name": peer if name == NETKET else f"VMC iterations, {size}: {name}",
                "value": 1.0 / spent_s if spent_s else None,
                "unit": "iterations/s",
                "peer": "" if is_peer else peer,
                "ratio": None if is_peer else seconds[NETKET] / spent_s,
            }
        )
    return found


def _train(side, n_iterations):
    model = Heisenberg(Lattice((side, side)))
    plan = TrainingPlan(n_iterations, 0.01, n_chains=N_CHAINS, n_records=N_SAMPLES // N_CHAINS)
    train(model, random_rbm(model.lattice, ALPHA, 1), plan, 1)


def _netket(side, is_pbits):
    """Return a function that runs so many iterations of NetKet's training, with its sampler or with p-bits."""
    import netket as nk
    from jax.nn.initializers import normal

    graph = nk.graph.Square(side)
    hilbert = nk.hilbert.Spin(0.5, graph.n_nodes, total_sz=0)
    model = nk.operator.Heisenberg(hilbert, graph, sign_rule=True)
    network = nk.models.RBMSymm(
        symmetries=graph.translation_group(),
        alpha=ALPHA,
        use_visible_bias=False,
        param_dtype=float,
        kernel_init=normal(0.05),
        hidden_bias_init=normal(0.05),
    )
    if is_pbits:
        from ..sim.adapters.netket_sampler import PbitSampler

        sampler = PbitSampler(hilbert, n_chains=N_CHAINS)
    else:
        sampler = nk.sampler.MetropolisExchange(hilbert, graph=graph, n_chains=N_CHAINS)
    state = nk.vqs.MCState(sampler, network, n_samples=N_SAMPLES, n_discard_per_chain=10, seed=1)
    driver = nk.driver.VMC_SR(model, nk.optimizer.Sgd(0.01), variational_state=state, diag_shift=0.01)

    def run(n_iterations):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            driver.run(n_iterations, show_progress=False, out=nk.logging.RuntimeLog())

    return run


def _gibbs_rows(sizes, n_rounds):
    found = []
    for n in sizes:
        rbm = published_rbm(n, ALPHA)

        def run(n_sweeps, seed, rbm=rbm):
            return draw_gibbs(rbm, Plan(32, n_sweeps, 0), seed).spins[:, -1].sum(axis=1)

        one = Contender(f"{n} sites", "32 chains, float32", 32 * n * (1 + ALPHA), run)
        speed = interleave([one], n_rounds, 0.5)[one.name].best
        found.append(
            {
                "name": f"block Gibbs, published network of {n} sites, 32 chains",
                "value": speed,
                "unit": "updates/s",
                "peer": f"noted prototype, {NOTED[n]:.2g}",
                "ratio": speed / NOTED[n],
            }
        )
    return found
