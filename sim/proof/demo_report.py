"""The main job's report: what was found, shown."""

from __future__ import annotations

from datetime import UTC, datetime

from ...emulator.stats.conditionals import measure_conditionals
from ..report import report_sources as sources
from ..report.page import write_report
from ..report.report_data import Check, ReportData


def write_demo_report(path, findings, result):
    """Write the report of the main job.

    Parameters
    ----------
    path : path
        File to write.
    findings : Findings
        What was sampled.
    result : dict
        Result of `run_demo`.
    """
    glass, runs = findings.glass, {"reference": findings.reference, "golden": findings.golden}
    energies = [sources.energy_run(name, run, findings.recording) for name, run in runs.items()]
    memories = [sources.autocorrelation_run(name, run, findings.recording) for name, run in runs.items()]
    skipped = dict(line.split(": ", 1) for line in result["skipped"])
    data = ReportData(
        title=f"{glass.instance.name}: from its file to proved RTL",
        verdict="pass" if result["good"] else "fail",
        sentence=_sentence(result),
        checks=_checks(result),
        instance=sources.instance_facts(glass.instance),
        design=sources.design_facts(glass.spec),
        energy=sources.energy_section(energies, glass.ground_energy, "putative ground state"),
        laws=tuple(sources.law_section(name, evidence, 1e-6) for name, evidence in findings.laws.items()),
        conditionals=tuple(
            sources.conditionals_section(name, measure_conditionals(evidence.program, evidence.spins))
            for name, evidence in findings.updates.items()
        ),
        autocorrelation=tuple(memory for memory in memories if memory is not None),
        moments=sources.moments_section(glass.instance, "reference", findings.reference, "golden", findings.golden),
        lockstep=findings.lockstep,
        lockstep_engine=result["lockstep"]["engine"],
        costs={name: run.ledger.as_dict() for name, run in runs.items()},
        skipped=skipped,
        commands=findings.commands,
        versions=sources.software_versions(),
        created=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=result["seconds"],
    )
    write_report(path, data)


def _sentence(result):
    lockstep, law = result["lockstep"], result["law"]
    if not result["good"]:
        failed = [check.name for check in _checks(result) if check.outcome == "fail"]
        return f"Failed: {'; '.join(failed)}."
    return (
        f"The generated RTL equals the integer model in {lockstep['registers']} registers over "
        f"{lockstep['cycles']:,} cycles under {lockstep['engine']}, and what {law['backend'].capitalize()} draws of a "
        f"{law['spins']}-spin piece of the glass follows its exact distribution "
        f"(least p of its tests, corrected for their number: {law['p_value']:.2g}; "
        f"it would fail below {law['alpha']:g})."
    )


def _checks(result):
    """Return the lines of the summary."""
    agreement, lockstep, law, whole = (result[key] for key in ("agreement", "lockstep", "law", "updates"))
    z, p = agreement["energy_z"], agreement["energy_p"]
    moments = (
        f"largest |z| of {agreement['n_moments']:,} edges {agreement['moment_z']:.2f} (p = {agreement['moment_p']:.2g})"
    )
    return (
        Check(
            "Energy and moments, golden against reference",
            agreement["verdict"],
            f"z = {z:.2f} (p = {p:.2g}); {moments}",
        ),
        Check(
            "Lockstep, RTL against golden",
            "fail" if lockstep["mismatches"] else "pass",
            f"{lockstep['mismatches']} mismatches in {lockstep['cycles']:,} cycles, {lockstep['sweeps']} sweeps",
        ),
        Check(
            f"Law of a {law['spins']}-spin piece, sampled by {law['backend']}",
            "fail" if law["verdict"] == "fail" else "pass",
            f"least corrected p = {law['p_value']:.2g}, "
            f"total variation {law['tv']:.3f} with a noise floor of {law['tv_floor']:.3f}",
        ),
        Check(
            "Every update of the whole glass, sampled by golden",
            "fail" if whole["verdict"] == "fail" else "pass",
            f"least corrected p = {whole['p_value']:.2g}, largest conditional |z| {whole['conditionals']['z_max']:.2f}",
        ),
    )
