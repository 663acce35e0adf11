"""The catalogue of deliberately broken samplers that the gate must reject.

Each is a pure change of a golden program or of its kernel arrays: the golden kernels hold no hook for them. Some
faults cannot show on every design (no saturation, no wrong wrap), so a mutant names its arena, the honest design in
which its fault acts, and is judged against that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..golden.fabric.arrays import GoldenArrays, golden_arrays
from ..spec.errors import InputError
from ..spec.fabric.program import Program, compile_program
from ..spec.fabric.quantised import FabricOptions, fabric_for, quantise
from ..spec.fabric.random_source import RandomKind, RandomSpec
from ..spec.fixed import Fixed
from ..spec.instance import IsingInstance
from ..spec.schedule import Schedule
from .rewiring import rewired, with_shadow

COARSE_FRACTION = 2  # fraction bits of the field where one table entry shall matter; published p-bits have 1 to 3
COARSE_SHIFT = 2.0**-4  # least shift of a probability by one table entry, so that it matters for couplings of any size
TIE_BITS = 8  # a tie then comes about every 256 updates
LFSR_LEAP_SLICED = 16  # the low half of a word becomes the high half of the next


@dataclass(frozen=True, eq=False)
class Mutant:
    """A broken sampler beside the honest one.

    Parameters
    ----------
    name, fault, arena : str
        Short name; what is broken; which design lets it show and why.
    caught_by : {"law", "lockstep"}
        The gate that must reject it. The law gate may also see what lockstep must.
    honest : Program or None
        The honest design; None if the mutant does not apply.
    broken : Program or None
        Program that runs instead.
    arrays : GoldenArrays or None
        Kernel arrays of ``broken``, where no program says what is broken.
    not_applicable : str
        Why the fault changes nothing on this instance; empty if it does change something.
    """

    name: str
    fault: str
    arena: str
    caught_by: str
    honest: Program | None = None
    broken: Program | None = None
    arrays: GoldenArrays | None = None
    not_applicable: str = ""


@dataclass(frozen=True, eq=False)
class Setting:
    """An instance on its fabric at constant beta, from which mutants are made."""

    instance: IsingInstance
    beta: float
    options: FabricOptions
    n_sweeps: int

    def honest(self, **changes):
        """Return the honest program with some `FabricOptions` changed."""
        spec = fabric_for(self.instance, replace(self.options, **changes))
        return compile_program(self.instance, spec, Schedule.constant(self.beta, self.n_sweeps))


def catalogue(instance, beta, options=None, n_sweeps=50):
    """Return every mutant of one instance, those that do not apply included.

    Parameters
    ----------
    instance : IsingInstance
        Model that is sampled.
    beta : float
        Inverse temperature, above 0.
    options : FabricOptions, optional
        Options of the honest design; arenas change single fields of it.
    n_sweeps : int
        Length of the schedule.

    Returns
    -------
    list of Mutant
    """
    if not beta > 0:
        raise InputError(f"Inverse temperature of a mutant must be above 0, not {beta!r}; no coupling acts there")
    setting = Setting(instance, beta, options or FabricOptions(), n_sweeps)
    return [make(setting) for make in MAKERS]


def _one_shift_lfsr(setting):
    honest = setting.honest()
    random = RandomSpec(RandomKind.LFSR32, slices=1, leap=1)
    return Mutant(
        "one-shift lfsr",
        "32-bit LFSR that moves one bit per update, so that a word is nearly twice the last one",
        "as given; published p-bit hardware does this",
        "law",
        honest,
        replace(honest, spec=replace(honest.spec, random=random)),
    )


def _sliced_lfsr(setting):
    changes = {"compare_bits": min(16, setting.options.compare_bits)}
    honest = setting.honest(**changes)
    random = RandomSpec(RandomKind.LFSR32, slices=2, leap=LFSR_LEAP_SLICED)
    text = (
        "sliced lfsr",
        f"LFSR word cut in two, {LFSR_LEAP_SLICED} shifts an update: one p-bit's slice is the other's next",
        "at most 16 compared bits, so that two slices fit a word",
        "law",
    )
    if honest.spec.n_slots < 2:
        return Mutant(*text, not_applicable="no colour has two p-bits to share a word")
    return Mutant(*text, honest, replace(honest, spec=replace(honest.spec, random=random)))


def _shared_word(setting):
    honest = setting.honest()
    text = ("shared word", "all p-bits of a colour compare with the same random slice", "as given", "law")
    if honest.spec.n_slots < 2:
        return Mutant(*text, not_applicable="no colour has two p-bits")
    return Mutant(*text, honest, replace(honest, spec=replace(honest.spec, slots=(0,) * honest.spec.n_pbits)))


def _together(setting):
    honest = setting.honest()
    text = ("neighbours together", "one colour for all: coupled p-bits update in the same clock", "as given", "law")
    if honest.spec.n_colors < 2:
        return Mutant(*text, not_applicable="nothing is coupled")
    spec = replace(honest.spec, colors=(0,) * honest.spec.n_pbits, slots=())
    return Mutant(*text, honest, replace(honest, spec=spec))


def _table_shift(setting):
    default = setting.honest().spec.field
    coarse = math.floor(math.log2(setting.beta / (2 * COARSE_SHIFT))) if setting.beta else default.n_frac
    n_frac = max(1 - default.n_int, min(default.n_frac, COARSE_FRACTION - min(0, default.n_int), coarse))
    field = Fixed(default.n_int, n_frac)
    honest = setting.honest(field=field)
    return Mutant(
        "table off by one",
        "every field reads the next higher field's threshold",
        f"field {field}: a step of {field.step:g} shifts probabilities by up to {setting.beta * field.step / 2:.2g}",
        "law",
        honest,
        replace(honest, tables=np.roll(honest.tables, -1, axis=1)),
    )


def _sign_of_h(setting):
    honest = setting.honest()
    instance = setting.instance
    flipped = quantise(IsingInstance(instance.couplings, -instance.biases), honest.spec)
    text = ("sign of h", "offsets built with -h", "as given", "law")
    if not np.any(quantise(instance, honest.spec).biases):
        return Mutant(*text, not_applicable="every bias is 0")
    return Mutant(*text, honest, replace(honest, offsets=flipped.offsets))


def _truncation(setting):
    text = ["truncation", "couplings and biases lose their dropped bits instead of being rounded"]
    for quantity, values in (("bias", setting.instance.biases), ("weight", setting.instance.edge_values)):
        default = getattr(setting.honest().spec, quantity)
        coarsest = 0 if min(default.n_int, default.n_frac) >= 0 else -default.n_int
        for n_frac in range(coarsest, default.n_frac):
            coarse = Fixed(default.n_int, n_frac)
            rounded, cut = coarse.words(values)[0], coarse.words(values, "truncate")[0]
            if not np.array_equal(rounded, cut):
                arena = f"{quantity} {coarse}: the coarsest format in which the two differ"
                honest = setting.honest(**{quantity: coarse})
                words = quantise(setting.instance, honest.spec, rounding="truncate")
                broken = replace(honest, weights=words.weights, offsets=words.offsets)
                return Mutant(*text, arena, "law", honest, broken)
    return Mutant(*text, "coarser formats", "law", not_applicable="every number is exact in the coarsest format")


def _wrap(setting):
    text = ["wrap", "a field beyond its format keeps its low bits and changes sign instead of saturating"]
    default = setting.honest().spec.field
    reach = setting.instance.max_field
    if default.n_int == 0 or reach < 2.0 ** (default.n_int - 1):
        return Mutant(*text, "narrower field", "law", not_applicable="no field outgrows the narrowest useful format")
    wide = replace(default, n_int=int(np.ceil(np.log2(reach + default.step))) + 1)
    wide = replace(wide, n_frac=min(wide.n_frac, 11 - wide.n_int))
    narrow = Fixed(default.n_int - 1, wide.n_frac)
    honest = setting.honest(field=narrow)
    wrapped = np.arange(1 << wide.width) & ((1 << narrow.width) - 1)
    broken = replace(honest, spec=replace(honest.spec, field=wide), tables=honest.tables[:, wrapped])
    return Mutant(*text, f"field {narrow}, one integer bit short of what states reach", "law", honest, broken)


def _stuck(setting):
    honest = setting.honest()
    clamps = np.zeros(honest.spec.n_pbits, dtype=np.int8)
    clamps[0] = 1
    return Mutant("stuck p-bit", "p-bit 0 stays at +1", "as given", "law", honest, replace(honest, clamps=clamps))


def _dropped_edge(setting):
    honest = setting.honest()
    text = ("dropped edge", "one p-bit's wire from one neighbour is open and reads 0", "as given", "law")
    if not np.any(honest.weights):
        return Mutant(*text, not_applicable="nothing is coupled")
    reader, neighbor = _strongest_edge(honest)
    return Mutant(*text, honest, honest, rewired(golden_arrays(honest), reader, neighbor, weight=0))


def _stale(setting):
    honest = setting.honest()
    text = ["stale neighbour", "one p-bit reads one neighbour as it was a sweep ago"]
    if not np.any(honest.weights):
        return Mutant(*text, "as given", "law", not_applicable="nothing is coupled")
    if honest.spec.field.width > 11:
        honest = setting.honest(field=Fixed(honest.spec.field.n_int, 10 - honest.spec.field.n_int))
    broken, arrays = with_shadow(honest, *_strongest_edge(honest))
    arena = "a shadow p-bit, which the gate does not see, copies the neighbour just before that updates"
    return Mutant(*text, arena, "law", honest, broken, arrays)


def _strongest_edge(program):
    """Return (reader, neighbour) of the largest coupling; the reader updates later than the neighbour."""
    i, j = program.spec.edges[int(np.argmax(np.abs(program.weights)))]
    return (i, j) if program.spec.colors[i] > program.spec.colors[j] else (j, i)


def _tie_rule(setting):
    honest = setting.honest(compare_bits=TIE_BITS)
    return Mutant(
        "tie rule",
        "a random word equal to the threshold gives 1",
        f"{TIE_BITS} compared bits: probabilities move by 2^-{TIE_BITS} only, but ties come every few hundred updates",
        "lockstep",
        honest,
        replace(honest, tables=honest.tables + np.uint32(1)),
    )


def _sweep_count(setting):
    honest = setting.honest()
    segments = (*honest.segments[:-1], (honest.segments[-1][0], honest.segments[-1][1] + 1))
    return Mutant(
        "sweep count",
        "the last segment runs one sweep too many",
        "as given; at constant beta the law is the same, so only the count betrays it",
        "lockstep",
        honest,
        replace(honest, segments=segments),
    )


MAKERS = (
    _one_shift_lfsr,
    _sliced_lfsr,
    _shared_word,
    _together,
    _table_shift,
    _sign_of_h,
    _truncation,
    _wrap,
    _stuck,
    _dropped_edge,
    _stale,
    _tie_rule,
    _sweep_count,
)
