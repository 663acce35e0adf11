"""The report: self-contained, honest about what failed, whole or absent, and legible."""

import re
import resource
import subprocess
import sys
from dataclasses import fields, replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.oracle.schedule_law import law_after
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.schedule import Schedule
from spinchip.emulator.stats.conditionals import measure_conditionals
from spinchip.emulator.stats.evidence import Evidence
from spinchip.sim.report import report_sources
from spinchip.sim.report.page import cost_rows, report_text, write_report
from spinchip.sim.report.plot_data import (
    AutocorrelationRun,
    ConditionalsSection,
    EnergyRun,
    EnergySection,
    LawSection,
    MomentGroup,
    MomentsSection,
)
from spinchip.sim.report.report_data import Check, ReportData
from spinchip.sim.report.written_numbers import Quantity

MAX_BYTES = 1_500_000
BARE = ReportData("Bare", "fail", "Nothing was run.")
NASTY = '<script>alert("x")</script> & $\\frac{1}{2}$ _'


class Page(HTMLParser):
    """Tags with their attributes, visible text, and every address that the page names."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self._silent = [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._silent += tag == "style"

    def handle_endtag(self, tag):
        self._silent -= tag == "style"

    def handle_data(self, data):
        if not self._silent:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    @property
    def sections(self):
        return {attributes.get("id") for tag, attributes in self.tags if tag in ("section", "header")}


def foreign_addresses(text):
    """Return whatever would make a browser fetch something, or run something."""
    found = re.findall(r"(?:https?:)?//[\w.]+|@import|@font-face", text)
    found += [url for url in re.findall(r"url\(([^)]*)\)", text) if not url.startswith("#")]
    for tag, attributes in Page(text).tags:
        found += [tag] if tag in ("script", "iframe", "object", "embed") else []
        found += [key for key in attributes if key.startswith("on")]
        addresses = [attributes[key] for key in ("src", "href", "xlink:href", "srcset", "action") if key in attributes]
        found += [address for address in addresses if not address.startswith(("#", "data:"))]
    return found


def dangling(page):
    """Return identifiers that occur twice, and references to none."""
    ids = page.ids
    pointed = [a["href"][1:] for _, a in page.tags if a.get("href", "").startswith("#")]
    pointed += [
        name for _, a in page.tags for value in a.values() for name in re.findall(r"url\(#(.*?)\)", value or "")
    ]
    return {name for name in ids if ids.count(name) > 1} | (set(pointed) - set(ids))


@pytest.fixture(scope="module")
def run():
    """Real draws of a small ring on the golden model, and what the gate sees of them."""
    instance = generate("ring", n=6, J=1.0, h=0.3)
    sampler, schedule = GoldenSampler(), Schedule.constant(0.5, 60)
    program = sampler.program(instance, schedule)
    samples = [sampler.sample(instance, schedule, n_chains=200, seed=seed) for seed in (1, 2)]
    first = np.full((200, 1, 6), -1, dtype=np.int8)
    spins = np.concatenate([first, samples[0].spins], axis=1)
    evidence = Evidence(program, spins, end_law=law_after(program))
    return SimpleNamespace(
        instance=instance,
        program=program,
        samples=samples,
        evidence=evidence,
        conditionals=measure_conditionals(program, spins),
    )


@pytest.fixture(scope="module")
def full(run):
    """A report with every section."""
    one, two = run.samples
    runs = [report_sources.energy_run(name, samples) for name, samples in (("one", one), ("two", two))]
    return ReportData(
        title="ring of 6",
        verdict="pass",
        sentence="It samples its law.",
        checks=(Check("Lockstep", "pass", "0 cycles differ"), Check("Board", "skipped", "no board")),
        instance=report_sources.instance_facts(run.instance),
        design=report_sources.design_facts(run.program.spec),
        energy=report_sources.energy_section(runs, lowest=-7.8),
        laws=(report_sources.law_section("ring, golden", run.evidence, alpha=1e-6),),
        conditionals=(report_sources.conditionals_section("ring, golden", run.conditionals),),
        autocorrelation=(report_sources.autocorrelation_run("one", one),),
        moments=report_sources.moments_section(run.instance, "one", one, "two", two),
        lockstep=lockstep(0),
        mutants=(mutant("stuck", True, p_value=0.0), mutant("wrap", None)),
        costs={"golden": one.ledger.as_dict()},
        skipped={"Board": "none is plugged in"},
        commands=("spinchip demo --seed 1",),
        versions={"spinchip": "0.1.0"},
        created="2026-01-01",
        seconds=61.0,
    )


def lockstep(mismatches, first=None):
    return SimpleNamespace(cycles=9000, registers=40, mismatches=mismatches, sweeps=200, first=first or {})


def mutant(name, rejected, p_value=None):
    row = {"fault": "a p-bit never moves", "arena": "as given", "by": "law: all bits", "power": 0.99999}
    return SimpleNamespace(name=name, rejected=rejected, p_value=p_value, **row)


@pytest.fixture(scope="module")
def text(full):
    return report_text(full)


@pytest.mark.promise("cli.report")
def test_report_needs_nothing_else(text):
    assert foreign_addresses(text) == []
    assert dangling(Page(text)) == set()
    assert len(text.encode()) < MAX_BYTES
    assert "default-src 'none'" in text


@pytest.mark.parametrize(
    "addition",
    [
        '<img src="https://example.org/x.png">',
        '<link rel="stylesheet" href="style.css">',
        "<style>@import 'x.css'</style>",
        '<div style="background: url(x.png)">',
        "<script>1</script>",
        '<p onclick="x()">',
    ],
)
def test_foreign_address_is_found(text, addition):
    assert foreign_addresses(text.replace("</main>", addition + "</main>"))


def test_dangling_reference_is_found(text):
    assert dangling(Page(text + '<use href="#nowhere">')) == {"nowhere"}
    assert dangling(Page(text + '<p id="verdict">')) == {"verdict"}


def test_equal_data_give_equal_text(full, text):
    assert report_text(full) == text


@pytest.mark.promise("cli.report")
@pytest.mark.slow
def test_every_section_appears_exactly_when_it_is_given(full):
    sections = {
        "checks": "checks",
        "instance": "instance",
        "design": "design",
        "energy": "energy",
        "laws": "law1",
        "conditionals": "conditionals1",
        "autocorrelation": "autocorrelation",
        "moments": "moments",
        "lockstep": "lockstep",
        "mutants": "mutants",
        "costs": "costs",
        "skipped": "skipped",
        "commands": "reproduce",
        "versions": "versions",
    }
    no_section = {"title", "verdict", "sentence", "created", "seconds", "lockstep_engine"}
    assert {field.name for field in fields(ReportData)} == set(sections) | no_section
    assert Page(report_text(BARE)).sections == {"verdict"}
    for field, section in sections.items():
        page = Page(report_text(replace(BARE, **{field: getattr(full, field)})))
        assert page.sections == {"verdict", section}, field
    assert Page(report_text(full)).sections == {"verdict", *sections.values()}


@pytest.mark.parametrize("verdict", ["pass", "suspicious", "fail"])
def test_badge_shows_the_verdict(verdict):
    text = report_text(replace(BARE, verdict=verdict))
    badges = re.findall(r'<p class="badge (\w+)">.*?</svg>(\w+)</p>', text, re.DOTALL)
    assert badges == [(verdict, verdict.upper())]
    assert f"<title>{verdict.upper()}: Bare</title>" in text


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ({"checks": (Check("Law", "fail"),)}, "the check 'Law' failed"),
        ({"lockstep": lockstep(3)}, "lockstep differs in 3 cycles"),
        ({"mutants": (mutant("stuck", False),)}, "the mutant 'stuck' was not rejected"),
    ],
)
def test_pass_over_a_failure_is_refused(failure, words):
    with pytest.raises(InputError, match=f"^Verdict must be fail where {words}, not 'pass'$"):
        ReportData("x", "pass", "x", **failure)
    assert Page(report_text(ReportData("x", "fail", "x", **failure))).sections >= {"verdict", *failure}


def test_verdict_maybe_is_refused():
    with pytest.raises(InputError, match="^Verdict must be one of pass, suspicious, fail, not 'maybe'$"):
        ReportData("x", "maybe", "x")
    with pytest.raises(InputError, match="^Outcome of a check must be one of pass, fail, skipped, not 'good'$"):
        Check("x", "good")


def test_first_mismatch_is_shown():
    first = {"sequencer.page": {"cycle": 4021, "rtl": "0000x011", "golden": 3}}
    words = Page(report_text(replace(BARE, lockstep=lockstep(17, first)))).text
    assert "sequencer.page" in words
    assert "4,021" in words
    assert "0x0x" in words
    assert "0x03" in words


def test_special_characters_are_escaped(full):
    law, part, run = full.laws[0], full.conditionals[0], full.energy.runs[0]
    data = replace(
        full,
        title=NASTY,
        verdict="fail",
        sentence=NASTY,
        checks=(Check(NASTY, "fail", NASTY),),
        instance={NASTY: NASTY},
        energy=EnergySection((replace(run, name=NASTY),), -8.0, NASTY),
        laws=(replace(law, name=NASTY),),
        conditionals=(replace(part, name=NASTY),),
        autocorrelation=(replace(full.autocorrelation[0], name=NASTY),),
        moments=replace(full.moments, x_name=NASTY, y_name=NASTY),
        lockstep=lockstep(1, {NASTY: {"cycle": 1, "rtl": NASTY, "golden": 1}}),
        mutants=(mutant(NASTY, True),),
        costs={NASTY: {NASTY: NASTY}},
        skipped={NASTY: NASTY},
        commands=(NASTY,),
        versions={NASTY: NASTY},
        created=NASTY,
    )
    text = report_text(data)
    page = Page(text)
    assert foreign_addresses(text) == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.text.count('<script>alert("x")</script> & $\\frac{1}{2}$ _') > 20


@pytest.mark.parametrize("name", ["bell\x07 nul\x00 line\nbreak", "odd\udcff byte", "日本語", "x" * 500, ""])
def test_any_name_can_be_written(full, tmp_path, name):
    data = replace(BARE, title=name, energy=EnergySection((replace(full.energy.runs[0], name=name),)))
    write_report(tmp_path / "report.html", data)
    assert (tmp_path / "report.html").read_bytes().decode("utf-8").endswith("</html>")


def test_file_is_the_text(full, text, tmp_path):
    write_report(tmp_path / "report.html", full)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == text


class Unwritable:
    """A fact that fails when the page reaches it."""

    def __str__(self):
        raise RuntimeError("half-way")


def test_exception_leaves_no_file(tmp_path):
    broken = replace(BARE, versions={"spinchip": Unwritable()})
    with pytest.raises(RuntimeError, match="^half-way$"):
        write_report(tmp_path / "report.html", broken)
    assert list(tmp_path.iterdir()) == []


def test_full_disk_leaves_the_old_report(full, tmp_path):
    path = tmp_path / "report.html"
    write_report(path, BARE)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), limits[1]))  # the write itself stops half-way
    try:
        with pytest.raises(InputError, match="File too large"):
            write_report(path, full)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    assert path.read_bytes() == before


def test_rendering_leaves_matplotlib_as_it_was():
    program = (
        "import sys, matplotlib; before = dict(matplotlib.rcParams)\n"
        "from spinchip.sim.report.page import report_text\n"
        "from spinchip.sim.report.report_data import ReportData\n"
        "from spinchip.sim.report.plot_data import EnergyRun, EnergySection\n"
        "energy = EnergySection((EnergyRun('a', [1.0, 2.0, 1.0]),))\n"
        "assert '<svg' in report_text(ReportData('x', 'fail', 'x', energy=energy))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert dict(matplotlib.rcParams) == before\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=120)


def test_costs_have_a_speed_only_where_it_is_known():
    costs = {"a": {"updates": 3_000_000, "wall_seconds": 0.5, "joules": Quantity(2e-6, "J")}, "b": {"cycles": 7}}
    rows = {name: [None if value is None else str(value) for value in values] for name, values in cost_rows(costs)}
    assert rows == {
        "p-bit updates": ["3000000", None],
        "joules": ["2\xa0µJ", None],
        "clock cycles": [None, "7"],
        "wall time": ["500\xa0ms", None],
        "speed": ["6\xa0M\xa0updates/s", None],
    }


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: EnergySection(()), "Energies must come from at least one run with one draw, not none"),
        (
            lambda: LawSection("x", np.array([0.5, 0.5]), np.zeros(2, dtype=int)),
            (
                "Distribution and histogram must have an entry per state and one draw or more, "
                "not (2,) and (2,) with 0 draws"
            ),
        ),
        (
            lambda: ConditionalsSection("x", np.zeros(1), np.zeros(1), np.zeros(1), np.full(1, 0.5)),
            "Conditionals must have updates at every field that is listed, not sizes [(1,), (1,), (1,), (1,)]",
        ),
    ],
)
def test_section_without_data_is_refused(build, words):
    with pytest.raises(InputError, match=f"^{re.escape(words)}$"):
        build()


def test_small_extremes_are_drawn():
    data = replace(
        BARE,
        energy=EnergySection((EnergyRun("constant", np.full(3, -2.0)), EnergyRun("one draw", np.array([5.0])))),
        laws=(LawSection("certain", np.array([0.0, 1.0]), np.array([0, 9])),),
        conditionals=(ConditionalsSection("one", np.zeros(1), np.array([4]), np.array([1]), np.array([0.5])),),
        autocorrelation=(AutocorrelationRun("white", np.array([1.0, 0.0]), 1.0),),
        moments=MomentsSection("a", "b", (MomentGroup("equal", np.ones(1), np.ones(1), np.zeros(1), np.zeros(1)),)),
    )
    assert report_text(data).count("<svg viewBox") == 2 * 5  # wide and narrow
