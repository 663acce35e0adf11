"""A build's folder: results that are kept under the key of their plan, and files that appear whole."""

from __future__ import annotations

from pathlib import Path

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_file
from ...emulator.spec.files.json_reading import read_json
from ...emulator.spec.files.strict_json import write_json

RESULT = "result.json"


def known_result(folder, key):
    """Return the result of an earlier build of the same plan whose products are still there, or None."""
    try:
        stored = read_json(folder / RESULT)
    except InputError:
        return None
    if not isinstance(stored, dict) or stored.get("key") != key or not isinstance(stored.get("result"), dict):
        return None
    result = stored["result"]
    products = [result[name] for name in ("bitstream", "project") if result.get(name) is not None]
    if not all(Path(product).exists() for product in products):
        return None
    return result | {"cached": True}


def keep_result(folder, key, result):
    """Keep a result for `known_result`."""
    write_json(folder / RESULT, {"key": key, "result": result}, indent=2)


def whole_copy(source, target):
    """Copy a file so that nobody sees half of it; return the target."""
    with whole_file(target, "wb") as handle:
        handle.write(source.read_bytes())
    return target
