"""The dipolar gas as a document: ``python -m spinchip.models.dipolar_gas.table docs/results/dipolar_gas.md [RUNS]``."""

from __future__ import annotations

import platform
import sys
import time
from importlib import metadata

import numpy as np

from ...calibration.engine.coverage import Coverage, measure_coverage
from ...emulator.spec.files.atomic_write import check_output, whole_file
from .experiment import Experiment, fit_thermalisation, problem_of
from .scan import angle_scan, printed_bias
from .workload import SEED, workload_rows

PROMISED = 200  # experiments; their shares are known to 3.3 %
HEAD = """# Dipolar gas: planted parameters, recovered

Made by `python -m spinchip.models.dipolar_gas.table docs/results/dipolar_gas.md {runs}`, seed {seed}, in a minute or
two for a hundred experiments. {versions}.

Synthetic experiments after arXiv:2103.06246: a heated and an unheated sample, 11 hold times from 0.05 to 10 s, n, T_y
and T_x at each with their covariance; ten parameters are fitted, and 100 synthetic data sets give median and 68 %
interval. Standard errors (18 nK, 10 nK, 3 % of the number) are assumed, since the paper prints none. Of one experiment,
100 bootstrap fits took {seconds:.2f} s of one core.

## Figures

`ok`: within 4 standard errors of the reference, or within its printed rounding.

| quantity | value | se | reference | source | ok |
|---|---|---|---|---|---|
"""
SCAN_HEAD = """
## Angle of the dipoles

The correlation is that of N_coll with K_L over the synthetic data sets; the paper finds -0.26 with its own covariances.

| degrees | N_coll planted | low | median | high | K_L low, m^3/s/K | median | high | chi2/dof | correlation |
|---|---|---|---|---|---|---|---|---|---|
"""
BIAS_HEAD = """
## The density equation as printed

It divides by 2 T_x where two equal axes need T_x. Fitted to exact points it shifts K_L as below, while the chi2 that it
adds to {dof} degrees of freedom would hardly be noticed: a good chi2 does not vouch for an equation.

| degrees | K_L, relative bias | standard error | bias / standard error | chi2 added |
|---|---|---|---|---|
"""
COVER_HEAD = """
## Coverage of the 68 % intervals

Share of synthetic experiments whose interval holds the planted value: of the first {first}, known to {first_se:.3f},
and of all {runs}, known to {all_se:.3f}. p is the binomial probability of a share at least as far off, of all.

| parameter | first {first} | all {runs} | p |
|---|---|---|---|
"""


def table(runs, seed=SEED):
    """Return the document.

    Parameters
    ----------
    runs : int
        Synthetic experiments for the coverage, 100 bootstrap fits each.
    seed : int
        Seed of all noise.

    Returns
    -------
    str
    """
    planted = Experiment()
    series = planted.measure(seed)
    fit_thermalisation(series, seed, n_trials=20)  # compiled before the clock starts
    began = time.process_time()
    fit_thermalisation(series, seed)
    seconds = time.process_time() - began
    packages = ("numpy", "scipy", "numba")
    versions = ", ".join([f"Python {platform.python_version()}", *(f"{p} {metadata.version(p)}" for p in packages)])
    parts = [HEAD.format(runs=runs, seed=seed, versions=versions, seconds=seconds)]
    parts += [_figure(row) for row in workload_rows(seed=seed)]
    parts += [SCAN_HEAD, *(_point(one) for one in angle_scan(seed))]
    parts += [BIAS_HEAD.format(dof=problem_of(planted).fit().dof), *(_bias(angle) for angle in (0, 45, 90))]
    return "".join(parts) + cover(measure_coverage(problem_of(planted), planted.truth, seed, runs))


def cover(found, first=PROMISED):
    """Return the section on coverage; the first experiments of a longer run are those of a shorter one."""
    head = Coverage(found.names, found.hits[:first], found.chi2_p[:first], found.level)
    sizes = {"first": head.n_experiments, "runs": found.n_experiments}
    lines = [COVER_HEAD.format(**sizes, first_se=head.standard_error, all_se=found.standard_error)]
    for name in found.names:
        shares = f"{head.fractions[name]:.3f} | {found.fractions[name]:.3f}"
        lines.append(f"| {name} | {shares} | {found.p_value(name):.2g} |\n")
    pooled = " | ".join("{:.3f} +- {:.3f}".format(*one.pooled) for one in (head, found))
    return "".join(lines) + f"| all together | {pooled} | |\n"


def _figure(row):
    error = "" if row["se"] is None else f"{row['se']:.2g}"
    values = f"{row['value']:.4g} | {error} | {row['reference']:.4g}"
    return f"| {row['quantity']} | {values} | {row['source']} | {'yes' if row['ok'] else 'no'} |\n"


def _point(one):
    spans = " | ".join(f"{i.low:.3g} | {i.best:.3g} | {i.high:.3g}" for i in (one.collisions, one.loss_m3_sK))
    return f"| {one.angle_deg:g} | {one.planted:.3f} | {spans} | {one.chi2_dof:.2f} | {one.correlation:+.2f} |\n"


def _bias(angle):
    bias, error, chi2 = printed_bias(Experiment().at_angle(np.radians(angle)))
    return f"| {angle} | {bias:+.3f} | {error:.3f} | {bias / error:+.1f} | {chi2:.1f} |\n"


if __name__ == "__main__":
    check_output(sys.argv[1])
    document = table(int(sys.argv[2]) if len(sys.argv) > 2 else PROMISED)
    with whole_file(sys.argv[1]) as handle:
        handle.write(document)
