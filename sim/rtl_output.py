"""Verilog, register map and manifest of a fabric, as files: what `spinchip rtl` writes."""

from __future__ import annotations

from ..emulator.spec.atomic_write import made_folder, whole_file
from ..emulator.spec.quantised import quantise
from ..emulator.spec.register_map import FIFO_BASE, SPINS_BASE, Register, identity
from ..emulator.spec.strict_json import json_text


def write_rtl(spec, instance, folder):
    """Write ``p_computer.v``, ``registers.json`` and ``manifest.json`` into a folder.

    Parameters
    ----------
    spec : FabricSpec
        The design.
    instance : IsingInstance
        What it was made for.
    folder : path
        Made if absent.

    Returns
    -------
    dict
        The promised keys: top, files, n_pbits, colors, design_id.
    """
    from ..rtl.emit import TOP, verilog_of  # Amaranth, which formats and registers need not

    folder = made_folder(folder)
    contents = {
        f"{TOP}.v": verilog_of(spec),
        "registers.json": json_text(register_table(spec), indent=2),
        "manifest.json": json_text(manifest(spec, instance), indent=2),
    }
    for name, text in contents.items():
        with whole_file(folder / name, "w") as handle:
            handle.write(text + "\n" * (not text.endswith("\n")))
    return {
        "top": TOP,
        "files": [str(folder / name) for name in contents],
        "n_pbits": spec.n_pbits,
        "colors": spec.n_colors,
        "design_id": f"{spec.design_id:016x}",
        "saturated": quantise(instance, spec).n_saturated,
    }


def register_table(spec):
    """Return the register map as rows of address, name and, where it is fixed, value; list of dict."""
    fixed = identity(spec)
    rows = [{"address": int(r), "name": r.name} | ({"value": int(fixed[r])} if r in fixed else {}) for r in Register]
    n_words = -(-spec.n_pbits // 32)
    rows.append({"address": SPINS_BASE, "name": "SPINS", "words": n_words})
    rows.append({"address": FIFO_BASE, "name": "FIFO_HEAD", "words": n_words})
    return rows


def manifest(spec, instance):
    """Return what a host needs to use the design: order of p-bits, edges and colours, and all formats."""
    from ..rtl.emit import TOP

    return {
        "design_id": f"{spec.design_id:016x}",
        "top": TOP,
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
