"""Which engine made a fit: a digest of all code that turns a view into a posterior."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

from forecast.version import __version__

_ENGINE_ROOMS = ("domain", "families", "inference")
_ENGINE_LIBRARIES = ("pymc", "pytensor", "numpy", "scipy", "numba", "nutpie")


@cache
def engine() -> str:
    """Return a digest of the version and of the code that turns a view into a posterior.

    So that no fit outlives a change of its formula, in a release or between two.
    """
    from importlib.metadata import PackageNotFoundError, version

    package = Path(__file__).parents[1]
    rooms = (p for room in _ENGINE_ROOMS for p in (package / room).glob("*.py"))
    sha = hashlib.sha256(__version__.encode())
    beside = [package / "sobol.py", *(package / "verbs" / f"{f}.py" for f in ("fitting", "fits"))]
    for path in sorted([*rooms, *beside]):
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in _ENGINE_LIBRARIES:
        try:
            sha.update(f"{name}=={version(name)}".encode())
        except PackageNotFoundError:
            continue
    return sha.hexdigest()


def engine_mark() -> str:
    """Return the engine's digest as records carry it, short."""
    return engine()[:12]


@cache
def family_code(name: str) -> str:
    """Return a digest of the code of a family that a plug-in brings; empty for our own."""
    from forecast.families import FAMILIES, get

    if name in FAMILIES:
        return ""
    sha = hashlib.sha256()
    for path in _files_of(type(get(name)).__module__):
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()


def _files_of(module: str) -> list[Path]:
    """Return the source files of a module's whole package, in order."""
    root = sys.modules[module.split(".")[0]]
    folders = map(Path, getattr(root, "__path__", ()))
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return files or [Path(source) for source in [root.__file__] if source]
