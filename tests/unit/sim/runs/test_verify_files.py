"""`verify`: its folder, and verdicts that rest on a test."""

import json

import pytest

from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.schedule import Schedule
from spinchip.sim.cli.app import run
from spinchip.sim.proof.verification import verify

RING, GLASS = "[ring n=6 J=1 h=0.3]", "[ea3d L=3 seed=1]"


@pytest.mark.promise("cli.reports")
@pytest.mark.parametrize("on", ["reference", "golden"])
@pytest.mark.parametrize(
    ("instance", "pictures"), [(RING, ["law.png", "conditionals.png"]), (GLASS, ["conditionals.png"])]
)
def test_folder_holds_verdict_and_pictures_for_a_report(on, instance, pictures, tmp_path, capsys):
    folder = tmp_path / "a" / "verdict"
    arguments = ["verify", instance, "--beta", "0.4", "--on", on, "--out", str(folder), "--json"]
    assert run(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [str(folder / name) for name in ["verdict.json", *pictures]]
    kept = json.loads((folder / "verdict.json").read_text())
    assert kept == {"instance": resolve(instance).name, **{key: told[key] for key in told if key != "files"}}
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in pictures)
    assert run(["report", str(folder), "--json"]) == 0
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert text.count("data:image/png;base64,") == len(pictures)
    assert f"on {on}" in text
    assert "PASS" in text
    assert kept["tests"][0]["name"].replace("'", "&#39;") in text


class Hot(ReferenceSampler):
    """A reference whose beta is a tenth too small."""

    def sample(self, instance, schedule, *arguments, **settings):
        """Draw at the wrong beta."""
        return super().sample(instance, Schedule.constant(0.9 * schedule.betas[0], 1000), *arguments, **settings)


@pytest.mark.promise("cli.float-verdict")
def test_glasses_too_large_to_enumerate_are_judged_by_a_test_that_can_fail():
    glass, seen = generate("ea3d", L=4, seed=1), []
    honest = verify(ReferenceSampler(), glass, 0.6)
    assert honest.verdict == "pass"
    assert honest.z_max > 0
    assert verify(Hot(), glass, 0.6, seen=seen).rejected
    assert [len(one.states) for one in seen] == [4000, 16000]


@pytest.mark.promise("stats.extreme-numbers", "cli.float-verdict")
def test_spins_that_never_move_are_no_evidence():
    pinned = generate("ring", n=30, J=1.0, h=9.0)
    with pytest.raises(
        InputError,
        match=r"^Spins must have a variance of 100, the sum of p \(1 - p\), for a test, not 0 in 4000 states of 30",
    ):
        verify(ReferenceSampler(), pinned, 9.0)
