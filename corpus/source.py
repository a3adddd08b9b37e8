"""A TOML file → validated rows, with the file and line of every fault."""

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

from pydantic import Field, TypeAdapter, ValidationError

Rows = TypeVar("Rows")

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$")]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a data file, said so that a person can mend it."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing or out of date in data that can be used all the same, without words: `key` names what
    is said of it, `values` are filled in, `changes` are wordings that were and are."""

    file: Path
    line: int
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    changes: tuple[tuple[str, str], ...] = ()


@cache
def _adapter(shape: Hashable) -> TypeAdapter[Any]:
    """What checks a shape: to make it takes longer than to check a file with it."""
    return TypeAdapter(cast(Any, shape))


class DataFault(Exception):
    """The data files cannot be used; carries every fault that was found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one data file, and where in it things stand."""

    file: Path
    text: str

    def line_of(self, needle: str) -> int:
        """The line (from 1) on which `needle` first stands, 1 where it does not."""
        position = self.text.find(needle)
        return self.text.count("\n", 0, position) + 1 if position >= 0 else 1

    def fault(self, message: str, near: str = "") -> Fault:
        return Fault(self.file, self.line_of(near), message)

    def finding(self, key: str, near: str, **values: object) -> Finding:
        return Finding(self.file, self.line_of(near), key, values)

    def parse(self, shape: type[Rows]) -> Rows:
        """The file's content, checked against a TypedDict. Raises DataFault."""
        try:
            content = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            raise DataFault(Fault(self.file, int(found[1]) if found else 1, f"not valid TOML: {error}")) from error
        adapter: TypeAdapter[Rows] = _adapter(cast(Hashable, shape))
        try:
            return adapter.validate_python(content)
        except ValidationError as error:
            raise DataFault(
                *(Fault(self.file, self.line_at(e["loc"]), _say(e["loc"], e["msg"])) for e in error.errors())
            ) from error

    def line_at(self, location: tuple[int | str, ...]) -> int:
        """The line (from 1) of what is at fault, or of the nearest that holds it, from table to key; an array's n-th
        table is counted from 0: `("fact", 2, "passage")`."""
        lines = self.text.splitlines()
        start, path = 0, ""
        for part in location:
            if isinstance(part, int):
                headers = [i for i, line in enumerate(lines) if line.strip() == f"[[{path}]]"]
                start = headers[part] if part < len(headers) else start
                continue
            path = f"{path}.{part}" if path else part
            headers = [i for i, line in enumerate(lines) if line.strip().replace('"', "") == f"[{path}]"]
            keys = [
                i
                for i in range(
                    start, next((i for i in range(start + 1, len(lines)) if lines[i][:1] == "["), len(lines))
                )
                if re.match(rf'\s*(?:[\w-]+\.)*"?{re.escape(part)}"?[.\s=]', lines[i])
            ]
            start = next(iter((*headers, *keys)), start)
        return start + 1


def read_source(file: Path) -> Source:
    """Read a data file. Raises DataFault where it is missing or no UTF-8."""
    try:
        return Source(file, file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataFault(Fault(file, 1, "the file is missing")) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataFault(Fault(file, line, "not valid UTF-8")) from error


def read_text(file: Path) -> str:
    """A text as it stands in its file, byte for byte: its line ends too."""
    with file.open(encoding="utf-8", newline="") as opened:
        return opened.read()


def write_source(file: Path, text: str) -> None:
    """Write a data file whole or not at all, its line ends as they are. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as partial:
            partial.write(text)
        Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def quoted(text: str) -> str:
    """A TOML string: JSON's is one."""
    return json.dumps(text, ensure_ascii=False)


def one_or_many(value: Any) -> tuple[str, ...]:
    """`"a"` or `["a", "b"]`, as people write it, as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def _say(location: tuple[int | str, ...], message: str) -> str:
    path = ".".join(f"{p}" if isinstance(p, str) else f"[{p + 1}]" for p in location)
    return f"{path}: {message[0].lower()}{message[1:]}"
