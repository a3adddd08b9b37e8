"""Packages of npm, installed once a run; skipped where there is no npm."""

import shutil
import subprocess
from pathlib import Path

import pytest


def install(folder: Path, *packages: str) -> Path:
    """The folder `node_modules` with the packages in it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    quiet = ["--silent", "--no-audit", "--no-fund"]
    subprocess.run([npm, "install", *quiet, "--prefix", folder, *packages], check=True)
    return folder / "node_modules"
