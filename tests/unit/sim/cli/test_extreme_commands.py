"""Models at the ends of the range of numbers: one strict JSON object or one line, and no warning on the way."""

import json

import numpy as np
import pytest

from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule
from spinchip.sim.cli.app import run

MODELS = {
    "no couplings": "0 0 0.5\n1 1 -0.5\n2 2 0.25\n",
    "one spin": "0 0 0.5\n",
    "nothing but zeros": "0 1 0\n1 2 0\n",
    "1e300": "0 1 1e300\n1 2 -1e300\n",
    "1e308": "0 1 1e308\n1 2 1e308\n0 2 -1e308\n",
    "1e-320": "0 1 1e-320\n1 2 1e-320\n",
    "1e-300": "0 1 1e-300\n1 1 2e-300\n",
    "1 and 1e-320": "0 1 1\n1 2 1e-320\n2 2 1e-300\n",
    "17 decades": "0 1 1\n1 2 1e-17\n2 2 1e-9\n",
}
COMMANDS = {
    "info": ["info"],
    "info, cold": ["info", "--beta", "1e9"],
    "sample": ["sample", "--beta", "1", "--sweeps", "20", "--chains", "4"],
    "sample, hot": ["sample", "--beta", "0", "--sweeps", "20", "--chains", "4"],
    "sample on golden": ["sample", "--beta", "1", "--sweeps", "20", "--chains", "4", "--on", "golden"],
    "sample on junctions": ["sample", "--beta", "1", "--sweeps", "4", "--chains", "2", "--on", "smtj"],
    "sample on a crossbar": ["sample", "--beta", "1", "--sweeps", "4", "--chains", "2", "--on", "crossbar"],
    "verify": ["verify", "--beta", "1", "--on", "golden", "--chains", "50", "--sweeps", "20"],
    "verify the reference": ["verify", "--beta", "1", "--on", "reference", "--chains", "200", "--sweeps", "20"],
    "anneal": ["anneal", "--sweeps", "10", "--runs", "2"],
    "anneal by tempering": ["anneal", "--sweeps", "10", "--runs", "2", "--method", "apt"],
    "anneal on golden": ["anneal", "--sweeps", "10", "--runs", "2", "--on", "golden"],
}


def refused(word):
    raise AssertionError(f"{word} is no JSON")


@pytest.mark.promise("cli.strict-json")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("command", COMMANDS)
def test_answer_is_json_or_one_line(command, model, tmp_path, capsys):
    path = tmp_path / "model.coo"
    path.write_text(MODELS[model])
    name, *options = COMMANDS[command]
    status = run([name, str(path), "--format", "coo", *options, "--json"])
    out, err = capsys.readouterr()
    if status >= 2:
        assert (out, err.count("\n")) == ("", 1)
        assert "Error" not in err, err  # a rule of ours, not one of Python's
    else:
        assert (out.count("\n"), err) == (1, "")
        assert isinstance(json.loads(out, parse_constant=refused), dict)


@pytest.mark.promise("cli.unit-of-energy")
@pytest.mark.parametrize("scale", [2.0**996, 2.0**-996, 2.0**130, 2.0**-130])
def test_draws_do_not_depend_on_the_unit_of_energy(scale):
    """Single precision holds 1e-38 to 1e38; a power of two changes no digit."""

    def drawn(scale):
        model = IsingInstance.from_edges(3, [(0, 1), (1, 2)], [scale, -scale], [0.3 * scale, 0.0, 0.0])
        return ReferenceSampler().sample(model, Schedule.constant(0.5 / scale, 50), 4, seed=1).spins

    assert np.array_equal(drawn(scale), drawn(1.0))
    assert 0.1 < np.mean(drawn(scale) > 0) < 0.9
