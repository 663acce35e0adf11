"""Speed of the fits of junctions: sigmoids beside SciPy's ``curve_fit``, hidden Markov chains beside hmmlearn."""

from __future__ import annotations

import numpy as np
from scipy.optimize import curve_fit

from ..calibration.junction.sigmoid import SigmoidCounts, fit_sigmoids
from ..calibration.junction.telegraph_likelihood import Trace, levels_of, maximised, steps_of
from .stopwatch import best_of

N_JUNCTIONS, N_DRIVES, N_READS, N_TRIALS = 1000, 9, 2000, 100
N_PEER = 300  # fits of the loop that are timed; one by one they cost the same
LARGEST_DIFFERENCE = 1e-3  # of estimates, in standard errors
N_SAMPLES = 100_000
TELEGRAPH = np.array([0.0, 2.5, 0.0, 0.0, np.log(20.0), np.log(20.0)])
INTERVAL_S = 1e-3


def sigmoid_counts(n_junctions=N_JUNCTIONS, seed=1):
    """Return counts of junctions whose slopes and offsets are spread by 10 %."""
    rng = np.random.default_rng(seed)
    slopes, offsets = 20.0 * np.exp(0.1 * rng.standard_normal(n_junctions)), 0.02 * rng.standard_normal(n_junctions)
    drives = np.linspace(-0.1, 0.1, N_DRIVES)
    chance = 1.0 / (1.0 + np.exp(-2.0 * slopes[:, None] * (drives - offsets[:, None])))
    return SigmoidCounts(drives, rng.binomial(N_READS, chance), np.full(chance.shape, N_READS))


def curve_fit_one(counts, i, slope, offset):
    """Return slope and offset of one junction by ``curve_fit``, with the errors that the likelihood has at its maximum.

    With these weights least squares and likelihood have the same solution, so estimates can be compared.
    """

    def law(drives, a, v):
        return 1.0 / (1.0 + np.exp(-2.0 * a * (drives - v)))

    p = law(counts.drives, slope, offset)
    sigma = np.sqrt(p * (1.0 - p) / counts.n_reads[i])
    share = counts.n_up[i] / counts.n_reads[i]
    return curve_fit(law, counts.drives, share, (20.0, 0.0), sigma, absolute_sigma=True, xtol=1e-10, ftol=1e-12)[0]


def sigmoid_rows(rounds):
    """Return fits per second of 1000 junctions with 100 bootstraps each, and of the loop; list of dict."""
    counts = sigmoid_counts()
    fits = fit_sigmoids(counts, 1, N_TRIALS)
    chosen = range(N_PEER)
    found = np.array([curve_fit_one(counts, i, fits.slopes[i], fits.offsets[i]) for i in chosen])
    ours = np.stack([fits.slopes, fits.offsets], axis=1)[:N_PEER]
    errors = np.stack([fits.slope_trials.std(axis=1), fits.offset_trials.std(axis=1)], axis=1)[:N_PEER]
    difference = float(np.abs((ours - found) / errors).max())
    if difference > LARGEST_DIFFERENCE:
        raise RuntimeError(f"Estimates must agree, not differ by {difference:.2g} standard errors")

    def loop():
        for i in chosen:
            curve_fit_one(counts, i, fits.slopes[i], fits.offsets[i])

    seconds = best_of({"ours": lambda: fit_sigmoids(counts, 1, N_TRIALS), "loop": loop}, rounds)
    speeds = {"ours": N_JUNCTIONS * (N_TRIALS + 1) / seconds["ours"], "loop": N_PEER / seconds["loop"]}
    name, peer = f"{N_JUNCTIONS} sigmoids x {N_TRIALS} bootstraps", "sigmoid: scipy curve_fit"
    ratio = speeds["ours"] / speeds["loop"]
    first = {"name": name, "value": speeds["ours"], "unit": "fits/s/core", "peer": peer, "ratio": ratio}
    second = {"name": peer, "value": speeds["loop"], "unit": "fits/s/core", "peer": "", "ratio": None}
    return [first | {"difference": difference}, second]


def telegraph_rows(rounds):
    """Return nanoseconds per sample and iteration of expectation-maximisation, ours and hmmlearn's; list of dict."""
    trace = Trace(np.zeros(N_SAMPLES), INTERVAL_S).redrawn(TELEGRAPH, np.random.default_rng(1))
    name, peer = "hidden Markov chain, one iteration", "hidden Markov chain: hmmlearn"
    works = {"ours": lambda: maximised(trace.expect(TELEGRAPH)[1].sum(axis=0), INTERVAL_S)}
    theirs = _hmmlearn(trace)
    if theirs is not None:
        works["hmmlearn"] = lambda: theirs(1)
    seconds = best_of(works, rounds)
    ns = {key: 1e9 * spent / N_SAMPLES for key, spent in seconds.items()}
    ratio = ns["hmmlearn"] / ns["ours"] if theirs is not None else None
    first = {"name": name, "value": ns["ours"], "unit": "ns/sample", "peer": peer, "ratio": ratio}
    second = {"name": peer, "value": ns.get("hmmlearn"), "unit": "ns/sample", "peer": "", "ratio": None}
    return [first | {"difference": _difference(trace, theirs)}, second]


def _hmmlearn(trace):
    """Return a function of the number of iterations that runs hmmlearn from the same start, None if it is absent."""
    try:
        from hmmlearn.hmm import GaussianHMM
    except ImportError:
        return None
    low, high, noise_low, noise_high = levels_of(TELEGRAPH)
    rise, fall = steps_of(TELEGRAPH, INTERVAL_S)
    values = trace.values[:, None]

    def run(n_iterations):
        model = GaussianHMM(2, "diag", n_iter=n_iterations, tol=-np.inf, init_params="", params="tmc", min_covar=0.0)
        model.covars_weight, model.means_weight = 0.0, 0.0  # no prior: both maximise the likelihood alone
        model.startprob_ = np.array([fall, rise]) / (rise + fall)
        model.transmat_ = np.array([[1.0 - rise, rise], [fall, 1.0 - fall]])
        model.means_ = np.array([[low], [high]])
        model.covars_ = np.array([[noise_low**2], [noise_high**2]])
        return model.fit(values)

    return run


def _difference(trace, theirs):
    """Return the largest relative difference of the parameters after one iteration, None without the peer."""
    if theirs is None:
        return None
    model, found = theirs(1), maximised(trace.expect(TELEGRAPH)[1].sum(axis=0), INTERVAL_S)
    ours = np.concatenate([levels_of(found)[2:], steps_of(found, INTERVAL_S)])
    deviations = np.sqrt(model.covars_.ravel())
    return float(np.abs(np.array([*deviations, model.transmat_[0, 1], model.transmat_[1, 0]]) / ours - 1.0).max())
