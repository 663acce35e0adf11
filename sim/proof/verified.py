"""A verdict with what it is about: the backend, the distribution held against, notes, files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...emulator.spec.files.atomic_write import made_folder
from ...emulator.stats.verdict import Verdict
from ..samplers.analog_backends import machine_notes
from .verification import chosen_size, tested_law, verify

NO_BETA = "effective beta: no finite one fits best, since spins never decided against their fields or have none"


@dataclass(frozen=True, kw_only=True)
class Verified(Verdict):
    """Verdict on a backend.

    Parameters
    ----------
    backend : str
        Name of the backend.
    beta : float
        Inverse temperature.
    tested : dict
        ``law``, the distribution that it was held against, in words; for hardware also ``quantisation``, how far that
        distribution is from Boltzmann's.
    notes : tuple of str
        What a user should know.
    files : tuple of str
        Paths of the files that were written.
    """

    backend: str
    beta: float
    tested: dict = field(repr=False)
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def as_dict(self):
        """Return the keys that the command line promises, for JSON."""
        files = {"files": list(self.files)} if self.files else {}
        about = {"backend": self.backend, "beta": self.beta}
        return about | super().as_dict() | self.tested | {"notes": list(self.notes)} | files


def verified(sampler, instance, beta, size, seed, folder=None, step=None):
    """Return the verdict on a backend.

    Parameters
    ----------
    sampler : Sampler
        Backend.
    instance : IsingInstance
        Model that it samples.
    beta : float
        Inverse temperature.
    size : (int or None, int or None)
        Chains and sweeps of the first stage; chosen for the backend where absent.
    seed : int
        Seed of the first stage.
    folder : path, optional
        Gets verdict and pictures.
    step : callable, optional
        Gets one line about what is done next.

    Returns
    -------
    Verified
    """
    chosen, seen = chosen_size(sampler, instance.n_spins, *size), []
    if step is not None:
        step(f"{sampler.name}: {chosen.n_sweeps} sweeps of {chosen.n_chains} chains")
    verdict = verify(sampler, instance, beta, chosen, seed, seen)
    found = Verified(
        **vars(verdict),
        backend=sampler.name,
        beta=beta,
        tested=tested_law(sampler, instance, beta, seen[-1]),
        notes=(*machine_notes(sampler), *([] if verdict.beta_eff else [NO_BETA])),
    )
    if folder is None:
        return found
    from ..runs.verify_files import save_verdict  # draws, which a verdict alone need not

    return replace(found, files=tuple(save_verdict(made_folder(folder), instance, found.as_dict(), seen[-1])))
