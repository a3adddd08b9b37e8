"""corpus → retrieval → intents → bot: a package imports only from those to its left."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("corpus", "retrieval", "intents", "bot")


def imported_packages(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found & set(ORDER)


@pytest.mark.parametrize("package", ORDER)
def test_a_package_imports_only_from_those_to_its_left(package):
    """Each file of a package, also what it imports late, inside functions."""
    allowed = set(ORDER[: ORDER.index(package) + 1])
    files = list((ROOT / package).glob("**/*.py"))
    assert files
    assert {str(f): imported_packages(f) - allowed for f in files if imported_packages(f) - allowed} == {}


def test_the_top_level_holds_nothing_else():
    """Four packages, the tests, and the files that name the project."""
    names = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    names -= {"build", "dist", "__pycache__"} | {n for n in names if n.endswith(".egg-info")}
    assert names == {*ORDER, "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md", "LICENSE", "CHANGELOG.md"}
