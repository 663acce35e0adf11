"""What a report shows: plain arrays and numbers, so that it does not depend on how they were made.

Every section is optional; one that is not given is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...emulator.spec.errors import InputError
from .plot_data import AutocorrelationRun, ConditionalsSection, EnergySection, LawSection, MomentsSection

if TYPE_CHECKING:  # only their attributes count: a report needs neither simulator nor gate
    from ..cosim.scoreboard import LockstepResult
    from ..proof.mutant_table import MutantRow

VERDICTS = ("pass", "suspicious", "fail")
OUTCOMES = ("pass", "fail", "skipped")


@dataclass(frozen=True)
class Check:
    """One line of the summary.

    Parameters
    ----------
    name : str
        What was checked, in words.
    outcome : {"pass", "fail", "skipped"}
        Outcome of the check.
    detail : str
        Numbers behind it, or why it was skipped.
    """

    name: str
    outcome: str
    detail: str = ""

    def __post_init__(self):
        if self.outcome not in OUTCOMES:
            raise InputError(f"Outcome of a check must be one of {', '.join(OUTCOMES)}, not {self.outcome!r}")


@dataclass(frozen=True, eq=False)
class ReportData:
    """A whole report.

    Parameters
    ----------
    title : str
        Headline of the report.
    verdict : {"pass", "suspicious", "fail"}
        Verdict shown as the badge.
    sentence : str
        The verdict in one sentence.
    checks : tuple of Check
        Summary, one line each.
    instance, design : mapping of str to number, str or Quantity
        Facts in order.
    energy : EnergySection or None
    laws : tuple of LawSection
    conditionals : tuple of ConditionalsSection
    autocorrelation : tuple of AutocorrelationRun
    moments : MomentsSection or None
    lockstep : LockstepResult or None
    lockstep_engine : str
        Simulator that lockstep ran under.
    mutants : tuple of MutantRow
    costs : mapping of str to mapping
        Run to its ledger: event or quantity to number, str or Quantity; ``wall_seconds`` is shown as a time.
    skipped : mapping of str to str
        What was not done, and why.
    commands : tuple of str
        Command lines that reproduce the report.
    versions : mapping of str to str
        Version of each software package.
    created : str
        Date and time of the report.
    seconds : float or None
        Duration of the whole job [s].

    Raises
    ------
    InputError
        If the verdict is none of the three, or is "pass" although a check, lockstep or a mutant failed.
    """

    title: str
    verdict: str
    sentence: str
    checks: tuple[Check, ...] = ()
    instance: Mapping[str, object] = field(default_factory=dict)
    design: Mapping[str, object] = field(default_factory=dict)
    energy: EnergySection | None = None
    laws: tuple[LawSection, ...] = ()
    conditionals: tuple[ConditionalsSection, ...] = ()
    autocorrelation: tuple[AutocorrelationRun, ...] = ()
    moments: MomentsSection | None = None
    lockstep: LockstepResult | None = None
    lockstep_engine: str = "Icarus"
    mutants: tuple[MutantRow, ...] = ()
    costs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""
    seconds: float | None = None

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise InputError(f"Verdict must be one of {', '.join(VERDICTS)}, not {self.verdict!r}")
        failed = next(self.failures(), None)
        if self.verdict == "pass" and failed:
            raise InputError(f"Verdict must be fail where {failed}, not 'pass'")

    def failures(self):
        """Yield what failed, in words."""
        yield from (f"the check {check.name!r} failed" for check in self.checks if check.outcome == "fail")
        if self.lockstep is not None and self.lockstep.mismatches:
            yield f"lockstep differs in {self.lockstep.mismatches} cycles"
        yield from (f"the mutant {row.name!r} was not rejected" for row in self.mutants if row.rejected is False)
