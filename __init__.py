"""Co-design of probabilistic and in-memory computers, from couplings to hardware that provably samples.

The names below are the public interface. Each is imported when it is first used, so that ``import spinchip`` is quick.

>>> import spinchip
>>> ring = spinchip.load("[ring n=6 J=1 h=0.3]")
>>> spinchip.sample(ring, beta=0.5, sweeps=400, chains=8, seed=1).energies.shape
(8, 300)
"""

import importlib

from .emulator import cache_folders

cache_folders.prepare()

_HOMES = {
    "load": ".sim.front_door.data",
    "sample": ".sim.front_door.sampling",
    "summarise": ".sim.runs.sampling",
    "anneal": ".sim.front_door.searching",
    "verify": ".sim.front_door.sampling",
    "calibrate": ".sim.front_door.devices",
    "crossbar": ".sim.front_door.devices",
    "write_rtl": ".sim.front_door.hardware",  # "rtl" is a room
    "build": ".sim.front_door.hardware",
    "backend": ".sim.samplers.by_name",
    "device": ".emulator.devices.catalogue",
    "IsingInstance": ".emulator.spec.instance",
    "Schedule": ".emulator.spec.schedule",
    "Recording": ".emulator.spec.schedule",
    "Samples": ".emulator.spec.samples",
    "Sampler": ".emulator.spec.samples",
    "FabricOptions": ".emulator.spec.fabric.quantised",
    "InputError": ".emulator.spec.errors",
    "ToolError": ".emulator.spec.errors",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name):
    """Import a public name where it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("spinchip")
    if name not in _HOMES:
        raise AttributeError(f"module 'spinchip' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__():
    """Return the public names."""
    return sorted({*globals(), *__all__})
