"""Speeds of a benchmark as a document.

Command: ``python -m spinchip.benchmarks.documents.speed nqs docs/results/nqs_speed.md``.
"""

from __future__ import annotations

import sys

from ...emulator.spec.files.atomic_write import whole_file
from .. import explorer, generative, nqs, scope
from .gibbs import machine, plain_line

TITLES = {
    "nqs": (nqs, "Neural quantum states: speeds beside NetKet"),
    "scope": (scope, "The scope: frames a second"),
    "explorer": (explorer, "The explorer: what it costs itself"),
    "generative": (generative, "Independent states of a glass: directed p-bits beside Gibbs sampling"),
}
HEAD = """# {title}

Made by `python -m spinchip.benchmarks.documents.speed {name} {path}`, in one run, with what `spinchip bench {name}`
measures. Ratios are speeds over the peer's.

- Machine: {machine}.

| what | value | unit | peer | ratio |
|---|---|---|---|---|
"""


def document(name, path, quick):
    """Return the document of a benchmark of `TITLES` as Markdown."""
    module, title = TITLES[name]
    lines = [plain_line(row) for row in module.rows(quick)]
    return HEAD.format(title=title, name=name, path=path, machine=machine()) + "".join(lines)


if __name__ == "__main__":
    made = document(*sys.argv[1:3], quick="--quick" in sys.argv)
    with whole_file(sys.argv[2]) as handle:
        handle.write(made)
