"""No version is admitted of which a fault is known that strangers reach, and what the image is built from fits."""

import re
import tomllib
from importlib.metadata import requires
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OPTIONAL = PROJECT["project"]["optional-dependencies"]
# The first version without the fault, and its name.
MENDED = {
    "aiohttp": ("3.13.3", "CVE-2025-69223"),
    "cryptography": ("46.0.5", "CVE-2026-26007"),
    "h11": ("0.16", "CVE-2025-43859"),
    "jinja2": ("3.1.6", "CVE-2025-27516"),
    "mcp": ("1.10", "CVE-2025-53365"),
    "pyjwt": ("2.12", "CVE-2026-32597"),
    "python-multipart": ("0.0.22", "CVE-2026-24486"),
    "requests": ("2.32.4", "CVE-2024-47081"),
    "scikit-learn": ("1.5", "CVE-2024-5206"),
    "setuptools": ("78.1.1", "CVE-2025-47273"),
    "starlette": ("0.49.1", "CVE-2025-62727"),
    "urllib3": ("2.6.3", "CVE-2026-21441"),
}


def declared():
    listed = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"], *chain(*OPTIONAL.values())]
    found = {}
    for requirement in map(Requirement, listed):
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement.specifier)
    return found


def constrained():
    lines = (ROOT / ".deploy" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", MENDED)
def test_floors_stand_above_known_faults(name):
    version, _ = MENDED[name]
    for specifier in declared()[name]:
        floors = [Version(one.version) for one in specifier if one.operator in {">=", "=="}]
        assert floors and max(floors) >= Version(version)


def test_the_image_is_built_from_versions_that_fit_and_all_of_them_are_named():
    """What is declared and what that needs in turn is held to a version, without an address."""
    held, found = constrained(), declared()
    extras = (OPTIONAL[extra] for extra in ("postgres", "slack", "teams", "mcp"))
    listed = [*PROJECT["project"]["dependencies"], *chain(*extras)]
    for name in {canonicalize_name(Requirement(one).name) for one in listed}:
        assert all(specifier.contains(held[name]) for specifier in found[name]), name
        for needed in map(Requirement, requires(name) or []):
            if needed.marker is None:
                assert canonicalize_name(needed.name) in held, f"{name} needs {needed.name}"
    text = (ROOT / ".deploy" / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--", text.replace("--dry-run --ignore-installed --report", ""))
    assert "--constraint constraints.txt" in (ROOT / ".deploy" / "Dockerfile").read_text(encoding="utf-8")
