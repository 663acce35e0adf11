"""Build the documentation site without network: every Markdown file of the project in its place, links checked.

``python .ci/docs.py OUT`` writes the site; a link to nothing is an error.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "build" / "docs-source"
WORD_FORMAT = re.compile(r"(?<![`\w])s\[\w+\]\[\w+\]")
FIGURES = re.compile(r"^\[All figures\]\(\.\./results/([\w-]+\.md)\)$", re.MULTILINE)
KEPT = {".md", ".png", ".toml", ".py", ".bib", ".txt"}


def tracked():
    """Return the project's files; ``git`` knows them, and in an archive without it all are taken."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [ROOT / line for line in done.stdout.splitlines()]
    skipped = {".venv", "build", "out", ".git"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)]


def gather():
    """Copy documents and what they link to, so that relative links hold."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    for path in tracked():
        if path.name == "__init__.py":  # would make this folder a package beside the public function `build`
            continue
        if (path.suffix in KEPT or path.name in {"LICENSE", "Makefile"}) and path.is_file():
            place = SOURCE / path.relative_to(ROOT)
            if place.parts[len(SOURCE.parts)] in {".ci", ".github"}:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            if path.suffix == ".md":  # a word format is no reference
                text = FIGURES.sub(figures, path.read_text(encoding="utf-8"))
                place.write_text(WORD_FORMAT.sub(r"`\g<0>`", text), encoding="utf-8")


def figures(link):
    """Return the text of a result's file, to stand in a workload's page where that links to all figures."""
    lines = (ROOT / "docs" / "results" / link[1]).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines[1:] if not line.startswith("![")]
    kept = [f"#{line}" if line.startswith("#") else line for line in kept]
    return "\n".join(["## All figures", *(re.sub(r"\]\((?!https?:|\.\.)", "](../results/", line) for line in kept)])


def main(out):
    """Gather and build; returns the exit status."""
    gather()
    # Not --quiet: what is not logged is not counted, and --strict would let every broken link pass.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(ROOT / "mkdocs.yml")]
    command += ["--site-dir", str(Path(out).resolve())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "INFO" not in line and "│" not in line]
        sys.stderr.write("\n".join([*lines, ""]))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build/site"))
