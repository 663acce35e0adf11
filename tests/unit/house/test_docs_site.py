"""The documentation builds without network, its links are checked, and notebooks run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import spinchip
from spinchip.sim.cli.workload import WORKLOADS

ROOT = Path(__file__).parents[3]
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


@pytest.mark.promise("codesign.docs")
@pytest.mark.slow
def test_site_is_whole_and_needs_nothing_from_elsewhere(tmp_path):
    pytest.importorskip("mkdocs")
    pytest.importorskip("material")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, str(ROOT / ".ci" / "docs.py"), str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for page in ("index.html", "docs/tutorial.html", "docs/results/digits.html", "docs/limits.html", "GLOSSARY.html"):
        assert (tmp_path / "site" / page).stat().st_size > 5000
    api = (tmp_path / "site" / "docs" / "api.html").read_text(encoding="utf-8")
    assert "CrossbarSampler" in api or "Crossbar" in api
    assert "conductance" in api
    for name in WORKLOADS:  # a page of its own, in the menu, with its table and not a link to it
        text = (tmp_path / "site" / "docs" / "workloads" / f"{name}.html").read_text(encoding="utf-8")
        assert 'id="all-figures"' in text
        assert text.count("<tr>") > 8
        assert f"docs/workloads/{name}.md" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert '<script src="http' not in text
        assert '<link rel="stylesheet" href="http' not in text


@pytest.mark.promise("house.front-door")
def test_reference_has_every_public_name_and_is_grouped_by_task():
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    entries = re.findall(r"^::: (\S+)$", text, re.MULTILINE)
    names = {name: getattr(spinchip, name) for name in spinchip.__all__ if not name.startswith("__")}
    assert {f"{found.__module__}.{name}" for name, found in names.items()} - set(entries) == set()
    groups = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert groups[:7] == ["Sample", "Anneal", "Verify", "Calibrate", "Crossbar", "Hardware", "Data"]


@pytest.mark.promise("codesign.docs")
def test_a_link_to_nothing_is_an_error(tmp_path):
    pytest.importorskip("mkdocs")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("[gone](gone.md)\n")
    config = "site_name: x\ntheme: mkdocs\nplugins: []\nvalidation: {links: {not_found: warn}}\n"
    (tmp_path / "mkdocs.yml").write_text(config)
    assert "not_found: warn" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = ["--config-file", str(tmp_path / "mkdocs.yml")]
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", *config]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.promise("house.front-door")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_take_exact_answers_alone_from_the_rooms(path):
    text = path.read_text(encoding="utf-8")
    assert "import spinchip" in text
    assert {found for found in re.findall(r"spinchip\.(\w+\.\w+)[.\w]* import", text)} <= {"emulator.oracle"}


@pytest.mark.promise("codesign.docs")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.slow
def test_notebooks_run(path):
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    book = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(ROOT)}}
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3", resources=where).execute()
    assert sum(bool(cell.get("outputs")) for cell in book.cells) >= 1
