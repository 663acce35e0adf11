"""A command and the function that it calls have the same arguments with the same defaults."""

import importlib
import inspect

import pytest

import spinchip
from spinchip.calibration.engine.bootstrap import N_TRIALS

# Command -> its module, and the function behind it.
COMMANDS = {
    "sample": ("sample", spinchip.sample),
    "verify": ("sample", spinchip.verify),
    "anneal": ("anneal", spinchip.anneal),
    "calibrate": ("calibrate", spinchip.calibrate),
    "crossbar": ("crossbar", spinchip.crossbar),
    "rtl": ("inspect", spinchip.write_rtl),
    "build": ("build", spinchip.build),
}
READING_AND_PRINTING = {"file_format", "as_json"}  # of `load`, and of no function
OTHER_JOBS = {"calibrate": {"example"}}  # writes data instead of a fit
BITS = ("dac_bits", "adc_bits")  # of a crossbar: a pair of the function
OTHERWISE = {  # of the command, of the function: the same thing in text and in Python
    ("crossbar", "at"): "at_s",
}


def defaults(function):
    """Return the default of each argument; `inspect.Parameter.empty` where one must be given."""
    return {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}


def of_command(name, command):
    """Return the defaults of a command under the names that its function has for them."""
    found = defaults(command)
    found = {key: found[key] for key in found if key not in READING_AND_PRINTING | OTHER_JOBS.get(name, set())}
    if found.get("fabric") == "":
        found["fabric"] = None  # a text without choices
    if BITS[0] in found:
        found["bits"] = tuple(found.pop(key) for key in BITS)
    if name == "calibrate":
        found["data"] = inspect.Parameter.empty  # may be left out for `calibrate list`, and for nothing else
    return {OTHERWISE.get((name, key), key): value for key, value in found.items()}


def differences(name, command, function):
    """Return the arguments of a command that its function lacks, or has with another default."""
    there, missing = defaults(function), object()
    return {key for key, value in of_command(name, command).items() if there.get(key, missing) != value}


def command_of(name):
    return getattr(importlib.import_module(f"spinchip.sim.cli.{COMMANDS[name][0]}"), name)


@pytest.mark.promise("house.front-door")
@pytest.mark.parametrize("name", COMMANDS)
def test_function_takes_every_option_of_its_command_with_the_same_default(name):
    assert differences(name, command_of(name), COMMANDS[name][1]) == set()


def test_another_default_and_a_missing_option_would_be_seen():
    def command(instance, sweeps=999, rounds=3, as_json=False):
        pass

    assert differences("sample", command, spinchip.sample) == {"sweeps", "rounds"}


def test_trials_are_those_of_the_bootstrap():
    assert defaults(spinchip.calibrate)["trials"] == N_TRIALS
