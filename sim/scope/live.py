"""A backend that runs on, frame by frame, while its temperature and clamps are changed from outside."""

from __future__ import annotations

import base64
import threading

import numpy as np

from ...emulator.oracle.enumeration import boltzmann_law, state_energies
from ...emulator.oracle.law_distance import total_variation
from ...emulator.oracle.states import state_indices
from ...emulator.spec.errors import InputError
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.spec.seeds import child_seed
from .ports import Ports

MAX_LAW_SPINS = 12  # most spins whose exact distribution is shown
N_BINS = 40
MAX_BETA, MAX_SWEEPS = 20.0, 10_000


class LiveSampler:
    """One chain of a backend, whose settings may change between frames.

    Parameters
    ----------
    sampler : Sampler
        Backend to sample with.
    instance : IsingInstance
        Model that it samples.
    beta : float
        Inverse temperature at first.
    sweeps : int
        Sweeps of a frame at first.
    seed : int
        Seed of the chain.
    """

    def __init__(self, sampler, instance, beta=1.0, sweeps=10, seed=0):
        self.sampler, self.instance, self._seed = sampler, instance, seed
        self._lock = threading.Lock()
        self._settings = {"beta": None, "sweeps": 1, "paused": False}
        self._clamps = np.zeros(instance.n_spins, dtype=np.int8)
        self._spins, self._n_sweeps, self._n_frames = None, 0, 0
        self._levels = self._law = self._counts = None
        self._ports = Ports(instance)
        if instance.n_spins <= MAX_LAW_SPINS:
            self._levels = _Levels(state_energies(instance))
        self.change({"beta": beta, "sweeps": sweeps})

    def about(self):
        """Return what a page shows once: name, backend, size, settings and the range of temperatures; dict."""
        with self._lock:
            n = self.instance.n_spins
            about = {"name": self.instance.name, "backend": self.sampler.name, "n_spins": n, "max_beta": MAX_BETA}
            ports = {"ports": self._ports.widths, "labels": self._ports.labels, "held": self._ports.held(self._clamps)}
            about |= self._settings | {"clamps": self._clamps.tolist(), "has_law": self._levels is not None}
            return about | ports

    def change(self, command):
        """Change settings; all of a command or nothing.

        Parameters
        ----------
        command : dict
            Any of ``beta``, ``sweeps``, ``paused``, ``clamp``: a spin's number and -1, 0 (free) or 1; and ``port``: a
            port's name and the number that is held there, None to free it.

        Raises
        ------
        InputError
            If an entry is unknown or out of its range.
        """
        settings = _checked(command, self.instance.n_spins, self._ports)
        with self._lock:
            is_other_beta = settings.get("beta", self._settings["beta"]) != self._settings["beta"]
            if "clamp" in command:
                spin, value = command["clamp"]
                self._clamps[spin] = value
            if "port" in command:
                self._ports.hold(self._clamps, *command["port"])
            self._settings |= settings
            if is_other_beta or {"clamp", "port"} & set(command):
                self._count_anew()

    def _count_anew(self):
        """Forget what was seen, for the distribution has changed."""
        self._ports.forget()
        if self._levels is not None:
            clamps = self._clamps if self._clamps.any() else None
            self._law = boltzmann_law(self.instance, self._settings["beta"], clamps)
            self._counts = np.zeros(self._law.size, dtype=np.int64)

    def frame(self):
        """Run the sweeps of one frame and return what is seen; dict, or None while paused."""
        with self._lock:
            if self._settings["paused"]:
                return None
            beta, sweeps = self._settings["beta"], self._settings["sweeps"]
            initial = None if self._spins is None else self._spins[None, :]
            clamps = self._clamps if self._clamps.any() else None
            seed, recording = child_seed(self._seed, "frame", self._n_frames), Recording(0, 1)
            schedule = Schedule.constant(beta, sweeps)
            drawn = self.sampler.sample(self.instance, schedule, 1, seed, recording, initial, clamps)
            self._spins = drawn.final_spins[0].copy()
            self._n_sweeps += sweeps
            self._n_frames += 1
            seen = {
                "frame": self._n_frames,
                "sweeps": self._n_sweeps,
                "beta": beta,
                "spins": base64.b64encode(np.packbits(self._spins > 0).tobytes()).decode(),
                "energies": [round(float(e), 6) for e in drawn.energies[0][-64:]],
                "magnetization": round(float(self._spins.mean()), 6),
            }
            seen |= self._ports.seen(drawn.spins[0], drawn.energies[0])
            if self._law is not None:
                self._counts += np.bincount(state_indices(drawn.spins[0]), minlength=self._law.size)
                seen |= self._levels.seen(self._counts, self._law)
            return seen


def _checked(command, n_spins, ports):
    """Return the settings of a command whose entries are all allowed."""
    if not isinstance(command, dict) or not command:
        raise InputError(f"Command must be an object with entries, not {command!r}")
    rules = {
        "beta": lambda v: _is_number(v) and 0.0 <= v <= MAX_BETA,
        "sweeps": lambda v: isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= MAX_SWEEPS,
        "paused": lambda v: isinstance(v, bool),
        "clamp": lambda v: _is_clamp(v, n_spins),
        "port": lambda v: ports.check(v) is None,  # says itself what is wrong
    }
    texts = {
        "beta": f"0 ... {MAX_BETA:g}",
        "sweeps": f"1 ... {MAX_SWEEPS}",
        "paused": "true or false",
        "clamp": f"a spin 0 ... {n_spins - 1} and -1, 0 or 1",
    }
    for name, value in command.items():
        if name not in rules:
            raise InputError(f"Entry must be one of {', '.join(rules)}, not {name!r}")
        if not rules[name](value):
            raise InputError(f"{name} must be {texts[name]}, not {value!r}")
    settings = {name: value for name, value in command.items() if name not in ("clamp", "port")}
    if "beta" in settings:
        settings["beta"] = float(settings["beta"])
    return settings


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_clamp(value, n_spins):
    if not isinstance(value, list) or len(value) != 2 or not all(type(one) is int for one in value):
        return False
    return 0 <= value[0] < n_spins and value[1] in (-1, 0, 1)


class _Levels:
    """Bins of energy for a distribution over states and for counts of them."""

    def __init__(self, energies):
        edges = np.linspace(energies.min(), energies.max() + 1e-9, N_BINS + 1)
        self._bins = np.clip(np.searchsorted(edges, energies, side="right") - 1, 0, N_BINS - 1)
        self._middles = [round(float(one), 4) for one in 0.5 * (edges[1:] + edges[:-1])]

    def seen(self, counts, law):
        """Return shares of the bins, those of the distribution, and the total variation over states; dict."""
        total = counts.sum()
        share = counts / total
        floor = float(np.sqrt(law * (1.0 - law) / (2.0 * np.pi * total)).sum())
        return {
            "levels": self._middles,
            "seen": [round(float(one), 6) for one in np.bincount(self._bins, share, N_BINS)],
            "law": [round(float(one), 6) for one in np.bincount(self._bins, law, N_BINS)],
            "tv": round(float(total_variation(share, law)), 5),
            "tv_floor": round(floor, 5),
        }
