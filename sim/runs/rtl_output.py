"""Verilog, register map and manifest of a fabric, as files: what `spinchip rtl` writes."""

from __future__ import annotations

import re

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.quantised import quantise
from ...emulator.spec.fabric.register_map import FIFO_BASE, SPINS_BASE, Register, identity
from ...emulator.spec.files.atomic_write import made_folder, whole_file
from ...emulator.spec.files.strict_json import json_text


def write_rtl(spec, instance, folder, program=None, name=None):
    """Write Verilog, ``registers.json`` and ``manifest.json`` into a folder.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    instance : IsingInstance
        What it was made for.
    folder : path
        Folder to write into; made if absent.
    program : ProgramFiles, optional
        Written too, as ``.hex`` files, with a testbench that loads it and ``bus.md``, the page about the bus.
    name : str, optional
        Prefix of every module, so that several designs fit into one project; see `top_name`.

    Returns
    -------
    dict
        The promised keys: top, files, n_pbits, colors, design_id.

    Raises
    ------
    InputError
        If the folder cannot be made or written, or the name is none for a module.
    """
    from ...rtl.verilog.emit import verilog_of  # Amaranth, which formats and registers need not
    from ..cosim.testbench import bench_name, testbench_text
    from .bus_page import bus_page

    top = top_name(name)
    folder = made_folder(folder)
    described = manifest(spec, instance, top)
    contents = {f"{top}.v": verilog_of(spec, top)}
    if program is not None:
        contents["bus.md"] = bus_page(spec, top, program)
        bench = f"{bench_name(top)}.v"
        contents[bench] = testbench_text(program, top)
        contents |= program.texts
        described["program"] = {"beta": program.beta, "sweeps": program.n_sweeps, "seed": program.seed}
        described["program"] |= {"states_checked": program.n_states, "testbench": bench}
    contents["registers.json"] = json_text(register_table(spec), indent=2)
    contents["manifest.json"] = json_text(described, indent=2)
    for file_name, text in contents.items():
        with whole_file(folder / file_name, "w") as handle:
            handle.write(text + "\n" * (not text.endswith("\n")))
    return {
        "top": top,
        "files": [str(folder / file_name) for file_name in contents],
        "n_pbits": spec.n_pbits,
        "colors": spec.n_colors,
        "design_id": f"{spec.design_id:016x}",
        "saturated": described["values_saturated"],
    }


def top_name(name):
    """Return the name of the top module under a prefix; the names of all others begin with it.

    >>> top_name(None), top_name("left")
    ('p_computer', 'left_p_computer')
    """
    from ...rtl.verilog.emit import TOP

    if name is None:
        return TOP
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", name):
        rule = "letters, digits and underscores, at most 100, and not begin with a digit"
        raise InputError(f"--name must be {rule}, not {name!r}")
    return f"{name}_{TOP}"


def register_table(spec):
    """Return the register map as rows of address, name and, where it is fixed, value; list of dict."""
    fixed = identity(spec)
    rows = [{"address": int(r), "name": r.name} | ({"value": int(fixed[r])} if r in fixed else {}) for r in Register]
    n_words = -(-spec.n_pbits // 32)
    rows.append({"address": SPINS_BASE, "name": "SPINS", "words": n_words})
    rows.append({"address": FIFO_BASE, "name": "FIFO_HEAD", "words": n_words})
    return rows


def manifest(spec, instance, top):
    """Return what a host needs to use the design: order of p-bits, edges and colours, and all formats."""
    return {
        "design_id": f"{spec.design_id:016x}",
        "top": top,
        "instance": {"name": instance.name, "provenance": instance.provenance},
        "values_saturated": quantise(instance, spec).n_saturated,
        "n_pbits": spec.n_pbits,
        "n_edges": len(spec.edges),
        "n_colors": spec.n_colors,
        "formats": formats(spec),
        "compare_bits": spec.compare_bits,
        "random_source": str(spec.random),
        "n_generators": spec.n_generators,
        "table_entries": spec.n_table_entries,
        "pages": spec.n_pages,
        "segments": spec.n_segments,
        "fifo_depth": spec.fifo_depth,
        "moment_bits": spec.moment_bits,
        "edges": [list(edge) for edge in spec.edges],
        "colors": list(spec.colors),
        "random_slots": list(spec.slots),
    }


def formats(spec):
    """Return the word formats as text; dict."""
    return {name: str(getattr(spec, name)) for name in ("weight", "bias", "field", "offset")}
