"""Whether chains crossed between a state and its mirror image, which R-hat of the energy cannot see."""

from __future__ import annotations

from scipy.stats import binom

LEVEL = 1e-6  # chance of a note about chains that are in equilibrium
ONE_SIDED = (
    "no spin has a bias, so every spin averages 0, but the chains stay on one side: all start in the same state (-1), "
    "and R-hat of the energy cannot tell; energies of mirror images agree. Run longer, or anneal --method apt"
)


def is_one_sided(instance, samples):
    """Return whether chains without biases keep to one side of the mirror symmetry s to -s.

    A quarter of the chains gives a direction. In equilibrium the overlap of any other chain with it is as likely
    positive as negative, so the count of positive ones is binomial: an exact test, whatever the chains' memory. It
    needs 26 chains.

    Parameters
    ----------
    instance : IsingInstance
        Model that was sampled.
    samples : Samples
        What was drawn, with its states.

    Returns
    -------
    bool
        False also where there are biases, no states, or too few chains to tell.
    """
    if instance.biases.any() or samples.spins is None:
        return False
    means = samples.spins.mean(axis=1, dtype=float)
    n_first = samples.n_chains // 4
    overlaps = means[n_first:] @ means[:n_first].sum(axis=0)
    n_positive, n_negative = int((overlaps > 0).sum()), int((overlaps < 0).sum())
    return bool(binom.sf(n_positive - 1, n_positive + n_negative, 0.5) < LEVEL)
