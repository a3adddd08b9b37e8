"""No version is admitted of which a fault is known that strangers reach, and what the image is built from fits."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from itertools import chain
from pathlib import Path

import pytest
from lock_versions import FILES, TORCH_FROM_ELSEWHERE, pins_of
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


def constrained(*files):
    """Name → version and hashes, of files of `.deploy`."""
    texts = [(ROOT / ".deploy" / file).read_text(encoding="utf-8") for file in files]
    return {name: pin for text in texts for name, pin in pins_of(text).items()}


@pytest.mark.parametrize("name", MENDED)
def test_floors_stand_above_known_faults(name):
    version, _ = MENDED[name]
    for specifier in declared()[name]:
        floors = [Version(one.version) for one in specifier if one.operator in {">=", "=="}]
        assert floors and max(floors) >= Version(version)


@pytest.mark.parametrize(
    ("files", "extras"),
    [
        (["constraints.txt"], ["postgres", "slack", "teams", "mcp"]),
        (["constraints.txt", "constraints-test.txt"], ["test", "documents"]),
        (list(FILES), ["models", "benchmark"]),
    ],
)
def test_versions_that_fit_are_held_with_all_they_need(files, extras):
    """What is declared and what that needs in turn."""
    held, found = constrained(*files), declared()
    listed = [*PROJECT["project"]["dependencies"], *chain(*(OPTIONAL[extra] for extra in extras))]
    for name in {canonicalize_name(Requirement(one).name) for one in listed} - {"hms-bot"}:
        assert all(specifier.contains(held[name][0]) for specifier in found[name]), name
        try:
            needs = requires(name) or []
        except PackageNotFoundError:
            continue  # of an extra that is not installed here
        for needed in map(Requirement, needs):
            if needed.marker is None:
                assert canonicalize_name(needed.name) in held, f"{name} needs {needed.name}"


def test_every_file_is_held_by_its_hash_and_none_by_an_address():
    for file in FILES:
        text = (ROOT / ".deploy" / file).read_text(encoding="utf-8")
        pins = pins_of(text)
        assert len(pins) == len(re.findall(r"^\S+==", text, re.MULTILINE)) > 0
        assert all(hashes for _, hashes in pins.values())
        assert not re.search(r"://|@|--(?!hash=sha256:)", text)
    assert set(constrained("constraints-models.txt")["torch"][1]) == set(TORCH_FROM_ELSEWHERE)


def test_what_is_built_and_tested_is_installed_from_what_is_held():
    by_hash = "--require-hashes --requirement"
    assert f"{by_hash} constraints.txt" in (ROOT / ".deploy" / "Dockerfile").read_text(encoding="utf-8")
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert f"{by_hash} .deploy/constraints-test.txt" in run and f"{by_hash} .deploy/constraints-models.txt" in run
