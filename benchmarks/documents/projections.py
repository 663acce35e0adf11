"""One file with projections of all workloads but the network's, which has a file of its own.

``python -m spinchip.benchmarks.documents.projections docs/results/projections.md`` writes it in some minutes on two
cores.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ...emulator.spec.files.atomic_write import whole_file
from ...sim.cli.project import markdown
from ...sim.codesign.projections.workloads import Wish, projected

# Arguments of `spinchip project`, as a person writes them, and the same as wishes.
COMMANDS = {
    "spin-glass": ("spin-glass", {}),
    "van --beta 1": ("van", {"beta": 1.0}),
    "van --beta 3": ("van", {"beta": 3.0}),
    "max-cut": ("max-cut", {}),
    "max-cut --instance G11": ("max-cut", {"instance": "G11"}),
    "logic": ("logic", {}),
    "logic --instance '[multiplier bits=4]' --hold p=143": (
        "logic",
        {"instance": "[multiplier bits=4]", "hold": {"p": 143}},
    ),
    "digits": ("digits", {}),
}
HEAD = """# Projections of the other workloads

Made by `python -m spinchip.benchmarks.documents.projections docs/results/projections.md` on two shared cores; each
part is what its command prints. Kinds and ranges as in [the projection of networks](project.md); a joule of a sample is
that of one independent sample, of one solution, or of one picture.

"""


def table(commands=COMMANDS):
    """Return the text of the file.

    Parameters
    ----------
    commands : dict of str to (str, dict)
        Arguments, workload and its `Wish`.
    """
    parts = []
    for arguments, (workload, changes) in commands.items():
        title, body = markdown(projected(workload, Wish(**changes))).split("\n", 1)
        parts.append(f"#{title.replace('Projection: ', '')}\n\n`spinchip project {arguments}`\n{body}")
    return HEAD + "\n".join(parts)


def main(path):
    """Write the file."""
    text = table()
    with whole_file(Path(path)) as handle:
        handle.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
