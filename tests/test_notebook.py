"""The notebook runs from beginning to end, says nothing on stderr, and leaves no trace."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from traitlets import default

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "ukraine.ipynb"
PICTURES = {"posterior", "ladder", "history", "crowd-picture"}

# Jupyter's and ZeroMQ's own, about where they keep files and how Windows waits for sockets.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Jupyter is migrating its paths:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning"),
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the notebook reads, as it stands in git."""
    kept_out = shutil.ignore_patterns(".forecast", "record", ".ipynb_checkpoints")
    for name in ("questions", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name, ignore=kept_out)
    return tmp_path / "checkout"


@pytest.fixture
def stored() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def digests(folder: Path) -> dict[str, str]:
    """The content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_is_stored_without_outputs(stored):
    nbformat.validate(stored)
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count is not None for cell in code)
    assert not any(cell.metadata for cell in stored.cells)
    assert stored.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("where", ["notebooks", "."])
def test_it_finds_the_book_from_its_own_folder_and_the_root(where, stored, checkout):
    cell = next(cell for cell in stored.cells if cell.id == "open")
    done = subprocess.run(
        [sys.executable, "-c", cell.source + "\nscratch.cleanup()"],
        cwd=checkout / where,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "10 questions" in done.stdout


@pytest.mark.slow
def test_it_runs_and_leaves_no_trace(stored, checkout, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    before = digests(checkout)
    execute(stored, checkout / "notebooks")
    outputs = {cell.id: cell.outputs for cell in stored.cells if cell.cell_type == "code"}
    assert [o.text for found in outputs.values() for o in found if o.get("name") == "stderr"] == []
    drawn = {name for name, found in outputs.items() if any("image/png" in o.get("data", {})
                                                            for o in found)}  # fmt: skip
    assert drawn == PICTURES
    assert digests(checkout) == before


class OwnKernel(AsyncKernelManager):
    """Starts this very interpreter, never a python3 that somebody installed for themselves."""

    @default("kernel_spec_manager")
    def _only_the_native(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[])


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run every cell; an error in one is raised."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=OwnKernel,
        timeout=300,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
